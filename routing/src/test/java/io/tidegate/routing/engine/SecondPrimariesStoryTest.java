package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.MS;
import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import org.junit.jupiter.api.Test;

/** When a node that says primary beside the one in use is split brain, and when it is the course of a failover. */
class SecondPrimariesStoryTest {
    private static final long BOUND_MS = Limits.DEMOTED_NANOS / MS;

    /** {@code SENTINEL FAILOVER} makes Q primary, and tells P nothing. */
    private static Story forced() {
        Story story = Story.serving();
        story.message(S2, "+try-failover", "master mymaster 10.0.0.1 6379").gate(WriteGate.FENCED);
        return switched(story);
    }

    private static Story switched(Story story) {
        story.message(S2, "+promoted-slave", "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379");
        story.said(S2, said -> said.names(Q, 1)).primary(Q, "q", "h2", 120, "h1", 101);
        story.said(S1, said -> said.names(Q, 1)).gate(WriteGate.OPEN).claims(Q, 1);
        return story;
    }

    @Test
    void theReplacedOneMaySayPrimaryUntilSentinelsMakeItAReplica() {
        Story story = forced();
        story.primary(P, "p", "h1", 100).after(BOUND_MS - 10).primary(P, "p", "h1", 100);
        tellsNothing(story);
        story.replica(P, "p", "h2", 120, Q).after(BOUND_MS).tick();
        tellsNothing(story);
    }

    @Test
    void itIsToldOfOnceIfTheyDoNot() {
        Story story = forced();
        story.primary(P, "p", "h1", 100).after(BOUND_MS).primary(P, "p", "h1", 100);
        tells(story, P, Q);
        story.after(BOUND_MS).primary(P, "p", "h1", 100);
        tellsNothing(story);
    }

    @Test
    void whoTurnsPrimaryAgainIsToldOfAtOnce() {
        Story story = forced();
        story.replica(P, "p", "h2", 120, Q).primary(P, "p", "h3", 130, "h2", 121);
        story.said(S1, said -> said.names(Q, 1)).after(Limits.PROMOTION_SETTLE_NANOS / MS);
        story.primary(Q, "q", "h2", 120, "h1", 101);
        story.said(S1, said -> said.names(Q, 1))
                .said(S2, said -> said.names(Q, 1))
                .gate(WriteGate.OPEN);
        tells(story, P, Q);
    }

    @Test
    void whoComesBackAsPrimaryIsToldOfAtOnce() {
        Story story = Story.serving();
        story.nodeLost(P);
        switched(story).primary(P, "p9", "h8", 0);
        tells(story, P, Q);
    }

    @Test
    void soIsOneThatWasLostAfterTheSwitch() {
        Story story = forced();
        story.nodeLost(P).primary(P, "p", "h1", 100);
        tells(story, P, Q);
    }

    @Test
    void soIsAThirdNode() {
        Story story = forced();
        story.primary(R, "r", "h7", 9_000);
        tells(story, R, Q);
    }

    @Test
    void ofTwoFailoversInARowNeitherReplacedOneIsToldOf() {
        Story story = forced();
        story.primary(P, "p", "h1", 100);
        story.message(S2, "+try-failover", "master mymaster 10.0.0.2 6379").gate(WriteGate.FENCED);
        story.message(S2, "+promoted-slave", "slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.2 6379");
        story.said(S2, said -> said.names(R, 2)).primary(R, "r", "h3", 130, "h2", 121);
        story.said(S1, said -> said.names(R, 2)).gate(WriteGate.OPEN).claims(R, 2);
        story.primary(P, "p", "h1", 100).primary(Q, "q", "h2", 120, "h1", 101);
        tellsNothing(story);
    }

    @Test
    void whileWritesAreKeptBackAnyIsToldOfWithinTheSameTime() {
        Story story = Story.serving();
        story.message(S2, "+try-failover", "master mymaster 10.0.0.1 6379").gate(WriteGate.FENCED);
        story.primary(R, "r", "h7", 9_000).after(BOUND_MS - 10).primary(R, "r", "h7", 9_000);
        tellsNothing(story);
        story.after(20).primary(R, "r", "h7", 9_000).gate(WriteGate.FENCED);
        tells(story, R, P);
    }

    @Test
    void whereNobodyVotesNobodyMakesItAReplica() {
        Story story = Story.ofNodes(P, Q);
        story.primary(P, "p", "h1", 100).replica(Q, "q", "h1", 100, P).gate(WriteGate.OPEN);
        story.primary(Q, "q", "h2", 120, "h1", 101).after(Story.SILENCE_MS).tick();
        story.role(Q, new Role.Primary(120)).claims(Q, 2).primary(P, "p", "h1", 100);
        tells(story, P, Q);
    }

    private static void tells(Story story, NodeAddress node, NodeAddress claimed) {
        assertThat(story.told())
                .filteredOn(Notice.SecondPrimary.class::isInstance)
                .containsExactly(
                        new Notice.SecondPrimary(node, claimed, story.table().epoch()));
    }

    private static void tellsNothing(Story story) {
        assertThat(story.told()).noneMatch(Notice.SecondPrimary.class::isInstance);
    }
}
