package io.tidegate.proxy.config;

import static io.tidegate.proxy.config.Applies.AT_ONCE;

import io.tidegate.proxy.config.TidegateConfig.ClusterAnswer;
import io.tidegate.proxy.config.TidegateConfig.StrongReads;
import java.util.List;

/** What becomes of commands: held, parked, read from replicas, loaded, allowed, answered by the proxy itself. */
final class TrafficTable {
    /** Filled by the constants below, in their order; hence declared before them. */
    static final Part PART = new Part();

    static final Setting<Long> HOLD_TIME_MAX = PART.of(
            "hold.time-max",
            AT_ONCE,
            Kinds.duration("0ms", "10m"),
            "15s",
            "A request waits so long for a primary before it is answered `NOPRIMARY`.");

    static final Setting<Integer> HOLD_REQUESTS_MAX = PART.of(
            "hold.requests-max",
            AT_ONCE,
            Kinds.count(0, 16_777_216),
            "65536",
            "Requests that wait, in the whole proxy; a further one is answered `OVERLOADED`.");

    static final Setting<Long> HOLD_BYTES_MAX =
            PART.of("hold.bytes-max", AT_ONCE, Kinds.size("0B", "64GiB"), "256MiB", "Their bytes; likewise.");

    static final Setting<Integer> HOLD_DRAIN_RATE = PART.of(
            "hold.drain-rate",
            AT_ONCE,
            Kinds.count(1, 10_000_000),
            "10000",
            "Requests that waited through a failover and are let go per second and event loop, the oldest first.");

    static final Setting<Boolean> HOLD_DRY_RUN = PART.of(
            "hold.dry-run",
            AT_ONCE,
            Kinds.flag(),
            "false",
            "While there is no primary nothing waits: requests are answered `NOPRIMARY` at once, and it is counted what"
                    + " would have become of them.");

    static final Setting<Long> PARK_TIME_MAX = PART.of(
            "park.time-max",
            AT_ONCE,
            Kinds.duration("0ms", "10m"),
            "5s",
            "A reply waits so long for its evidence. Then a read is asked again, for up to `hold.time-max` in all; anything"
                    + " else becomes `UNCERTAIN`.");

    static final Setting<Integer> PARK_REPLIES_MAX = PART.of(
            "park.replies-max",
            AT_ONCE,
            Kinds.count(0, 16_777_216),
            "65536",
            "Replies that wait, in the whole proxy; beyond that the oldest becomes `UNCERTAIN`.");

    static final Setting<Long> PARK_BYTES_MAX = PART.of(
            "park.bytes-max",
            AT_ONCE,
            Kinds.size("0B", "64GiB"),
            "256MiB",
            "Their bytes; beyond that the client with most of them gets `UNCERTAIN`.");

    static final Setting<Long> MAX_LAG = PART.of(
            "reads.max-lag",
            AT_ONCE,
            Kinds.duration("1ms", "24h"),
            "10s",
            "A replica that is not proven to be within it serves no `eventual` read.");

    static final Setting<Long> SETTLE = PART.of(
            "reads.settle",
            AT_ONCE,
            Kinds.duration("0ms", "1s"),
            "2ms",
            "A `session` read waits so long for a replica to catch up before it goes to the primary.");

    static final Setting<Long> SILENCE_MAX = PART.of(
            "reads.silence-max",
            AT_ONCE,
            Kinds.duration("10ms", "1m"),
            "2s",
            "A replica that has not answered a probe for so long serves nothing.");

    static final Setting<Long> PROBATION = PART.of(
            "reads.probation",
            AT_ONCE,
            Kinds.duration("0ms", "10m"),
            "1s",
            "A replica that was out must be well for so long before it serves again.");

    static final Setting<StrongReads> STRONG = PART.of(
            "reads.strong",
            AT_ONCE,
            Kinds.choice(StrongReads.class),
            "primary",
            "Who serves `strong` reads: `replica` lets one that holds all that had been executed when the request arrived,"
                    + " which is waited for up to `reads.settle`, else the primary.");

    static final Setting<Integer> SPILL_OUTSTANDING = PART.of(
            "reads.spill-outstanding",
            AT_ONCE,
            Kinds.count(0, 1_000_000),
            "64",
            "Commands unanswered by a replica of the own zone from which on other zones serve too.");

    static final Setting<Integer> SPILL_MAX = PART.of(
            "reads.spill-max",
            AT_ONCE,
            Kinds.count(1, 1_048_576),
            "1024",
            "Reads that the primary may have at a time, in the whole proxy, only because no replica is fresh enough;"
                    + " further ones wait as long as `hold.time-max` and are then answered `OVERLOADED`.");

    static final Setting<Long> SCRIPTS_BYTES_MAX = PART.of(
            "scripts.bytes-max",
            AT_ONCE,
            Kinds.size("0B", "1GiB"),
            "16MiB",
            "Sources of scripts that passed are kept up to so many bytes, to be loaded where EVALSHA finds them missing; 0"
                    + " keeps none.");

    static final Setting<Integer> SCRIPTS_COUNT_MAX = PART.of(
            "scripts.count-max",
            AT_ONCE,
            Kinds.count(1, 1_048_576),
            "4096",
            "And up to so many; beyond either those go that are used least.");

    static final Setting<List<String>> COMMANDS_ALLOW = PART.optional(
            "commands.allow",
            AT_ONCE,
            new Kind.Several<>(Kinds.command(), 256),
            "none",
            "Commands to let through although they are refused by default, since they can break the topology;"
                    + " `proxy|fence` lets every client release the fence, `proxy|switchover` change the primary,"
                    + " `proxy|reload` have the configuration read again.");

    static final Setting<ClusterAnswer> CLUSTER_ANSWER = PART.of(
            "cluster.answer",
            AT_ONCE,
            Kinds.choice(ClusterAnswer.class),
            "off",
            "With `on` a client that insists on Redis Cluster finds one: CLUSTER SLOTS and the like name this proxy as the"
                    + " only node, with all slots. The servers need not be a cluster.");

    static final Setting<String> CLUSTER_HOST = PART.optional(
            "cluster.host",
            AT_ONCE,
            Kinds.word(),
            "the address that the client has connected to",
            "Name or IP address under which that node is said to be reached; its port is the listener's.");

    private TrafficTable() {}
}
