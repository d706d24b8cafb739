package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold for every table, recomputed from the events alone and as simply as possible: each rule is an upper bound
 * of what the engine may claim. Three sentinels with quorum 2, so two of them confirm and two make a lease.
 */
final class Oracle {
    private final long seed;
    private final boolean sentinels;

    private final Map<Long, NodeAddress> primaryByEpoch = new HashMap<>();
    private final List<Event.SentinelReport> reports = new ArrayList<>();
    private final Map<NodeAddress, Event.SentinelReport> lastReport = new HashMap<>();
    private final List<Announcement> announcements = new ArrayList<>();
    private final Map<NodeAddress, NodeAddress> announced = new HashMap<>();
    private final Map<NodeAddress, Long> opposedSince = new HashMap<>();
    private final Map<NodeAddress, Event.NodeInfo> lastInfo = new HashMap<>();
    private final Map<NodeAddress, Boolean> saysPrimary = new HashMap<>();
    private final Map<NodeAddress, Long> mostApplied = new HashMap<>();
    private final Map<NodeAddress, Long> links = new HashMap<>();
    private final Map<NodeAddress, Boolean> lost = new HashMap<>();
    private final List<Event.NodeInfo> primaryInfos = new ArrayList<>();
    private final List<Event.NodeRole> primaryRoles = new ArrayList<>();
    private long mostEvidence = Instants.UNKNOWN;

    private int adopted;
    private int evident;
    private int fresh;

    /** A sentinel turned to this node, some time after its last report of another was asked for. */
    private record Announcement(NodeAddress sentinel, NodeAddress node, long epochBefore, long askedNanos) {}

    Oracle(long seed, boolean sentinels) {
        this.seed = seed;
        this.sentinels = sentinels;
    }

    int adopted() {
        return adopted;
    }

    int evident() {
        return evident;
    }

    int fresh() {
        return fresh;
    }

    void hear(Event event) {
        if (event instanceof Event.SentinelReport report) {
            hear(report);
        } else if (event instanceof Event.SentinelMessage message && current(message.sentinel(), message.link())) {
            if (Set.of("+try-failover", "+elected-leader").contains(message.channel())) {
                opposedSince.put(message.sentinel(), message.readNanos());
            }
            hearSwitch(message);
        } else if (event instanceof Event.SentinelLost gone) {
            lose(gone.sentinel(), gone.link());
        } else if (event instanceof Event.NodeInfo info && current(info.node(), info.link())) {
            lastInfo.put(info.node(), info);
            saysPrimary.put(info.node(), info.info().primary());
            primaryInfos.add(info);
            mostApplied.merge(info.node(), info.info().offset(), Math::max);
        } else if (event instanceof Event.NodeRole role && current(role.node(), role.link())) {
            hear(role);
        } else if (event instanceof Event.NodeLost gone) {
            lose(gone.node(), gone.link());
        }
    }

    private void hear(Event.SentinelReport report) {
        if (!current(report.sentinel(), report.link())) {
            return;
        }
        reports.add(report);
        lastReport.put(report.sentinel(), report);
        announced.remove(report.sentinel());
        Long opposed = opposedSince.get(report.sentinel());
        if (opposed != null && report.writtenNanos() >= opposed) {
            opposedSince.remove(report.sentinel());
        }
    }

    private void hearSwitch(Event.SentinelMessage message) {
        NodeAddress node =
                SentinelMessage.parse(message.channel(), message.payload()).node();
        Event.SentinelReport last = lastReport.get(message.sentinel());
        if (message.channel().equals("+switch-master") && node != null && last != null) {
            announced.put(message.sentinel(), node);
            announcements.add(
                    new Announcement(message.sentinel(), node, last.state().configEpoch(), last.writtenNanos()));
        }
    }

    private void hear(Event.NodeRole event) {
        boolean primary = event.role() instanceof Role.Primary;
        saysPrimary.put(event.node(), primary);
        if (primary) {
            primaryRoles.add(event);
        } else if (event.role() instanceof Role.Replica replica) {
            mostApplied.merge(event.node(), replica.offset(), Math::max);
        }
    }

    private boolean current(NodeAddress address, long link) {
        long known = links.getOrDefault(address, -1L);
        if (link < known || (link == known && lost.getOrDefault(address, false))) {
            return false;
        }
        if (link > known) {
            forget(address, link);
            lost.put(address, false);
        }
        return true;
    }

    private void lose(NodeAddress address, long link) {
        if (link >= links.getOrDefault(address, -1L)) {
            forget(address, link);
            lost.put(address, true);
        }
    }

    private void forget(NodeAddress address, long link) {
        links.put(address, link);
        lastReport.remove(address);
        announced.remove(address);
        lastInfo.remove(address);
        saysPrimary.remove(address);
        mostApplied.remove(address);
    }

    void check(RoutingTable before, RoutingTable after, List<Action> actions) {
        String where = "seed " + seed + ", table " + after.generation();
        assertThat(after.epoch()).as("I1 EpochMonotonic, %s", where).isGreaterThanOrEqualTo(before.epoch());
        assertThat(actions.stream().filter(Action.Publish.class::isInstance).count())
                .as("one table a step, %s", where)
                .isEqualTo(after.equals(before) ? 0 : 1);
        assertThat(after.generation()).as(where).isEqualTo(before.generation() + (after.equals(before) ? 0 : 1));
        RoutingTable.Node primary = after.primary();
        if (primary == null) {
            assertThat(after.writes().open())
                    .as("no gate without a primary, %s", where)
                    .isFalse();
            assertThat(after.evidenceNanos())
                    .as("no evidence without a claim, %s", where)
                    .isEqualTo(Instants.UNKNOWN);
            return;
        }
        NodeAddress used = primaryByEpoch.putIfAbsent(after.epoch(), primary.address());
        assertThat(primary.address())
                .as("I2 OneClaimUsedPerEpoch, %s", where)
                .isEqualTo(used == null ? primary.address() : used);
        if (after.epoch() != before.epoch()) {
            checkAdoption(after, primary.address(), where);
        }
        if (sentinels) {
            checkGate(after, where);
            checkEvidence(after, primary.address(), where);
        }
        mostEvidence = Math.max(mostEvidence, after.evidenceNanos());
        after.replicas().forEach(replica -> checkReplica(after, replica, where));
    }

    private void checkAdoption(RoutingTable table, NodeAddress primary, String where) {
        adopted++;
        mostEvidence = Instants.UNKNOWN;
        assertThat(saysPrimary.get(primary))
                .as("the node's own word, %s", where)
                .isEqualTo(true);
        assertThat(lastInfo).as("the node's own INFO, %s", where).containsKey(primary);
        if (sentinels) {
            long naming = lastReport.values().stream()
                    .filter(report -> names(report.state(), primary, table.epoch())
                            || primary.equals(announced.get(report.sentinel())))
                    .count();
            assertThat(naming).as("a majority names the claim, %s", where).isGreaterThanOrEqualTo(2);
        }
    }

    private void checkGate(RoutingTable table, String where) {
        if (table.writes().open()) {
            assertThat(opposedSince)
                    .as("no failover heard and not denied since, %s", where)
                    .isEmpty();
            for (Event.SentinelReport report : lastReport.values()) {
                assertThat(report.state().configEpoch())
                        .as("no higher epoch is named, %s", where)
                        .isLessThanOrEqualTo(table.epoch());
            }
        }
    }

    private void checkEvidence(RoutingTable table, NodeAddress primary, String where) {
        Map<NodeAddress, Long> supported = new HashMap<>();
        Map<NodeAddress, Long> leased = new HashMap<>();
        for (Event.SentinelReport report : reports) {
            if (names(report.state(), primary, table.epoch())) {
                supported.merge(report.sentinel(), report.writtenNanos(), Math::max);
                long alive = report.writtenNanos() - report.state().lastOkPingReplyNanos();
                leased.merge(report.sentinel(), alive + report.state().downAfterNanos(), Math::max);
            }
        }
        for (Announcement it : announcements) {
            if (it.node().equals(primary) && it.epochBefore() < table.epoch()) {
                supported.merge(it.sentinel(), it.askedNanos(), Math::max);
            }
        }
        assertThat(table.evidenceNanos())
                .as("evidence is what two sentinels prove, %s", where)
                .isLessThanOrEqualTo(Math.max(second(supported), second(leased)));
        evident += table.evidenceNanos() == Instants.UNKNOWN ? 0 : 1;
    }

    private static boolean names(SentinelState state, NodeAddress primary, long epoch) {
        return primary.equals(state.primary())
                && state.configEpoch() == epoch
                && state.roleReported().equals("master")
                && (!state.flags().contains("failover_in_progress") || "reconf_slaves".equals(state.failoverState()));
    }

    private static long second(Map<NodeAddress, Long> instants) {
        return instants.values().stream()
                .sorted(Comparator.reverseOrder())
                .skip(1)
                .findFirst()
                .orElse(Instants.UNKNOWN);
    }

    private void checkReplica(RoutingTable table, RoutingTable.Replica replica, String where) {
        NodeAddress address = replica.node().address();
        Event.NodeInfo info = lastInfo.get(address);
        if (replica.health() == RouteReason.ELIGIBLE) {
            assertThat(info).as("I7: none serves unasked, %s", where).isNotNull();
            assertThat(saysPrimary.get(address))
                    .as("I7: no primary serves as replica, %s", where)
                    .isEqualTo(false);
            assertThat(table.primaryLost() || replica.asOfNanos() != Instants.UNKNOWN)
                    .as("I7: unknown is never fresh, %s", where)
                    .isTrue();
        }
        if (replica.asOfNanos() == Instants.UNKNOWN) {
            return;
        }
        fresh++;
        long applied = mostApplied.getOrDefault(address, -1L);
        assertThat(primaryInfos.stream()
                                .anyMatch(sample -> proves(table.primary(), sample.node(), sample.readNanos())
                                        && sample.writtenNanos() == replica.asOfNanos()
                                        && sample.info().primary()
                                        && sample.info().offset() <= applied)
                        || primaryRoles.stream()
                                .anyMatch(sample -> proves(table.primary(), sample.node(), sample.readNanos())
                                        && sample.writtenNanos() == replica.asOfNanos()
                                        && sample.role() instanceof Role.Primary role
                                        && role.offset() <= applied))
                .as("I7, I11: as-of of %s is a proven sample that it has reached, %s", address, where)
                .isTrue();
    }

    /** A sample counts if it is the claimed primary's and evidence has reached its reading. */
    private boolean proves(RoutingTable.@Nullable Node primary, NodeAddress sampled, long readNanos) {
        return primary != null && primary.address().equals(sampled) && readNanos <= mostEvidence;
    }
}
