package io.tidegate.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EnoughReplicasTest {
    private final List<String> told = new ArrayList<>();

    @Test
    void itIsToldOnceThatThereAreTooFewAndOnceThatThereAreEnoughAgain() {
        EnoughReplicas enough = watching("replicated(2)");
        enough.look(RoutingTable.EMPTY);
        enough.look(replicas(2));
        assertThat(told).as("nothing is known, or nothing is wrong").isEmpty();
        enough.look(replicas(1));
        enough.look(replicas(1));
        assertThat(told)
                .containsExactly(
                        "no write is acknowledged by listener 127.0.0.1:6390 (replicated(2)): 1 replicas may be"
                                + " promoted");
        enough.look(replicas(2));
        assertThat(told).hasSize(2);
    }

    @Test
    void allOfNoneAreTooFew() {
        EnoughReplicas enough = watching("replicated(all)");
        enough.look(replicas(1));
        assertThat(told).isEmpty();
        enough.look(replicas(0));
        assertThat(told).hasSize(1);
    }

    @Test
    void whoAsksForNoneMissesNone() {
        watching("acknowledged").look(replicas(0));
        assertThat(told).isEmpty();
    }

    private EnoughReplicas watching(String rule) {
        BindAddress address = new BindAddress("127.0.0.1", 6390);
        return new EnoughReplicas(
                List.of(new Listener(address, ReadLevel.SESSION, Causal.CONNECTION, Durability.parse(rule))),
                told::add);
    }

    private static RoutingTable replicas(int count) {
        List<Replica> replicas = IntStream.rangeClosed(1, count)
                .mapToObj(id -> new Replica(node(id), Instants.UNKNOWN, RouteReason.NO_LINK))
                .toList();
        return new RoutingTable(1, 1, node(0), WriteGate.OPEN, Instants.FOREVER, replicas, false);
    }

    private static Node node(int id) {
        return new Node(id, new NodeAddress("127.0.0.1", 1000 + id), "run-" + id, true);
    }
}
