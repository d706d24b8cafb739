package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.control.SwitchoverFacts.Trial;
import io.tidegate.proxy.control.SwitchoverPlan.RefusedException;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Who is promoted where there are no sentinels, under which name, who follows, and what speaks against it. */
final class PrimaryMeansTest {
    private static final NodeAddress P = new NodeAddress("p", 1);
    private static final NodeAddress Q = new NodeAddress("q", 2);
    private static final NodeAddress R = new NodeAddress("r", 3);
    private static final NodeAddress Q_THERE = new NodeAddress("10.0.0.2", 2);
    private static final NodeAddress P_THERE = new NodeAddress("10.0.0.1", 1);
    private static final String TAKEN_FAILOVER = "ERR FAILOVER timeout must be greater than 0";
    private static final String TAKEN_REPLICAOF = "ERR Invalid master port";

    private final Map<NodeAddress, Map<String, String>> fields = new LinkedHashMap<>();
    private final Map<NodeAddress, Trial> trials = new HashMap<>();

    PrimaryMeansTest() {
        fields.put(
                P,
                new HashMap<>(Map.of(
                        "role", "master",
                        "redis_version", "7.0.15",
                        "master_replid", "h",
                        "master_repl_offset", "5000",
                        "master_failover_state", "no-failover",
                        "slave0", "ip=10.0.0.2,port=2,state=online,offset=4990,lag=0",
                        "slave1", "ip=r,port=3,state=online,offset=4995,lag=0")));
        fields.put(Q, replica("4990"));
        fields.put(R, replica("4995"));
        trials.put(P, new Trial(P_THERE, TAKEN_FAILOVER, TAKEN_REPLICAOF));
        trials.put(Q, new Trial(Q_THERE, TAKEN_FAILOVER, TAKEN_REPLICAOF));
        trials.put(R, new Trial(null, TAKEN_FAILOVER, "ERR Invalid primary port"));
    }

    private static Map<String, String> replica(String offset) {
        return new HashMap<>(Map.of(
                "role", "slave",
                "master_host", "10.0.0.1",
                "master_port", "1",
                "master_link_status", "up",
                "master_sync_in_progress", "0",
                "master_replid", "h",
                "slave_repl_offset", offset,
                "slave_priority", "100"));
    }

    private SwitchoverPlan plan(@Nullable NodeAddress to) throws RefusedException {
        List<Replica> replicas = List.of(
                new Replica(new Node(1, Q, "run", true), 0, RouteReason.ELIGIBLE),
                new Replica(new Node(2, R, "run", true), 0, RouteReason.ELIGIBLE));
        RoutingTable table = new RoutingTable(1, 7, new Node(0, P, "run", true), WriteGate.OPEN, 0, replicas, false);
        Map<NodeAddress, SwitchoverFacts.Node> said = new HashMap<>();
        fields.forEach((node, words) -> said.put(
                node,
                new SwitchoverFacts.Node(
                        words, words.isEmpty() ? "silent" : null, trials.getOrDefault(node, Trial.NONE))));
        return SwitchoverPlan.of(new SwitchoverFacts(table, said, null), to);
    }

    private static PrimaryMeans means(SwitchoverPlan plan) {
        assertThat(plan.means()).isInstanceOf(PrimaryMeans.class);
        return (PrimaryMeans) plan.means();
    }

    private void says(NodeAddress node, String field, String value) {
        fields.computeIfPresent(node, (same, words) -> {
            words.put(field, value);
            return words;
        });
    }

    private void refused(@Nullable NodeAddress to, String why) {
        assertThatThrownBy(() -> plan(to)).isInstanceOf(RefusedException.class).hasMessageContaining(why);
    }

    @Test
    void theLowestPriorityAndThenWhoHoldsTheMostIsTaken() throws RefusedException {
        assertThat(plan(null).candidates()).containsExactly(R);
        says(Q, "slave_priority", "10");
        assertThat(plan(null).candidates()).containsExactly(Q);
        says(Q, "slave_priority", "0");
        assertThat(plan(null).candidates()).containsExactly(R);
        refused(Q, "is never promoted: its replica-priority is 0");
        says(R, "master_link_status", "down");
        refused(null, "q:2 is never promoted");
    }

    @Test
    void itIsToldByTheNameThatThePrimaryHasForIt() throws RefusedException {
        assertThat(means(plan(Q)).there()).isEqualTo(Q_THERE);
        assertThat(means(plan(R)).there()).isEqualTo(R);
        assertThat(means(plan(R)).followed()).containsOnly(Map.entry(Q, P_THERE), Map.entry(R, P_THERE));
        trials.put(Q, new Trial(null, TAKEN_FAILOVER, TAKEN_REPLICAOF));
        refused(Q, "the primary p:1 names no replica q:2 that is online");
        says(P, "slave1", "ip=r,port=3,state=wait_bgsave,offset=0,lag=0");
        refused(R, "names no replica r:3 that is online");
    }

    @Test
    void whoFollowsSomebodyElseOrIsSilentIsLeftAlone() throws RefusedException {
        trials.put(Q, Trial.NONE);
        says(Q, "master_host", "r");
        assertThat(means(plan(R)).left()).containsExactly("q:2, which follows r:1");
        fields.put(Q, Map.of());
        assertThat(means(plan(R)).left()).containsExactly("q:2, which does not answer");
        assertThat(plan(R).means().words(plan(R))).contains("not made to follow it: q:2, which does not answer");
    }

    @Test
    void whoCannotBeOrderedIsRefused() {
        trials.put(Q, new Trial(Q_THERE, TAKEN_FAILOVER, "ERR unknown command 'REPLICAOF'"));
        refused(R, "replica q:2 does not take REPLICAOF, by which it would follow r:3: ERR unknown command");
        trials.put(P, new Trial(P_THERE, "NOPERM no", TAKEN_REPLICAOF));
        refused(
                null,
                "the primary p:1 does not take FAILOVER, by which it is changed where there are no sentinels: NOPERM");
    }

    @Test
    void whoIsAtItAlreadyIsLeftAtIt() {
        says(P, "master_failover_state", "waiting-for-sync");
        refused(null, "the primary p:1 is at a FAILOVER already: waiting-for-sync");
    }
}
