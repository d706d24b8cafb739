package io.tidegate.routing;

import static io.tidegate.routing.RouteReason.ELIGIBLE;

import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds routing tables: node 0 is the primary, the replicas are numbered from 1. */
final class TableFixture {
    static final int PRIMARY = 0;

    private final List<Replica> replicas = new ArrayList<>();
    private @Nullable Node primary = node(PRIMARY, true);
    private WriteGate writes = WriteGate.OPEN;
    private boolean primaryLost;
    private long epoch = 1;
    private Fork fork = Fork.NONE;
    private @Nullable Successor successor;

    static TableFixture table() {
        return new TableFixture();
    }

    static Node node(int id, boolean sameZone) {
        return node(id, "run-" + id, sameZone);
    }

    static Node node(int id, String runId, boolean sameZone) {
        return new Node(id, new NodeAddress("node-" + id, 6379), runId, sameZone);
    }

    TableFixture replica(long asOfNanos) {
        return replica(asOfNanos, ELIGIBLE, true);
    }

    TableFixture replica(long asOfNanos, RouteReason health, boolean sameZone) {
        return replica(node(replicas.size() + 1, sameZone), asOfNanos, health);
    }

    TableFixture replica(Node node, long asOfNanos, RouteReason health) {
        replicas.add(new Replica(node, asOfNanos, health));
        return this;
    }

    TableFixture epoch(long number) {
        epoch = number;
        return this;
    }

    TableFixture fork(Fork from) {
        fork = from;
        return this;
    }

    TableFixture gate(WriteGate gate) {
        writes = gate;
        return this;
    }

    /** This node is being promoted, and expected to be used in the next epoch. */
    TableFixture successor(int id, boolean open) {
        successor = new Successor(node(id, true), epoch + 1, open);
        return gate(WriteGate.CUTTING_OVER);
    }

    /** The claim stands, but its node does not answer. */
    TableFixture primaryLost() {
        primaryLost = true;
        return this;
    }

    TableFixture noPrimary(WriteGate gate) {
        primary = null;
        primaryLost = true;
        writes = gate;
        return this;
    }

    RoutingTable build() {
        return new RoutingTable(1, epoch, primary, writes, Instants.FOREVER, replicas, primaryLost, fork, successor);
    }
}
