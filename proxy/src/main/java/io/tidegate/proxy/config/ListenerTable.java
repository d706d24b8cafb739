package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.AT_ONCE;
import static io.tidegate.proxy.config.Applies.NEW_CONNECTIONS;

import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.ProxyProtocol;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import java.util.List;

/** Where clients come in, and what each port promises them. */
final class ListenerTable {
    /** Filled by the constants below, in their order; hence declared before them. */
    static final Part PART = new Part();

    static final Setting<BindAddress> ADDRESS = PART.required(
            "listeners[].address", AT_ONCE, Kinds.bindAddress(), "Where clients connect; a port for each level.");

    static final Setting<ReadLevel> CONSISTENCY = PART.of(
            "listeners[].consistency",
            NEW_CONNECTIONS,
            Kinds.level(),
            "session",
            "Level of reads, until a connection asks for another with `PROXY CONSISTENCY`.");

    static final Setting<Causal> CAUSAL = PART.of(
            "listeners[].causal",
            NEW_CONNECTIONS,
            Kinds.choice(Causal.class),
            "connection",
            "Whose acknowledged writes a `session` read must see; for a connection pool `user` or `listener`.");

    static final Setting<Durability> WRITES = PART.of(
            "listeners[].writes",
            NEW_CONNECTIONS,
            Kinds.durability(),
            "acknowledged",
            "Which replicas, of those that may be promoted, must hold a write before it is acknowledged; only `all` is "
                    + "certain to survive the loss of the primary.");

    static final Setting<Long> MAX_LOSS = PART.optional(
            "listeners[].max-loss",
            NEW_CONNECTIONS,
            Kinds.duration("1ms", "1h"),
            "A write is acknowledged once all of them hold everything that is older than this: the most that a failover "
                    + "among them can lose of what was acknowledged.");

    static final Setting<List<String>> USERS = PART.optional(
            "listeners[].users",
            NEW_CONNECTIONS,
            new Kind.Several<>(Kinds.word(), 256),
            "all of them",
            "Which of Redis' users may come in here, with `clients.auth: passthrough`; others are answered `WRONGPASS`, whatever"
                    + " their password. Who has not said who he is counts as `default`.");

    static final Setting<Boolean> READ_ONLY = PART.of(
            "listeners[].read-only",
            NEW_CONNECTIONS,
            Kinds.flag(),
            "false",
            "Whatever may change data is answered with Redis' own `READONLY`, as by a replica: writes, scripts that do not say"
                    + " `flags=no-writes`, FCALL (not FCALL_RO), what a module does not flag as a read, what nobody knows.");

    static final Setting<List<String>> ALLOW = PART.optional(
            "listeners[].allow",
            NEW_CONNECTIONS,
            new Kind.Several<>(Kinds.command(), 256),
            "none",
            "Commands to let through here, beside those of `commands.allow`.");

    static final Setting<List<String>> DENY = PART.optional(
            "listeners[].deny",
            NEW_CONNECTIONS,
            new Kind.Several<>(Kinds.command(), 256),
            "none",
            "Commands that are answered with an error here, whatever allows them elsewhere; `config` stands for all of its"
                    + " subcommands.");

    static final Setting<ProxyProtocol> PROXY_PROTOCOL = PART.of(
            "listeners[].proxy-protocol",
            NEW_CONNECTIONS,
            Kinds.choice(ProxyProtocol.class),
            "off",
            "With `required` a load balancer has to say at the beginning of each connection whose it is (PROXY protocol, 1 or"
                    + " 2, before TLS if there is any). Whoever reaches such a port can claim to be anybody: only the balancer"
                    + " must.");

    static final ServerTlsGroup TLS = ServerTlsGroup.of(PART, "listeners[]");

    private ListenerTable() {}

    /**
     * Whether all who reach it were let in on purpose: nobody but this machine does, certificates are asked for, or the
     * operator says so. Then it may go without authentication. So it is where that cannot be known, as a mistake tells already.
     */
    static boolean open(Values values, int index) {
        BindAddress address = values.known(ADDRESS, index);
        return address == null
                || address.loopback()
                || TLS.certified(values, index)
                || !Boolean.FALSE.equals(values.known(ClientTable.CLIENTS_OPEN));
    }
}
