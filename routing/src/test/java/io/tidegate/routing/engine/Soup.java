package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Events that no real shard would send in this order: each actor answers as it likes, lies, contradicts itself and is
 * lost at random. Whatever comes, the engine's invariants must hold. Links are numbered upwards, instants are honest.
 */
final class Soup {
    static final List<NodeAddress> NODES = List.of(Story.P, Story.Q, Story.R);
    static final List<NodeAddress> SENTINELS = List.of(Story.S1, Story.S2, Story.S3);
    private static final List<String> CHANNELS = List.of(
            "+sdown",
            "-sdown",
            "+odown",
            "+new-epoch",
            "+try-failover",
            "+vote-for-leader",
            "+elected-leader",
            "+promoted-slave",
            "+switch-master",
            "-failover-abort-not-elected",
            "+tilt",
            "+set",
            "+reset-master");

    private final Random random;
    private final Map<NodeAddress, Long> links = new HashMap<>();
    private final Map<NodeAddress, Long> offsets = new HashMap<>();
    private long nowNanos = 1_000 * Story.MS;

    Soup(long seed) {
        random = new Random(seed);
    }

    long nowNanos() {
        return nowNanos;
    }

    Event next() {
        nowNanos += random.nextInt(10) == 0 ? random.nextInt(3_000) * Story.MS : random.nextInt(30) * Story.MS;
        int lot = random.nextInt(100);
        if (lot < 35) {
            return report(pick(SENTINELS));
        }
        if (lot < 42) {
            return message(pick(SENTINELS));
        }
        if (lot < 58) {
            return info(pick(NODES));
        }
        if (lot < 80) {
            return role(pick(NODES));
        }
        if (lot < 83) {
            NodeAddress lost = pick(NODES);
            return new Event.NodeLost(lost, end(lost), "soup");
        }
        if (lot < 85) {
            NodeAddress lost = pick(SENTINELS);
            return new Event.SentinelLost(lost, end(lost), "soup");
        }
        if (lot < 87) {
            return new Event.EvidenceWanted(nowNanos);
        }
        return lot < 88 ? new Event.DataPlaneSuspicion(pick(NODES), random.nextInt(3), "soup") : new Event.Tick();
    }

    private Event report(NodeAddress sentinel) {
        long written = written();
        boolean leads = random.nextInt(12) == 0;
        Set<String> flags = leads
                ? Set.of("master", "failover_in_progress")
                : random.nextInt(8) == 0 ? Set.of("master", "s_down") : Set.of("master");
        SentinelState state = new SentinelState(
                mostly(0, NODES),
                random.nextInt(6) == 0 ? 1 + random.nextInt(2) : 0,
                flags,
                random.nextInt(20) == 0 ? "slave" : "master",
                random.nextInt(3) == 0 ? "" : "run-0",
                2,
                2,
                5_000 * Story.MS,
                Said.FAILOVER_TIMEOUT_MS * Story.MS,
                random.nextInt(1_200) * Story.MS,
                leads ? (random.nextBoolean() ? "wait_start" : "reconf_slaves") : null,
                random.nextInt(6) == 0 ? new SentinelState.Vote("id-" + pick(SENTINELS), random.nextInt(4)) : null,
                random.nextInt(25) == 0,
                "id-" + sentinel,
                NODES,
                SENTINELS);
        return new Event.SentinelReport(sentinel, link(sentinel), written, nowNanos, state);
    }

    private Event message(NodeAddress sentinel) {
        String channel = pick(CHANNELS);
        NodeAddress node = pick(NODES);
        String payload = switch (channel) {
            case "+new-epoch" -> "1";
            case "+vote-for-leader" -> "id-" + pick(SENTINELS) + " " + random.nextInt(4);
            case "+switch-master" -> "mymaster 10.0.0.1 6379 " + node.host() + " 6379";
            case "+promoted-slave" -> "slave " + node + " " + node.host() + " 6379 @ mymaster 10.0.0.1 6379";
            default -> "master mymaster 10.0.0.1 6379";
        };
        return new Event.SentinelMessage(sentinel, link(sentinel), nowNanos, channel, payload);
    }

    private Event info(NodeAddress node) {
        long written = written();
        int index = NODES.indexOf(node);
        boolean primary = random.nextInt(10) == 0 ? random.nextBoolean() : index == 0;
        String history = random.nextInt(10) == 0 ? "h" + random.nextInt(3) : "h0";
        return new Event.NodeInfo(
                node,
                link(node),
                written,
                nowNanos,
                new ReplicationInfo(
                        "run-" + (random.nextInt(30) == 0 ? 9 : index),
                        primary,
                        history,
                        random.nextInt(8) == 0 ? "h" + random.nextInt(3) : null,
                        random.nextInt(2_000),
                        offset(node),
                        primary ? null : mostly(0, NODES),
                        random.nextInt(8) != 0,
                        random.nextInt(20) == 0,
                        random.nextInt(20) == 0,
                        true,
                        primary ? NODES : List.of()));
    }

    private Event role(NodeAddress node) {
        long written = written();
        boolean primary = random.nextInt(12) == 0 ? random.nextBoolean() : NODES.indexOf(node) == 0;
        Role role = primary
                ? new Role.Primary(offset(node))
                : new Role.Replica(
                        mostly(0, NODES),
                        random.nextInt(10) == 0 ? "connect" : "connected",
                        random.nextInt(10) == 0 ? -1 : offset(node));
        return new Event.NodeRole(node, link(node), written, nowNanos, role);
    }

    /** The instant before the query, which the answer follows by up to 50 ms. */
    private long written() {
        long written = nowNanos;
        nowNanos += 1 + random.nextInt(random.nextInt(4) == 0 ? 50_000_000 : 1_000_000);
        return written;
    }

    private long offset(NodeAddress node) {
        int step = random.nextInt(40) == 0 ? -random.nextInt(100) : random.nextInt(60);
        return Math.max(0, offsets.merge(node, (long) step, Long::sum));
    }

    private long link(NodeAddress address) {
        long current = links.computeIfAbsent(address, unused -> 1L);
        return random.nextInt(60) == 0 ? Math.max(1, current - 1) : current;
    }

    /** The number of the current connection, which is the last thing heard of it but for what comes late. */
    private long end(NodeAddress address) {
        return links.merge(address, 2L, (current, unused) -> current + 1) - 1;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private NodeAddress mostly(int index, List<NodeAddress> list) {
        return random.nextInt(10) == 0 ? pick(list) : list.get(index);
    }
}
