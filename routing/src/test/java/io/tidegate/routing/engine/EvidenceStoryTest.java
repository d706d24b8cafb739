package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.MS;
import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static io.tidegate.routing.engine.Story.TICK_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Fence;
import org.junit.jupiter.api.Test;

/** How far the table's evidence reaches, and when it is asked for. */
class EvidenceStoryTest {
    private static final String MASTER = "master mymaster 10.0.0.1 6379";

    @Test
    void beforeTheLeaseConfirmationDecides() {
        Story story = Story.serving();
        long written = story.now();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.evidence(written);
        long later = story.now();
        story.said(S3, said -> said.names(P, 0)).evidence(written + MS);
        assertThat(story.table().evidenceNanos()).isLessThan(later);
    }

    @Test
    void aLeaseReachesTwoTicksAheadOfTheLastTick() {
        Story story = Story.leased();
        long ticked = story.now();
        story.evidence(ticked + 2 * TICK_MS * MS);
        story.after(TICK_MS / 2).role(P, new Role.Primary(100)).evidence(ticked + 2 * TICK_MS * MS);
        story.tick().evidence(story.now() + 2 * TICK_MS * MS);
    }

    @Test
    void byConfirmationAloneNothingIsProvenInAdvance() {
        Story story = Story.longHeard(Fence.CONFIRM);
        story.gate(WriteGate.OPEN);
        assertThat(story.table().evidenceNanos()).isLessThan(story.now());
        long before = story.table().evidenceNanos();
        story.after(TICK_MS).tick().evidence(before);
        story.done();
        story.step(new Event.EvidenceWanted(story.now()));
        assertThat(story.done()).contains(new Action.AskSentinels());
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0))
                .said(S2, said -> said.names(P, 0))
                .evidence(asked);
    }

    @Test
    void aQuietTickMovesNothingButEvidence() {
        Story story = Story.leased();
        RoutingTable before = story.table();
        story.done();
        story.after(TICK_MS).tick();
        RoutingTable after = story.table();
        assertThat(after)
                .isEqualTo(new RoutingTable(
                        before.generation() + 1,
                        before.epoch(),
                        before.primary(),
                        before.writes(),
                        story.now() + 2 * TICK_MS * MS,
                        before.replicas(),
                        before.primaryLost()));
        assertThat(story.done()).containsExactly(new Action.Publish(after));
    }

    @Test
    void aSilenceIsNoticedWithinAFewTicksThoughALeaseStands() {
        Story story = Story.leased();
        long untilMs = story.nowMs() + Story.SILENCE_MS + Limits.TICKS_UNSETTLED_MAX * TICK_MS;
        while (story.nowMs() <= untilMs) {
            story.after(TICK_MS).tick().evidence(story.now() + 2 * TICK_MS * MS);
        }
        story.health(Q, RouteReason.NO_LINK);
        assertThat(story.table().primaryLost()).isTrue();
        story.gate(WriteGate.OPEN);
    }

    @Test
    void aLeaseEndsWhenDownAfterHasPassedSinceTheLastPing() {
        Story story = Story.leased();
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0).ping(200, Story.DOWN_AFTER_MS));
        story.said(S2, said -> said.names(P, 0).ping(500, Story.DOWN_AFTER_MS));
        story.message(S3, "+sdown", MASTER);
        long end = asked + (1 - 500 + Story.DOWN_AFTER_MS - Story.MARGIN_MS) * MS;
        while (story.now() + 2 * TICK_MS * MS <= end) {
            story.tick().evidence(story.now() + 2 * TICK_MS * MS).after(TICK_MS);
        }
        story.tick().evidence(end);
        story.after(TICK_MS).tick().evidence(end);
    }

    @Test
    void aPausedProcessWakesUpWithoutALease() {
        Story story = Story.leased();
        long before = story.table().evidenceNanos();
        story.after(2 * TICK_MS + 1);
        assertThat(before).as("what the data plane still has").isLessThan(story.now());
        story.done();
        story.tick();
        assertThat(story.table().evidenceNanos()).isLessThan(before);
        assertThat(story.done()).contains(new Action.AskSentinels());
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.gate(WriteGate.OPEN);
        assertThat(story.table().evidenceNanos()).isGreaterThan(asked);
    }

    @Test
    void anAnswerFromBeforeThePauseIsNoLease() {
        Story story = Story.leased();
        long written = story.now();
        story.after(2 * TICK_MS + 1);
        story.answered(S1, written, said -> said.names(P, 0)).answered(S2, written, said -> said.names(P, 0));
        assertThat(story.table().evidenceNanos()).isLessThanOrEqualTo(written);
    }

    @Test
    void eachMessageThatMayChangeAnAnswerVoidsItsSentinelsPart() {
        for (String channel : new String[] {"+new-epoch", "+odown", "+reset-master", "+sdown"}) {
            Story story = Story.leased();
            long leased = story.table().evidenceNanos();
            story.message(S1, channel, channel.equals("+new-epoch") ? "1" : MASTER);
            assertThat(story.table().evidenceNanos())
                    .as("two others after %s", channel)
                    .isEqualTo(leased);
            story.message(S2, channel, channel.equals("+new-epoch") ? "1" : MASTER);
            assertThat(story.table().evidenceNanos())
                    .as("one other after %s", channel)
                    .isLessThan(leased);
        }
    }

    /** A sentinel in TILT keeps old down-answers of the others, and may begin a failover on them as it leaves. */
    @Test
    void aTiltAnywhereEndsTheLeaseForAChainAndConfirmationGoesOn() {
        Story story = Story.leased();
        story.message(S3, "+tilt", "#tilt mode entered");
        assertThat(story.table().evidenceNanos()).isLessThan(story.now());
        story.said(S3, said -> said.names(P, 0).tilted());
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.evidence(asked).gate(WriteGate.OPEN);
        long left = story.after(30_000).now();
        story.message(S3, "-tilt", "#tilt mode exited");
        story.at((left + Limits.CHAIN_NANOS) / MS - 1);
        for (int i = 0; i < 2; i++) {
            long confirmed = story.tick().now();
            story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
            if (i == 0) {
                story.evidence(confirmed).after(1_000);
            }
        }
        story.tick().evidence(story.now() + 2 * TICK_MS * MS);
    }

    @Test
    void theLeadersOwnSupportCapsWhatTheOthersProve() {
        Story story = Story.leased();
        long supported = story.now() + 10 * MS;
        story.after(10).said(S1, said -> said.names(P, 0));
        story.after(20).message(S1, "+try-failover", MASTER).evidence(supported);
        story.said(S2, said -> said.names(P, 0))
                .said(S3, said -> said.names(P, 0))
                .evidence(supported);
        long denied = story.now();
        story.said(S1, said -> said.names(P, 0));
        assertThat(story.table().evidenceNanos()).isGreaterThanOrEqualTo(denied);
    }

    @Test
    void aHigherEpochNamedByOneCapsEvidence() {
        Story story = Story.leased();
        long supported = story.now() + 10 * MS;
        story.after(10).said(S1, said -> said.names(P, 0));
        story.after(10).said(S1, said -> said.names(Q, 1)).gate(WriteGate.CUTTING_OVER);
        story.said(S2, said -> said.names(P, 0))
                .said(S3, said -> said.names(P, 0))
                .evidence(supported);
    }

    @Test
    void evidenceIsAskedForOnlyWhereItIsMissing() {
        Story story = Story.leased();
        story.done();
        story.step(new Event.EvidenceWanted(story.now()));
        assertThat(story.done()).doesNotContain(new Action.AskSentinels());
        long wanted = story.table().evidenceNanos() + 1;
        story.step(new Event.EvidenceWanted(wanted));
        assertThat(story.done()).contains(new Action.AskSentinels());
    }

    @Test
    void anAnswerAskedForTooEarlyMakesTheNextQuestion() {
        Story story = Story.serving();
        long early = story.now();
        story.after(5).step(new Event.EvidenceWanted(story.now())).done();
        story.answered(S1, early, said -> said.names(P, 0));
        assertThat(story.done()).contains(new Action.AskSentinels());
        story.said(S2, said -> said.names(P, 0));
        assertThat(story.done()).doesNotContain(new Action.AskSentinels());
    }

    @Test
    void evidenceStaysWhenASentinelIsLost() {
        Story story = Story.serving();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        long confirmed = story.table().evidenceNanos();
        story.sentinelLost(S1).sentinelLost(S2).evidence(confirmed);
    }

    @Test
    void fenceRoleBelievesThePrimaryUntilItSaysOtherwise() {
        Story story = Story.ofSentinels(Fence.ROLE, S1, S2, S3);
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.evidence(Instants.UNKNOWN).primary(P, "p", "h1", 100).evidence(Instants.FOREVER);
        long word = story.now();
        story.role(P, new Role.Primary(110)).evidence(Instants.FOREVER);
        story.role(P, new Role.Replica(Q, "connected", 110)).evidence(word).gate(WriteGate.FENCED);
    }

    @Test
    void fenceRoleEndsWithTheConnection() {
        Story story = Story.ofSentinels(Fence.ROLE, S1, S2, S3);
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        long word = story.now();
        story.primary(P, "p", "h1", 100).nodeLost(P).evidence(word);
        story.role(P, new Role.Primary(110)).evidence(word);
        story.primary(P, "p", "h1", 110).evidence(Instants.FOREVER);
    }

    @Test
    void fenceRoleEndsWithSilence() {
        Story story = Story.ofSentinels(Fence.ROLE, S1, S2, S3);
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        long word = story.now();
        story.primary(P, "p", "h1", 100).after(Story.SILENCE_MS + 1).tick().evidence(word);
    }

    @Test
    void fenceOffAsksForNoEvidence() {
        Story story = Story.ofSentinels(Fence.OFF, S1, S2, S3);
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.primary(P, "p", "h1", 100).evidence(Instants.FOREVER);
        story.nodeLost(P).evidence(Instants.FOREVER);
    }

    @Test
    void aRestartedPrimaryIsProvenAnew() {
        Story story = Story.leased();
        story.nodeLost(P).primary(P, "p2", "h9", 0).gate(WriteGate.FENCED).evidence(Instants.UNKNOWN);
        assertThat(story.told()).contains(new Notice.PrimaryRestarted(P, "p", "p2", 100, -1, false));
        story.said(S1, said -> said.names(P, 0).sees("p"))
                .said(S2, said -> said.names(P, 0).sees("p"));
        story.gate(WriteGate.FENCED).evidence(Instants.UNKNOWN);
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0).sees("p2"))
                .said(S2, said -> said.names(P, 0).sees("p2"));
        story.gate(WriteGate.OPEN).evidence(asked);
        assertThat(story.table().primary())
                .isNotNull()
                .satisfies(node -> assertThat(node.runId()).isEqualTo("p2"));
    }

    /** Somebody sent REPLICAOF by hand, which no sentinel voted for. */
    @Test
    void whatAPrimaryRepliesThatSaysReplicaNoSentinelProves() {
        Story story = Story.leased();
        long asked = story.now();
        story.role(P, new Role.Primary(100)).role(P, new Role.Replica(Q, "connect", -1));
        story.gate(WriteGate.FENCED).evidence(asked);
        confirmed(story).evidence(asked);
        story.nodeLost(P).evidence(asked);
        confirmed(story).evidence(asked);
        story.role(P, new Role.Primary(100)).evidence(asked);
        story.primary(P, "p", "h9", 100, "h2", 90);
        confirmed(story).gate(WriteGate.OPEN);
        assertThat(story.table().evidenceNanos()).isGreaterThan(story.now());
    }

    private static Story confirmed(Story story) {
        return story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
    }

    @Test
    void aPrimaryThatIsLostKeepsItsClaimAndItsGate() {
        Story story = Story.leased();
        story.nodeLost(P).gate(WriteGate.OPEN).claims(P, 0);
        assertThat(story.table().primaryLost()).isTrue();
        assertThat(story.done()).contains(new Action.AskSentinels());
        story.role(P, new Role.Primary(100));
        assertThat(story.table().primaryLost())
                .as("which process answers is not known")
                .isTrue();
        story.primary(P, "p", "h1", 100);
        assertThat(story.table().primaryLost()).isFalse();
    }
}
