package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NodesTest {
    private final Outbox outbox = new Outbox();

    @Test
    void aNamedNodeIsWatchedOnceAndNumberedInOrder() {
        Nodes nodes = nodes(null);
        assertThat(id(nodes.name(P, 0))).isZero();
        assertThat(id(nodes.name(Q, 0))).isOne();
        assertThat(nodes.name(P, 5)).isSameAs(nodes.get(P));
        assertThat(outbox.drain()).containsExactly(new Action.WatchNode(P), new Action.WatchNode(Q));
    }

    @Test
    void tooManyAreRefusedAndThatIsToldOnce() {
        Nodes nodes = nodes(null);
        nodes.name(P, 0);
        nodes.name(Q, 0);
        outbox.drain();
        assertThat(nodes.name(R, 0)).isNull();
        assertThat(nodes.name(R, 0)).isNull();
        assertThat(outbox.drain())
                .containsExactly(new Action.Tell(new Notice.Warning(
                        WarningKind.TOO_MANY, "node " + R + " is not watched: nodes: 3 (expected: <= 2)")));
    }

    @Test
    void aPrimaryTakesThePlaceOfWhoIsDownLongest() {
        Nodes nodes = nodes(null);
        NodeView first = nodes.name(P, 0);
        NodeView second = nodes.name(Q, 0);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        outbox.drain();
        assertThat(nodes.namePrimary(R, null, 5)).as("nobody is down").isNull();
        second.lose(new Event.NodeLost(Q, 1, "refused"), 10);
        first.lose(new Event.NodeLost(P, 1, "refused"), 20);
        second.lose(new Event.NodeLost(Q, 2, "refused"), 30);
        outbox.drain();
        assertThat(nodes.namePrimary(P, null, 35)).isSameAs(first);
        assertThat(outbox.drain()).isEmpty();
        assertThat(id(nodes.namePrimary(R, null, 40))).isEqualTo(2);
        assertThat(nodes.get(Q)).isNull();
        assertThat(outbox.drain()).containsExactly(new Action.ForgetNode(Q), new Action.WatchNode(R));
    }

    @Test
    void thePrimaryInUseKeepsItsPlaceThoughItIsDown() {
        Nodes nodes = nodes(null);
        NodeView first = nodes.name(P, 0);
        NodeView second = nodes.name(Q, 0);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        first.lose(new Event.NodeLost(P, 1, "refused"), 10);
        assertThat(nodes.namePrimary(R, P, 20)).isNull();
        second.lose(new Event.NodeLost(Q, 1, "refused"), 30);
        assertThat(nodes.namePrimary(R, P, 40)).isNotNull();
        assertThat(nodes.get(P)).isSameAs(first);
    }

    @Test
    void whatNobodyNamesIsForgottenAndItsNumberNeverUsedAgain() {
        Nodes nodes = nodes(null);
        nodes.name(P, 0);
        nodes.name(Q, 0);
        nodes.name(P, Limits.FORGET_NANOS + 1);
        outbox.drain();
        nodes.forgetUnnamed(null, Limits.FORGET_NANOS);
        assertThat(nodes.get(Q)).isNotNull();
        nodes.forgetUnnamed(null, Limits.FORGET_NANOS + 1);
        assertThat(nodes.get(Q)).isNull();
        assertThat(outbox.drain()).containsExactly(new Action.ForgetNode(Q));
        assertThat(id(nodes.name(Q, Limits.FORGET_NANOS + 2))).isEqualTo(2);
    }

    @Test
    void thePrimaryInUseIsNotForgotten() {
        Nodes nodes = nodes(null);
        nodes.name(P, 0);
        nodes.forgetUnnamed(P, 10 * Limits.FORGET_NANOS);
        assertThat(nodes.get(P)).isNotNull();
    }

    @Test
    void zonesAreThoseConfigured() {
        Nodes unzoned = nodes(null);
        assertThat(sameZone(unzoned.name(P, 0))).isTrue();
        Nodes zoned = nodes("a");
        assertThat(sameZone(zoned.name(P, 0))).isTrue();
        assertThat(sameZone(zoned.name(Q, 0))).isFalse();
    }

    private Nodes nodes(@Nullable String zone) {
        Map<NodeAddress, String> zones = Map.of(P, "a", Q, "b");
        return new Nodes(
                new EngineSettings(
                        new Topology.Sentinel("mymaster", List.of()),
                        Fence.LEASE,
                        false,
                        1,
                        1,
                        1,
                        1,
                        1,
                        zone,
                        zones,
                        2),
                outbox,
                new Warnings(outbox));
    }

    private static int id(@Nullable NodeView node) {
        assertThat(node).isNotNull();
        return node.id();
    }

    private static boolean sameZone(@Nullable NodeView node) {
        assertThat(node).isNotNull();
        return node.asNode().sameZone();
    }
}
