package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.AT_ONCE;
import static io.tidegate.proxy.config.Applies.NEW_CONNECTIONS;
import static io.tidegate.proxy.config.Applies.RESTART;

import io.tidegate.proxy.config.TidegateConfig.ActiveFence;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import java.util.List;

/** The servers: where they are, how they are spoken to, and what must be proven of the primary. */
final class UpstreamTable {
    /** Filled by the constants below, in their order; hence declared before them. */
    static final Part PART = new Part();

    static final Setting<String> SENTINEL_MASTER = PART.required(
            "upstream.sentinel.master", RESTART, Kinds.word(), "The name under which the sentinels watch the primary.");

    static final Setting<List<NodeAddress>> SENTINEL_NODES = PART.required(
            "upstream.sentinel.nodes",
            RESTART,
            new Kind.Several<>(Kinds.node(), SettingTable.NODES_MAX),
            "Sentinels to begin with, all of them if possible; others are found through these.");

    static final Setting<String> SENTINEL_USERNAME = PART.optional(
            "upstream.sentinel.username", NEW_CONNECTIONS, Kinds.word(), "Tidegate's user at the sentinels.");

    static final Setting<Secret> SENTINEL_PASSWORD =
            PART.optional("upstream.sentinel.password", NEW_CONNECTIONS, Kinds.secret(), "Its password.");

    static final TlsGroup SENTINEL_TLS = TlsGroup.of(PART, "upstream.sentinel");

    static final Setting<List<NodeAddress>> STATIC_NODES = PART.required(
            "upstream.static.nodes",
            RESTART,
            new Kind.Several<>(Kinds.node(), SettingTable.NODES_MAX),
            "Every Redis node, instead of `upstream.sentinel`; their roles are found out.");

    static final Setting<Restart> STATIC_RESTART = PART.of(
            "upstream.static.restart",
            RESTART,
            Kinds.choice(Restart.class),
            "accept",
            "What a primary is whose process was replaced under its address: `accept` goes on with it and reports what"
                    + " it lost, `fence` stops writes until `PROXY FENCE RELEASE`.");

    static final Setting<String> USERNAME = PART.optional(
            "upstream.username",
            NEW_CONNECTIONS,
            Kinds.word(),
            "Tidegate's user at the Redis nodes, and every client's without `auth`.");

    static final Setting<Secret> PASSWORD =
            PART.optional("upstream.password", NEW_CONNECTIONS, Kinds.secret(), "Its password.");

    static final TlsGroup TLS = TlsGroup.of(PART, "upstream");

    static final Setting<Long> CONNECT_TIMEOUT = PART.of(
            "upstream.connect-timeout",
            NEW_CONNECTIONS,
            Kinds.duration("10ms", "1m"),
            "1s",
            "A connection to a node or sentinel that is not usable by then is given up.");

    static final Setting<Long> REPLY_TIMEOUT = PART.of(
            "upstream.reply-timeout",
            AT_ONCE,
            Kinds.duration("10ms", "1h"),
            "30s",
            "A node that leaves a command unanswered for so long loses that connection; blocking commands may wait on.");

    static final Setting<Fence> FENCE = PART.optional(
            "fence",
            RESTART,
            Kinds.choice(Fence.class),
            "`lease` with sentinels, else `role`",
            "What must be proven before a reply of the primary is passed on: `confirm` that no other was elected, by "
                    + "asking the sentinels after each reply, `lease` the same, mostly in advance, `role` that the node "
                    + "itself says so, `off` nothing.");

    static final Setting<Long> FENCE_MARGIN = PART.of(
            "fence-margin",
            RESTART,
            Kinds.duration("0ms", "10s"),
            "20ms",
            "Taken off every lease for clocks that run at different speeds.");

    static final Setting<ActiveFence> ACTIVE_FENCE = PART.of(
            "active-fence",
            RESTART,
            Kinds.choice(ActiveFence.class),
            "off",
            "With `on` a replaced primary that says primary again has its writes paused at once and, if its history and"
                    + " the primary's began as one, is made its replica after 15 s. Tidegate's user needs `client|pause`"
                    + " and `replicaof` for it.");

    private UpstreamTable() {}
}
