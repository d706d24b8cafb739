package io.tidegate.proxy.config;

import io.tidegate.proxy.config.TidegateConfig.ActiveFence;
import io.tidegate.proxy.config.TidegateConfig.Auth;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.ClusterAnswer;
import io.tidegate.proxy.config.TidegateConfig.MetricsBackend;
import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.proxy.config.TidegateConfig.StrongReads;
import io.tidegate.proxy.config.TidegateConfig.TlsClientAuth;
import io.tidegate.proxy.config.TidegateConfig.Transport;
import io.tidegate.proxy.config.TidegateConfig.Verify;
import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one table of all settings: what the reader accepts, what README says, and which environment variable overrides
 * what, all come from here.
 *
 * @param <T> what a value is read into
 */
final class Setting<T> {
    static final int LISTENERS_MAX = 64;
    static final int NODES_MAX = 64;

    /** Filled by the factories below, in the order of the constants; hence declared before them. */
    private static final List<Setting<?>> TABLE = new ArrayList<>();

    static final Setting<BindAddress> LISTENER_ADDRESS =
            required("listeners[].address", Kinds.bindAddress(), "Where clients connect; a port for each level.");
    static final Setting<ReadLevel> LISTENER_CONSISTENCY = of(
            "listeners[].consistency",
            Kinds.level(),
            "session",
            "Level of reads, until a connection asks for another with `PROXY CONSISTENCY`.");
    static final Setting<Causal> LISTENER_CAUSAL = of(
            "listeners[].causal",
            Kinds.choice(Causal.class),
            "connection",
            "Whose acknowledged writes a `session` read must see; for a connection pool `user` or `listener`.");
    static final Setting<Durability> LISTENER_WRITES = of(
            "listeners[].writes",
            Kinds.durability(),
            "acknowledged",
            "Which replicas, of those that may be promoted, must hold a write before it is acknowledged; only `all` is "
                    + "certain to survive the loss of the primary.");
    static final Setting<Long> LISTENER_MAX_LOSS = optional(
            "listeners[].max-loss",
            Kinds.duration("1ms", "1h"),
            "A write is acknowledged once all of them hold everything that is older than this: the most that a failover "
                    + "among them can lose of what was acknowledged.");

    static final Setting<Path> LISTENER_TLS_CERTIFICATE = required(
            "listeners[].tls.certificate",
            Kinds.file(),
            "With it the port speaks TLS (1.2 and 1.3) and nothing else: its certificate, the chain behind it, in PEM."
                    + " Followed: a renewed file is used for new connections within some seconds.");
    static final Setting<Path> LISTENER_TLS_KEY = required(
            "listeners[].tls.key", Kinds.file(), "Its private key in PEM, without a passphrase; followed likewise.");
    static final Setting<Path> LISTENER_TLS_CLIENT_CA = optional(
            "listeners[].tls.client-ca",
            Kinds.file(),
            "Authorities in PEM, one of which must have signed a client's certificate; followed likewise.");
    static final Setting<TlsClientAuth> LISTENER_TLS_CLIENT_AUTH = of(
            "listeners[].tls.client-auth",
            Kinds.choice(TlsClientAuth.class),
            "none",
            "Whether clients are asked for a certificate: `required` lets nobody in without, `optional` nobody with a wrong"
                    + " one.");

    static final Setting<String> SENTINEL_MASTER =
            required("upstream.sentinel.master", Kinds.word(), "The name under which the sentinels watch the primary.");
    static final Setting<List<NodeAddress>> SENTINEL_NODES = required(
            "upstream.sentinel.nodes",
            new Kind.Several<>(Kinds.node(), NODES_MAX),
            "Sentinels to begin with, all of them if possible; others are found through these.");
    static final Setting<String> SENTINEL_USERNAME =
            optional("upstream.sentinel.username", Kinds.word(), "Tidegate's user at the sentinels.");
    static final Setting<Secret> SENTINEL_PASSWORD =
            optional("upstream.sentinel.password", Kinds.secret(), "Its password.");
    static final Setting<Optional<Path>> SENTINEL_TLS_CA = tlsAuthorities("upstream.sentinel");
    static final Setting<Path> SENTINEL_TLS_CERTIFICATE = optional(
            "upstream.sentinel.tls.certificate",
            Kinds.file(),
            "Tidegate's own certificate towards them, its chain behind it, in PEM.");
    static final Setting<Path> SENTINEL_TLS_KEY =
            optional("upstream.sentinel.tls.key", Kinds.file(), "Its private key in PEM, without a passphrase.");
    static final Setting<Verify> SENTINEL_TLS_VERIFY = tlsVerify("upstream.sentinel");
    static final Setting<String> SENTINEL_TLS_SERVER_NAME = tlsServerName("upstream.sentinel");
    static final Setting<List<NodeAddress>> STATIC_NODES = required(
            "upstream.static.nodes",
            new Kind.Several<>(Kinds.node(), NODES_MAX),
            "Every Redis node, instead of `upstream.sentinel`; their roles are found out.");
    static final Setting<Restart> STATIC_RESTART = of(
            "upstream.static.restart",
            Kinds.choice(Restart.class),
            "accept",
            "What a primary is whose process was replaced under its address: `accept` goes on with it and reports what"
                    + " it lost, `fence` stops writes until `PROXY FENCE RELEASE`.");
    static final Setting<String> USERNAME = optional(
            "upstream.username",
            Kinds.word(),
            "Tidegate's user at the Redis nodes, and every client's without `auth`.");
    static final Setting<Secret> PASSWORD = optional("upstream.password", Kinds.secret(), "Its password.");
    static final Setting<Optional<Path>> TLS_CA = tlsAuthorities("upstream");
    static final Setting<Path> TLS_CERTIFICATE = optional(
            "upstream.tls.certificate",
            Kinds.file(),
            "Tidegate's own certificate towards them, its chain behind it, in PEM.");
    static final Setting<Path> TLS_KEY =
            optional("upstream.tls.key", Kinds.file(), "Its private key in PEM, without a passphrase.");
    static final Setting<Verify> TLS_VERIFY = tlsVerify("upstream");
    static final Setting<String> TLS_SERVER_NAME = tlsServerName("upstream");
    static final Setting<Long> CONNECT_TIMEOUT = of(
            "upstream.connect-timeout",
            Kinds.duration("10ms", "1m"),
            "1s",
            "A connection to a node or sentinel that is not usable by then is given up.");
    static final Setting<Long> REPLY_TIMEOUT = of(
            "upstream.reply-timeout",
            Kinds.duration("10ms", "1h"),
            "30s",
            "A node that leaves a command unanswered for so long loses that connection; blocking commands may wait on.");

    static final Setting<Fence> FENCE = optional(
            "fence",
            Kinds.choice(Fence.class),
            "`lease` with sentinels, else `role`",
            "What must be proven before a reply of the primary is passed on: `confirm` that no other was elected, by "
                    + "asking the sentinels after each reply, `lease` the same, mostly in advance, `role` that the node "
                    + "itself says so, `off` nothing.");
    static final Setting<Long> FENCE_MARGIN = of(
            "fence-margin",
            Kinds.duration("0ms", "10s"),
            "20ms",
            "Taken off every lease for clocks that run at different speeds.");
    static final Setting<ActiveFence> ACTIVE_FENCE = of(
            "active-fence",
            Kinds.choice(ActiveFence.class),
            "off",
            "With `on` a replaced primary that says primary again has its writes paused at once and, if its history and"
                    + " the primary's began as one, is made its replica after 15 s. Tidegate's user needs `client|pause`"
                    + " and `replicaof` for it.");

    static final Setting<Auth> AUTH = of(
            "clients.auth",
            Kinds.choice(Auth.class),
            "none",
            "With `none` whoever reaches the port may use it, with `passthrough` Redis' own users and ACLs hold.");
    static final Setting<Boolean> CLIENTS_OPEN = of(
            "clients.open", Kinds.flag(), "false", "Allows `auth: none` on an address that other machines can reach.");
    static final Setting<Integer> CONNECTIONS_MAX = of(
            "clients.connections-max",
            Kinds.count(1, 1_000_000),
            "10000",
            "Client connections at once; a further one is told so and closed.");
    static final Setting<Long> OUTPUT_BUFFER_MAX = of(
            "clients.output-buffer-max",
            Kinds.size("64KiB", "64GiB"),
            "256MiB",
            "Replies kept for one client that does not read them; beyond that it is closed. The rest of a big"
                    + " reply stays with its server, unless a write of another client is behind it.");
    static final Setting<Long> SUBSCRIBER_BUFFER_MAX = of(
            "clients.subscriber-buffer-max",
            Kinds.size("64KiB", "64GiB"),
            "32MiB",
            "Bytes that a subscriber may leave unread when a message comes; beyond that it is closed. Also the largest"
                    + " message.");
    static final Setting<Long> SUBSCRIBER_BUFFER_SOFT_MAX = of(
            "clients.subscriber-buffer-soft-max",
            Kinds.size("64KiB", "64GiB"),
            "8MiB",
            "Bytes that it may leave unread for `subscriber-soft-time`; beyond that it is closed.");
    static final Setting<Long> SUBSCRIBER_SOFT_TIME =
            of("clients.subscriber-soft-time", Kinds.duration("1s", "24h"), "60s", "See `subscriber-buffer-soft-max`.");
    static final Setting<Long> QUERY_BUFFER_MAX = of(
            "clients.query-buffer-max",
            Kinds.size("64KiB", "1GiB"),
            "1GiB",
            "Bytes of one client's requests that are kept, since they are not yet answered; beyond that it is closed.");
    static final Setting<Long> BULK_MAX = of(
            "clients.bulk-max",
            Kinds.size("1KiB", "1GiB"),
            "512MiB",
            "Bytes of one argument; Redis' `proto-max-bulk-len`.");
    static final Setting<Integer> IN_FLIGHT_MAX = of(
            "clients.in-flight-max",
            Kinds.count(1, 1_048_576),
            "1024",
            "Commands of one client sent and unanswered; beyond that it is not read from for a while.");
    static final Setting<Long> HANDSHAKE_TIMEOUT = of(
            "clients.handshake-timeout",
            Kinds.duration("100ms", "10m"),
            "10s",
            "A client at a port with TLS whose handshake is not done by then is closed.");

    static final Setting<Long> HOLD_TIME_MAX = of(
            "hold.time-max",
            Kinds.duration("0ms", "10m"),
            "15s",
            "A request waits so long for a primary before it is answered `NOPRIMARY`.");
    static final Setting<Integer> HOLD_REQUESTS_MAX = of(
            "hold.requests-max",
            Kinds.count(0, 16_777_216),
            "65536",
            "Requests that wait, in the whole proxy; a further one is answered `OVERLOADED`.");
    static final Setting<Long> HOLD_BYTES_MAX =
            of("hold.bytes-max", Kinds.size("0B", "64GiB"), "256MiB", "Their bytes; likewise.");
    static final Setting<Integer> HOLD_DRAIN_RATE = of(
            "hold.drain-rate",
            Kinds.count(1, 10_000_000),
            "10000",
            "Requests that waited through a failover and are let go per second and event loop, the oldest first.");
    static final Setting<Boolean> HOLD_DRY_RUN = of(
            "hold.dry-run",
            Kinds.flag(),
            "false",
            "While there is no primary nothing waits: requests are answered `NOPRIMARY` at once, and it is counted what"
                    + " would have become of them.");
    static final Setting<Long> PARK_TIME_MAX = of(
            "park.time-max",
            Kinds.duration("0ms", "10m"),
            "5s",
            "A reply waits so long for its evidence before it is replaced by `UNCERTAIN`.");
    static final Setting<Integer> PARK_REPLIES_MAX = of(
            "park.replies-max",
            Kinds.count(0, 16_777_216),
            "65536",
            "Replies that wait, in the whole proxy; beyond that the oldest becomes `UNCERTAIN`.");
    static final Setting<Long> PARK_BYTES_MAX = of(
            "park.bytes-max",
            Kinds.size("0B", "64GiB"),
            "256MiB",
            "Their bytes; beyond that the client with most of them gets `UNCERTAIN`.");

    static final Setting<Long> MAX_LAG = of(
            "reads.max-lag",
            Kinds.duration("1ms", "24h"),
            "10s",
            "A replica that is not proven to be within it serves no `eventual` read.");
    static final Setting<Long> SETTLE = of(
            "reads.settle",
            Kinds.duration("0ms", "1s"),
            "2ms",
            "A `session` read waits so long for a replica to catch up before it goes to the primary.");
    static final Setting<Long> SILENCE_MAX = of(
            "reads.silence-max",
            Kinds.duration("10ms", "1m"),
            "2s",
            "A replica that has not answered a probe for so long serves nothing.");
    static final Setting<Long> PROBATION = of(
            "reads.probation",
            Kinds.duration("0ms", "10m"),
            "1s",
            "A replica that was out must be well for so long before it serves again.");
    static final Setting<StrongReads> STRONG = of(
            "reads.strong",
            Kinds.choice(StrongReads.class),
            "primary",
            "Who serves `strong` reads: `replica` lets one that holds all that had been executed when the request arrived,"
                    + " which is waited for up to `reads.settle`, else the primary.");
    static final Setting<Integer> SPILL_OUTSTANDING = of(
            "reads.spill-outstanding",
            Kinds.count(0, 1_000_000),
            "64",
            "Commands unanswered by a replica of the own zone from which on other zones serve too.");
    static final Setting<Integer> SPILL_MAX = of(
            "reads.spill-max",
            Kinds.count(1, 1_048_576),
            "1024",
            "Reads that the primary may have at a time, in the whole proxy, only because no replica is fresh enough;"
                    + " further ones wait as long as `hold.time-max` and are then answered `OVERLOADED`.");

    static final Setting<Long> SCRIPTS_BYTES_MAX = of(
            "scripts.bytes-max",
            Kinds.size("0B", "1GiB"),
            "16MiB",
            "Sources of scripts that passed are kept up to so many bytes, to be loaded where EVALSHA finds them missing; 0"
                    + " keeps none.");
    static final Setting<Integer> SCRIPTS_COUNT_MAX = of(
            "scripts.count-max",
            Kinds.count(1, 1_048_576),
            "4096",
            "And up to so many; beyond either those go that are used least.");

    static final Setting<List<String>> COMMANDS_ALLOW = optional(
            "commands.allow",
            new Kind.Several<>(Kinds.command(), 256),
            "none",
            "Commands to let through although they are refused by default, since they can break the topology;"
                    + " `proxy|fence` lets every client release the fence, `proxy|switchover` change the primary.");

    static final Setting<ClusterAnswer> CLUSTER_ANSWER = of(
            "cluster.answer",
            Kinds.choice(ClusterAnswer.class),
            "off",
            "With `on` a client that insists on Redis Cluster finds one: CLUSTER SLOTS and the like name this proxy as the"
                    + " only node, with all slots. The servers need not be a cluster.");
    static final Setting<String> CLUSTER_HOST = optional(
            "cluster.host",
            Kinds.word(),
            "the address that the client has connected to",
            "Name or IP address under which that node is said to be reached; its port is the listener's.");

    static final Setting<BindAddress> SENTINEL_PORT_ADDRESS = required(
            "sentinel-port.address",
            Kinds.bindAddress(),
            "Where clients that look for the primary by asking a sentinel find one that names this proxy.");
    static final Setting<String> SENTINEL_PORT_MASTER = optional(
            "sentinel-port.master",
            Kinds.word(),
            "`upstream.sentinel.master`, else `mymaster`",
            "The name that they ask for.");
    static final Setting<List<NodeAddress>> SENTINEL_PORT_ANNOUNCE = optional(
            "sentinel-port.announce",
            new Kind.Several<>(Kinds.node(), NODES_MAX),
            "the first listener, where the client has connected to",
            "Where they are sent: the first is called the primary, the others its replicas, such as a listener of level"
                    + " `eventual`.");
    static final Setting<Boolean> SENTINEL_PORT_OPEN = of(
            "sentinel-port.open",
            Kinds.flag(),
            "false",
            "Allows an address that other machines can reach; it asks for no password and tells those addresses.");

    static final Setting<String> ZONE = optional(
            "zone", Kinds.word(), "none", "The zone this proxy runs in; replicas of the same zone are preferred.");
    static final Setting<Map<NodeAddress, String>> ZONES =
            optional("zones", new Kind.Pairs<>(Kinds.node(), Kinds.word(), 256), "none", "The zone of each node.");

    static final Setting<Long> DRAIN_DELAY = of(
            "drain.delay",
            Kinds.duration("0ms", "1h"),
            "0ms",
            "After SIGTERM `/readyz` says no at once, and clients are served as before for so long: time for a load"
                    + " balancer to look elsewhere.");
    static final Setting<Long> DRAIN_TIME_MAX = of(
            "drain.time-max",
            Kinds.duration("0ms", "1h"),
            "10s",
            "Then nobody is let in any more, and clients have so long to end what they began: a transaction, a command"
                    + " that blocks.");
    static final Setting<Boolean> REUSE_PORT = of(
            "reuse-port",
            Kinds.flag(),
            "false",
            "Lets another proxy of the same user listen on the same ports (`SO_REUSEPORT`), as a new one does while the"
                    + " old one drains.");

    static final Setting<Integer> EVENT_LOOPS =
            of("event-loops", Kinds.count(0, 1024), "0", "Threads that serve clients; 0 = one per core.");
    static final Setting<Transport> TRANSPORT = of(
            "transport",
            Kinds.choice(Transport.class),
            "auto",
            "How they do I/O; `auto` takes epoll where it works, else the next that does.");

    static final Setting<BindAddress> ADMIN_ADDRESS = optional(
            "admin.address",
            Kinds.bindAddress(),
            "none",
            "HTTP port of the console (`/`), `/livez`, `/readyz`, `/availability`, `/metrics` and `/topology`; without it there"
                    + " is none.");
    static final Setting<Boolean> ADMIN_OPEN = of(
            "admin.open",
            Kinds.flag(),
            "false",
            "Allows an admin address that other machines can reach; it asks for no password and shows no secret.");
    static final Setting<Ready> ADMIN_READY = of(
            "admin.ready",
            Kinds.choice(Ready.class),
            "once",
            "When `/readyz` says ready: `once` a primary was found, and from then on, so that no failover takes a proxy out"
                    + " of service; `primary` while writes can be sent, or have been shut off for less than"
                    + " `hold.time-max`; `any` while that holds, or a replica may serve reads.");

    static final Setting<MetricsBackend> METRICS_BACKEND = of(
            "metrics.backend",
            Kinds.choice(MetricsBackend.class),
            "on",
            "Shows in `/metrics` what each Redis node says of itself, under the names of redis_exporter; while somebody"
                    + " scrapes, a node is asked `INFO` every 5 s.");

    /** Every setting, in the order in which README shows them. */
    static final List<Setting<?>> ALL = List.copyOf(TABLE);

    private final String path;
    private final Kind<T> kind;
    private final boolean required;
    private final @Nullable String standard;
    private final String shownStandard;
    private final String meaning;

    private Setting(
            String path,
            Kind<T> kind,
            boolean required,
            @Nullable String standard,
            String shownStandard,
            String meaning) {
        this.path = path;
        this.kind = kind;
        this.required = required;
        this.standard = standard;
        this.shownStandard = shownStandard;
        this.meaning = meaning;
        TABLE.add(this);
    }

    private static <T> Setting<T> required(String path, Kind<T> kind, String meaning) {
        return new Setting<>(path, kind, true, null, "required", meaning);
    }

    private static <T> Setting<T> optional(String path, Kind<T> kind, String meaning) {
        return optional(path, kind, "none", meaning);
    }

    private static <T> Setting<T> optional(String path, Kind<T> kind, String shownStandard, String meaning) {
        return new Setting<>(path, kind, false, null, shownStandard, meaning);
    }

    private static <T> Setting<T> of(String path, Kind<T> kind, String standard, String meaning) {
        return new Setting<>(path, kind, false, standard, "`" + standard + "`", meaning);
    }

    private static Setting<Optional<Path>> tlsAuthorities(String servers) {
        return required(
                servers + ".tls.ca",
                Kinds.authorities(),
                "With it they are spoken to by TLS: the authorities, in PEM, one of which must have signed their"
                        + " certificates; `system` means those that the JVM trusts. Followed, as are the files below.");
    }

    private static Setting<Verify> tlsVerify(String servers) {
        return of(
                servers + ".tls.verify",
                Kinds.choice(Verify.class),
                "full",
                "With `full` their certificates must also name the host that is connected to (an address, where sentinels"
                        + " name addresses), or `server-name`; with `ca` not.");
    }

    private static Setting<String> tlsServerName(String servers) {
        return optional(
                servers + ".tls.server-name",
                Kinds.word(),
                "the host that is connected to",
                "Whom all their certificates must name, and who is asked for (SNI).");
    }

    /** Keys from the root, joined by dots; {@code []} behind a key stands for each entry of a list. */
    String path() {
        return path;
    }

    Kind<T> kind() {
        return kind;
    }

    /** Whether it must be there if the map that it belongs to is. */
    boolean required() {
        return required;
    }

    /** The default as one would write it; null if there is none. */
    @Nullable String standard() {
        return standard;
    }

    /** The default in words. */
    String shownStandard() {
        return shownStandard;
    }

    /** What it does, as README says it. */
    String meaning() {
        return meaning;
    }

    /**
     * The environment variable that overrides it: {@code TIDEGATE_} and the path, in capitals, with {@code _} for
     * everything else; where the path has {@code []}, {@code _} and the index.
     */
    String variable(int index) {
        return "TIDEGATE_"
                + path.replace("[]", "_" + index).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }
}
