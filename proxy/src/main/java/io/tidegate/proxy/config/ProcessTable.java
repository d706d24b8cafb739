package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.AT_ONCE;
import static io.tidegate.proxy.config.Applies.RESTART;

import io.tidegate.proxy.config.TidegateConfig.LogFormat;
import io.tidegate.proxy.config.TidegateConfig.LogLevel;
import io.tidegate.proxy.config.TidegateConfig.MetricsBackend;
import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.proxy.config.TidegateConfig.Transport;
import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.Map;

/** The process: its other ports, where it runs, how it starts and ends, and what it shows. */
final class ProcessTable {
    /** Filled by the constants below, in their order; hence declared before them. */
    static final Part PART = new Part();

    static final Setting<BindAddress> SENTINEL_PORT_ADDRESS = PART.required(
            "sentinel-port.address",
            RESTART,
            Kinds.bindAddress(),
            "Where clients that look for the primary by asking a sentinel find one that names this proxy.");

    static final Setting<String> SENTINEL_PORT_MASTER = PART.optional(
            "sentinel-port.master",
            RESTART,
            Kinds.word(),
            "`upstream.sentinel.master`, else `mymaster`",
            "The name that they ask for.");

    static final Setting<List<NodeAddress>> SENTINEL_PORT_ANNOUNCE = PART.optional(
            "sentinel-port.announce",
            RESTART,
            new Kind.Several<>(Kinds.node(), SettingTable.NODES_MAX),
            "the first listener, where the client has connected to",
            "Where they are sent: the first is called the primary, the others its replicas, such as a listener of level"
                    + " `eventual`.");

    static final Setting<Boolean> SENTINEL_PORT_OPEN = PART.of(
            "sentinel-port.open",
            RESTART,
            Kinds.flag(),
            "false",
            "Allows an address that other machines can reach; it asks for no password and tells those addresses.");

    static final ServerTlsGroup SENTINEL_PORT_TLS = ServerTlsGroup.of(PART, "sentinel-port");

    static final Setting<String> ZONE = PART.optional(
            "zone",
            RESTART,
            Kinds.word(),
            "none",
            "The zone this proxy runs in; replicas of the same zone are preferred.");

    static final Setting<Map<NodeAddress, String>> ZONES = PART.optional(
            "zones", RESTART, new Kind.Pairs<>(Kinds.node(), Kinds.word(), 256), "none", "The zone of each node.");

    static final Setting<Long> DRAIN_DELAY = PART.of(
            "drain.delay",
            AT_ONCE,
            Kinds.duration("0ms", "1h"),
            "0ms",
            "After SIGTERM `/readyz` says no at once, and clients are served as before for so long: time for a load"
                    + " balancer to look elsewhere.");

    static final Setting<Long> DRAIN_TIME_MAX = PART.of(
            "drain.time-max",
            AT_ONCE,
            Kinds.duration("0ms", "1h"),
            "10s",
            "Then nobody is let in any more, and clients have so long to end what they began: a transaction, a command"
                    + " that blocks.");

    static final Setting<Boolean> REUSE_PORT = PART.of(
            "reuse-port",
            RESTART,
            Kinds.flag(),
            "false",
            "Lets another proxy of the same user listen on the same ports (`SO_REUSEPORT`), as a new one does while the"
                    + " old one drains. One that drains then leaves the admin port at once, so that `/readyz` is the new one's.");

    static final Setting<Integer> EVENT_LOOPS =
            PART.of("event-loops", RESTART, Kinds.count(0, 1024), "0", "Threads that serve clients; 0 = one per core.");

    static final Setting<Transport> TRANSPORT = PART.of(
            "transport",
            RESTART,
            Kinds.choice(Transport.class),
            "auto",
            "How they do I/O; `auto` takes epoll where it works, else the next that does.");

    static final Setting<BindAddress> ADMIN_ADDRESS = PART.optional(
            "admin.address",
            RESTART,
            Kinds.bindAddress(),
            "none",
            "HTTP port of the console (`/`), `/livez`, `/readyz`, `/availability`, `/metrics` and `/topology`; without it there"
                    + " is none.");

    static final Setting<Boolean> ADMIN_OPEN = PART.of(
            "admin.open",
            RESTART,
            Kinds.flag(),
            "false",
            "Allows an admin address that other machines can reach; it asks for no password and shows no secret.");

    static final Setting<Secret> ADMIN_TOKEN = PART.optional(
            "admin.token",
            AT_ONCE,
            Kinds.secret(),
            "Of 16 characters at least. Whoever brings it to the admin port may act (switchover, release of the fence, drain)"
                    + " and is shown keys; without one nobody may.");

    static final ServerTlsGroup ADMIN_TLS = ServerTlsGroup.of(PART, "admin");

    static final Setting<Ready> ADMIN_READY = PART.of(
            "admin.ready",
            AT_ONCE,
            Kinds.choice(Ready.class),
            "once",
            "When `/readyz` says ready: `once` a primary was found, and from then on, so that no failover takes a proxy out"
                    + " of service; `primary` while writes can be sent, or have been shut off for less than"
                    + " `hold.time-max`; `any` while that holds, or a replica may serve reads.");

    static final Setting<Long> SLOWLOG_SLOWER_THAN = PART.of(
            "slowlog.slower-than",
            AT_ONCE,
            Kinds.duration("0ms", "1h"),
            "10ms",
            "A command whose reply went out so long after it had come is in `PROXY SLOWLOG`, however that time was spent.");

    static final Setting<Integer> SLOWLOG_ENTRIES_MAX = PART.of(
            "slowlog.entries-max",
            AT_ONCE,
            Kinds.count(0, 65_536),
            "128",
            "The latest so many are kept; 0 keeps none.");

    static final Setting<Integer> HOTKEYS_SAMPLE_EVERY = PART.of(
            "hotkeys.sample-every",
            AT_ONCE,
            Kinds.count(0, 1_000_000),
            "64",
            "The keys of one command in so many are counted, for `PROXY HOTKEYS`; 0 counts none.");

    static final Setting<LogFormat> LOG_FORMAT = PART.of(
            "log.format",
            AT_ONCE,
            Kinds.choice(LogFormat.class),
            "text",
            "The log, on standard error: `json` writes an object a line, with what happened, epoch, node and reason of each"
                    + " change of the shard's state as members of their own.");

    static final Setting<LogLevel> LOG_LEVEL = PART.of(
            "log.level", AT_ONCE, Kinds.choice(LogLevel.class), "info", "From which level on; `off` writes none.");

    static final Setting<MetricsBackend> METRICS_BACKEND = PART.of(
            "metrics.backend",
            AT_ONCE,
            Kinds.choice(MetricsBackend.class),
            "on",
            "Shows in `/metrics` what each Redis node says of itself, under the names of redis_exporter; while somebody"
                    + " scrapes, a node is asked `INFO` every 5 s.");

    private ProcessTable() {}
}
