package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.engine.NodeView.Reception;
import java.util.List;
import org.junit.jupiter.api.Test;

class NodeViewTest {
    private final NodeView view = new NodeView(Q, 1, true, 0);

    @Test
    void aReportOverAnOldConnectionIsLate() {
        assertThat(role(5, 10, new Role.Primary(1))).isEqualTo(Reception.NEW_LINK);
        assertThat(role(5, 20, new Role.Primary(1))).isEqualTo(Reception.HEARD);
        assertThat(role(4, 30, new Role.Replica(P, "connected", 1))).isEqualTo(Reception.LATE);
        assertThat(view.saysPrimary()).isTrue();
    }

    @Test
    void aReportOverALostConnectionIsLate() {
        role(5, 10, new Role.Primary(1));
        assertThat(lose(5)).isTrue();
        assertThat(role(5, 20, new Role.Primary(1))).isEqualTo(Reception.LATE);
        assertThat(view.saysPrimary()).isFalse();
        assertThat(role(6, 30, new Role.Primary(1))).isEqualTo(Reception.NEW_LINK);
    }

    @Test
    void theLossOfAnOldConnectionIsNoLoss() {
        role(5, 10, new Role.Primary(1));
        assertThat(lose(4)).isFalse();
        assertThat(view.up()).isTrue();
    }

    @Test
    void aConnectionThatCouldNotBeHadIsToldOnce() {
        assertThat(view.tried()).isFalse();
        assertThat(lose(1)).isTrue();
        assertThat(view.tried()).isTrue();
        assertThat(lose(2)).isFalse();
    }

    @Test
    void aNewConnectionForgetsAllButWhenItSaidWhat() {
        info(1, 10, replica("h1", 50));
        info(2, 20, primary("h2"));
        assertThat(view.saidReplicaNanos()).isEqualTo(10);
        assertThat(view.saidPrimaryNanos()).isEqualTo(20);
        role(3, 30, new Role.Replica(P, "connected", 60));
        assertThat(view.info()).isNull();
        assertThat(view.saidReplicaNanos())
                .as("which process says so is not known")
                .isEqualTo(10);
        assertThat(view.asOf().nanos()).isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void infoAsPrimaryNeedsInfoAndNothingSaidAgainstItSince() {
        role(1, 10, new Role.Primary(1));
        assertThat(view.infoAsPrimary()).isNull();
        info(1, 20, primary("h1"));
        assertThat(view.infoAsPrimary()).isNotNull();
        role(1, 30, new Role.Replica(P, "connect", -1));
        assertThat(view.infoAsPrimary()).isNull();
        role(1, 40, new Role.Primary(2));
        assertThat(view.infoAsPrimary())
                .as("it may have another data set by now")
                .isNull();
        assertThat(view.saidPrimaryNanos()).isEqualTo(20);
        info(1, 50, primary("h1"));
        assertThat(view.infoAsPrimary()).isNotNull();
        lose(1);
        assertThat(view.infoAsPrimary()).isNull();
    }

    @Test
    void whatRoleSaysAgainstInfoMakesItWorthAsking() {
        info(1, 10, replica("h1", 50));
        assertThat(view.contradictsInfo()).isFalse();
        role(1, 20, new Role.Replica(P, "connected", 51));
        assertThat(view.contradictsInfo()).isFalse();
        role(1, 30, new Role.Replica(P, "connect", -1));
        assertThat(view.contradictsInfo()).isTrue();
        role(1, 40, new Role.Replica(P, "connected", 52));
        assertThat(view.contradictsInfo())
                .as("it may have been given other data in between")
                .isTrue();
        assertThat(view.isOf(new History("p", "h1"))).isFalse();
        info(1, 45, replica("h1", 52));
        assertThat(view.contradictsInfo()).isFalse();
        assertThat(view.isOf(new History("p", "h1"))).isTrue();
        role(1, 50, new Role.Primary(52));
        role(1, 60, new Role.Replica(P, "connected", 52));
        assertThat(view.contradictsInfo()).as("it was a primary in between").isTrue();
        info(1, 70, replica("h1", 60));
        role(1, 80, new Role.Replica(R, "connected", 62));
        role(1, 90, new Role.Replica(P, "connected", 62));
        assertThat(view.contradictsInfo()).as("it followed another in between").isTrue();
        assertThat(view.isOf(new History("p", "h1"))).isFalse();
    }

    @Test
    void anUnknownOffsetDoesNotReplaceAKnownOne() {
        info(1, 10, replica("h1", 50));
        role(1, 20, new Role.Replica(P, "connect", -1));
        assertThat(view.offset()).isEqualTo(50);
    }

    @Test
    void isSilentAfterTheLimitAndGoneAfterItAlsoWhenLost() {
        role(1, 100, new Role.Primary(1));
        assertThat(view.answers(50, 151)).isTrue();
        assertThat(view.answers(50, 152)).isFalse();
        assertThat(view.gone(50, 151)).isFalse();
        assertThat(view.gone(50, 152)).isTrue();
        view.lose(new Event.NodeLost(Q, 1, "reset"), 120);
        assertThat(view.answers(50, 121)).isFalse();
        assertThat(view.gone(50, 169)).isFalse();
        assertThat(view.gone(50, 170)).isTrue();
    }

    @Test
    void isOfAHistoryOnlyByInfoOfTheSameFollowing() {
        History history = new History("p", "h1");
        assertThat(view.isOf(history)).isFalse();
        info(1, 10, replica("h1", 50));
        assertThat(view.isOf(history)).isTrue();
        assertThat(view.isOf(new History("p", "h2"))).isFalse();
        lose(1);
        assertThat(view.isOf(history)).as("lost").isFalse();
        info(2, 15, replica("h1", 50));
        role(2, 20, new Role.Replica(R, "connected", 51));
        assertThat(view.isOf(history)).isFalse();
        info(2, 30, primary("h1"));
        assertThat(view.isOf(history)).isFalse();
    }

    @Test
    void theTablesNodeIsMadeOncePerProcess() {
        info(1, 10, replica("h1", 50));
        assertThat(view.asNode()).isSameAs(view.asNode());
        assertThat(view.asNode().runId()).isEqualTo("q");
        assertThat(view.asNode("other").runId()).isEqualTo("other");
    }

    private Reception role(long link, long written, Role role) {
        return view.hear(new Event.NodeRole(Q, link, written, written + 1, role));
    }

    private void info(long link, long written, ReplicationInfo info) {
        view.hear(new Event.NodeInfo(Q, link, written, written + 1, info));
    }

    private boolean lose(long link) {
        return view.lose(new Event.NodeLost(Q, link, "reset"), 1_000);
    }

    private static ReplicationInfo replica(String history, long offset) {
        return Story.replicaInfo("q", history, offset, P, true);
    }

    private static ReplicationInfo primary(String history) {
        return new ReplicationInfo("q", true, history, null, -1, 100, null, false, false, false, true, List.of());
    }
}
