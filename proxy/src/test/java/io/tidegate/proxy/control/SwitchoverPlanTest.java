package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.control.SentinelMeans.Steering;
import io.tidegate.proxy.control.SwitchoverPlan.RefusedException;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All that speaks against a switchover, each alone; and whom it may end with if nothing does. */
final class SwitchoverPlanTest {
    private static final NodeAddress P = new NodeAddress("p", 1);
    private static final NodeAddress Q = new NodeAddress("q", 2);
    private static final NodeAddress R = new NodeAddress("r", 3);
    private static final NodeAddress S = new NodeAddress("s", 4);
    private static final String HISTORY = "f".repeat(40);

    /** What nodes say, by address and field. */
    private final Map<NodeAddress, Map<String, String>> nodes = new LinkedHashMap<>();

    private final Map<NodeAddress, String> failures = new HashMap<>();
    private final Map<NodeAddress, RouteReason> health = new HashMap<>();
    private final Map<String, String> named =
            new HashMap<>(Map.of("ip", "p", "port", "1", "flags", "master", "down-after-milliseconds", "5000"));
    private final Map<NodeAddress, Map<String, String>> listed = new LinkedHashMap<>();
    private WriteGate gate = WriteGate.OPEN;
    private @Nullable String quorum;
    private @Nullable String silence;

    SwitchoverPlanTest() {
        nodes.put(
                P,
                new HashMap<>(Map.of(
                        "role", "master",
                        "redis_version", "7.0.15",
                        "master_replid", HISTORY,
                        "master_repl_offset", "5000")));
        for (NodeAddress replica : List.of(Q, R)) {
            nodes.put(
                    replica,
                    new HashMap<>(Map.of(
                            "role", "slave",
                            "master_host", "p",
                            "master_port", "1",
                            "master_link_status", "up",
                            "master_sync_in_progress", "0",
                            "master_replid", HISTORY,
                            "slave_repl_offset", "4990",
                            "slave_priority", "100")));
            listed.put(
                    replica,
                    new HashMap<>(Map.of(
                            "ip",
                            replica.host(),
                            "port",
                            Integer.toString(replica.port()),
                            "flags",
                            "slave",
                            "slave-priority",
                            "100")));
        }
    }

    private SwitchoverPlan plan(@Nullable NodeAddress to) throws RefusedException {
        List<Replica> replicas = new ArrayList<>();
        int id = 1;
        for (NodeAddress replica : List.of(Q, R)) {
            replicas.add(new Replica(
                    new Node(id++, replica, "run", true), 0, health.getOrDefault(replica, RouteReason.ELIGIBLE)));
        }
        RoutingTable table = new RoutingTable(1, 7, new Node(0, P, "run", true), gate, 0, replicas, false);
        Map<NodeAddress, SwitchoverFacts.Node> said = new HashMap<>();
        nodes.forEach((address, fields) -> {
            String failure = failures.get(address);
            said.put(address, new SwitchoverFacts.Node(failure == null ? fields : Map.of(), failure));
        });
        return SwitchoverPlan.of(
                new SwitchoverFacts(
                        table,
                        said,
                        new SwitchoverFacts.Sentinel("m", S, quorum, named, List.copyOf(listed.values()), silence)),
                to);
    }

    private static SentinelMeans means(SwitchoverPlan plan) {
        assertThat(plan.means()).isInstanceOf(SentinelMeans.class);
        return (SentinelMeans) plan.means();
    }

    private void says(NodeAddress node, String field, String value) {
        Map<String, String> fields = nodes.get(node);
        assertThat(fields).isNotNull();
        if (fields != null) {
            fields.put(field, value);
        }
    }

    private void lists(NodeAddress node, String field, String value) {
        Map<String, String> fields = listed.get(node);
        assertThat(fields).isNotNull();
        if (fields != null) {
            fields.put(field, value);
        }
    }

    private void refused(@Nullable NodeAddress to, String why) {
        assertThatThrownBy(() -> plan(to)).isInstanceOf(RefusedException.class).hasMessageContaining(why);
    }

    @Test
    void whoeverTheSentinelsWouldTakeMayBeTheNext() throws RefusedException {
        SwitchoverPlan plan = plan(null);
        assertThat(plan.candidates()).containsExactly(Q, R);
        assertThat(means(plan).steering()).isNull();
        assertThat(means(plan).sentinel()).isEqualTo(S);
        assertThat(means(plan).downAfterMillis()).isEqualTo(5_000);
        lists(R, "slave-priority", "10");
        assertThat(plan(null).candidates()).containsExactly(R);
        lists(R, "flags", "slave,s_down");
        assertThat(plan(null).candidates()).containsExactly(Q);
    }

    @Test
    void whoIsWantedIsPreferredIfItIsNotAnyway() throws RefusedException {
        assertThat(plan(R).candidates()).containsExactly(R);
        assertThat(means(plan(R)).steering()).isEqualTo(new Steering(R, 100, SentinelMeans.FIRST));
        lists(R, "slave-priority", "10");
        assertThat(means(plan(R)).steering()).isNull();
        lists(Q, "slave-priority", "1");
        refused(R, "replica-priority 1, which comes first, is that of q:2");
    }

    @Test
    void whoCannotBeWantedIsRefused() {
        refused(P, "is the primary already");
        refused(S, "is no node of this shard (expected: q:2 | r:3)");
        says(R, "slave_priority", "0");
        refused(R, "is never promoted: its replica-priority is 0");
        listed.remove(Q);
        refused(Q, "would not promote q:2: it knows it not");
        lists(R, "flags", "slave,disconnected");
        refused(null, "knows no replica that may be promoted");
    }

    @Test
    void writesHaveToBeOpen() {
        for (WriteGate shut : WriteGate.values()) {
            if (!shut.open()) {
                gate = shut;
                refused(null, "PROXY FENCE says why");
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "role          | slave | says that it is no primary, but slave",
                "redis_version | 6.0.9 | cannot keep writes back (expected: 6.2 or later)",
                "redis_version | none  | cannot keep writes back",
            })
    void thePrimaryHasToBeFit(String field, String value, String why) {
        says(P, field, value);
        refused(null, why);
    }

    @Test
    void whoDoesNotAnswerIsNotJudged() throws RefusedException {
        failures.put(P, "no answer to INFO");
        refused(null, "the primary p:1 does not answer: no answer to INFO");
        failures.clear();
        failures.put(Q, "Connection refused");
        refused(null, "replica q:2 does not answer: Connection refused");
        assertThat(plan(R).candidates()).as("who is not concerned").containsExactly(R);
    }

    @Test
    void aSecondPrimaryIsASplitBrain() {
        says(R, "role", "master");
        refused(Q, "r:3 says that it is primary, too: split brain");
    }

    @Test
    void theSentinelHasToBeFit() {
        silence = "s:4: Connection refused";
        refused(null, "no sentinel answers: s:4: Connection refused");
        silence = null;
        quorum = "NOQUORUM";
        refused(null, "sentinel s:4: NOQUORUM");
        quorum = null;
        named.put("flags", "master,failover_in_progress");
        refused(null, "says of the primary: master,failover_in_progress");
        named.put("ip", "q");
        named.put("port", "2");
        refused(null, "names q:2 as primary (expected: p:1)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "master_host             | x       | follows x:1 (expected: p:1)",
                "master_link_status      | down    | has no link to the primary",
                "master_sync_in_progress | 1       | is being filled",
                "loading                 | 1       | is being filled",
                "master_replid           | another | is of another history",
            })
    void aReplicaThatMayBeTheNextHasToBeFit(String field, String value, String why) throws RefusedException {
        says(R, field, value);
        refused(R, "replica r:3 " + why);
        refused(null, "replica r:3 " + why);
        assertThat(plan(Q).candidates()).as("who is not concerned").containsExactly(Q);
    }

    @Test
    void whoWouldKeepEverybodyWaitingIsRefused() throws RefusedException {
        says(P, "master_repl_offset", Long.toString(4_990 + SwitchoverPlan.LAG_BYTES_MAX));
        assertThat(plan(null).candidates()).hasSize(2);
        says(P, "master_repl_offset", Long.toString(4_991 + SwitchoverPlan.LAG_BYTES_MAX));
        refused(null, " bytes behind (expected: <= 1048576)");
        says(P, "master_repl_offset", "5000");
        health.put(Q, RouteReason.PROBATION);
        refused(null, "replica q:2 is probation");
    }
}
