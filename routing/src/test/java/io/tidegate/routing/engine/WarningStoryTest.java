package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.R;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Fence;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an operator is told of odd set-ups and of input that cannot be right, and that none of it moves a write. */
class WarningStoryTest {
    private static final NodeAddress X = NodeAddress.parse("10.9.9.9:6379");
    private static final NodeAddress GHOST = NodeAddress.parse("10.0.0.4:26379");

    @Test
    void aShardThatIsWellHasNoWarning() {
        Story story = Story.leased();
        assertThat(story.told()).noneMatch(Notice.Warning.class::isInstance);
    }

    @Test
    void sentinelsThatNameTwoPrimariesAreToldOnceThatLasts() {
        Story story = Story.serving();
        disagree(story).tick();
        assertThat(warned(story)).isEmpty();
        passes(story, () -> disagree(story));
        assertThat(warned(story)).containsExactly(WarningKind.PRIMARIES_DISAGREE);
        story.gate(WriteGate.OPEN).claims(P, 0);
        story.said(S3, said -> said.names(P, 0)).tick();
        assertThat(story.told())
                .contains(new Notice.WarningEnded(
                        WarningKind.PRIMARIES_DISAGREE,
                        "sentinel " + S1 + " names " + P + " at epoch 0, and sentinel " + S3 + " names " + Q
                                + " at epoch 0"));
    }

    private static Story disagree(Story story) {
        return story.said(S1, said -> said.names(P, 0))
                .said(S2, said -> said.names(P, 0))
                .said(S3, said -> said.names(Q, 0));
    }

    @Test
    void aSentinelOfAnotherShardHoldsWritesBackAndMovesNone() {
        Story story = Story.serving();
        UnaryOperator<Said> foreign = said -> said.names(X, 9).sees("x");
        story.said(S3, foreign).primary(X, "x", "h9", 7_000).gate(WriteGate.CUTTING_OVER);
        passes(
                story,
                () -> story.said(S1, said -> said.names(P, 0))
                        .said(S2, said -> said.names(P, 0))
                        .said(S3, foreign)
                        .primary(X, "x", "h9", 7_000));
        assertThat(warned(story)).contains(WarningKind.PRIMARIES_DISAGREE);
        story.claims(P, 0).gate(WriteGate.CUTTING_OVER);
        assertThat(story.table().evidenceNanos()).as("no acknowledgement").isLessThan(story.now());
    }

    @Test
    void aProxyThatStartsWithSentinelsOfTwoShardsUsesNeither() {
        Story story = Story.ofSentinels(Fence.LEASE, S1, S2);
        story.said(S1, said -> said.names(P, 0).counts(0, 1))
                .said(S2, said -> said.names(X, 3).counts(0, 1));
        passes(
                story,
                () -> story.primary(P, "p", "h1", 1)
                        .primary(X, "x", "h9", 1)
                        .said(S1, said -> said.names(P, 0).counts(0, 1))
                        .said(S2, said -> said.names(X, 3).counts(0, 1)));
        story.gate(WriteGate.NO_CLAIM);
        assertThat(warned(story)).contains(WarningKind.PRIMARIES_DISAGREE, WarningKind.QUORUM_ONE);
    }

    @Test
    void anOrdinaryFailoverPassesWithoutAWarning() {
        Story story = Story.leased();
        story.message(S1, "+try-failover", "master mymaster 10.0.0.1 6379").tick();
        story.nodeLost(P).tick();
        story.said(S1, said -> said.names(Q, 1).failover("reconf_slaves").sees("p"))
                .tick();
        story.primary(Q, "q", "h2", 101, "h1", 101);
        story.after(50).said(S2, said -> said.names(Q, 1)).tick();
        story.claims(Q, 1).gate(WriteGate.OPEN);
        assertThat(warned(story)).isEmpty();
        story.after(1_000).said(S1, said -> said.names(Q, 1)).said(S3, said -> said.names(Q, 1));
        story.tick();
        story.after(Limits.PASSING_NANOS / Story.MS).tick();
        assertThat(warned(story)).as("P is still dead").containsExactly(WarningKind.NODE_UNREACHABLE);
    }

    @ParameterizedTest
    @CsvSource({
        "UNREACHABLE, SENTINEL_UNREACHABLE, cannot be used: why",
        "CREDENTIALS, SENTINEL_CREDENTIALS, cannot be used: why",
        "NO_RESP3, SENTINEL_WITHOUT_RESP3, cannot be used: why",
        "WRONG_KIND, NOT_A_SENTINEL, cannot be used: why"
    })
    void aSentinelThatCannotBeUsedIsToldOnceUntilItCan(Fault fault, WarningKind kind, String words) {
        Story story = Story.serving();
        story.told();
        for (int i = 0; i < 3; i++) {
            story.step(new Event.SentinelLost(S3, 1 + i, fault, "why")).tick();
            story.after(Limits.PASSING_NANOS / Story.MS).tick();
        }
        Notice.Warning warning = new Notice.Warning(kind, "sentinel " + S3 + " " + words);
        assertThat(story.told().stream().filter(Notice.Warning.class::isInstance))
                .containsExactly(warning);
        story.claims(P, 0);
        story.step(new Event.SentinelReport(
                S3, 9, story.now(), story.now(), new Said(S3).names(P, 0).state()));
        story.tick();
        assertThat(story.told()).contains(new Notice.WarningEnded(kind, warning.text()));
    }

    @Test
    void aBrokenConnectionSaysLessThanTheRefusalBeforeIt() {
        Story story = Story.ofSentinels();
        story.step(new Event.SentinelLost(S1, 1, Fault.CREDENTIALS, "WRONGPASS"));
        story.step(new Event.SentinelLost(S1, 2, Fault.UNREACHABLE, "closed")).tick();
        story.step(new Event.SentinelLost(S1, 3, Fault.CREDENTIALS, "WRONGPASS"))
                .tick();
        assertThat(story.told())
                .containsExactly(
                        new Notice.SentinelLinkChanged(S1, false, "WRONGPASS"),
                        new Notice.Warning(
                                WarningKind.SENTINEL_CREDENTIALS, "sentinel " + S1 + " cannot be used: WRONGPASS"));
        story.step(new Event.SentinelLost(S1, 4, Fault.NO_RESP3, "no HELLO")).tick();
        assertThat(story.told()).contains(new Notice.SentinelLinkChanged(S1, false, "no HELLO"));
    }

    @ParameterizedTest
    @CsvSource({"UNREACHABLE, NODE_UNREACHABLE", "CREDENTIALS, NODE_CREDENTIALS", "WRONG_KIND, NOT_A_NODE"})
    void aPrimaryAnnouncedUnderAnAddressThatCannotBeUsedGetsNoWrite(Fault fault, WarningKind kind) {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0).lists(List.of(Q), List.of(S2, S3)))
                .said(S2, said -> said.names(P, 0))
                .said(S3, said -> said.names(P, 0));
        story.step(new Event.NodeLost(P, 1, fault, "why"))
                .tick()
                .after(Limits.PASSING_NANOS / Story.MS)
                .tick();
        story.replica(Q, "q", "h1", 100, P).tick();
        story.gate(WriteGate.NO_CLAIM);
        assertThat(warned(story)).containsExactly(kind);
    }

    @Test
    void oddSetUpsAreToldOnce() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 0).counts(2, 1).ping(0, 1_000));
        story.said(S2, said -> said.names(P, 0).counts(2, 1).ping(0, 1_000)).tick();
        assertThat(story.told())
                .contains(
                        new Notice.Warning(
                                WarningKind.QUORUM_ONE,
                                "quorum: 1: any sentinel may begin a failover alone, so a lease needs all 3 sentinels"),
                        new Notice.Warning(
                                WarningKind.SHORT_DOWN_AFTER,
                                "down-after: 1000 ms is hardly longer than the sentinels' ping period: the lease has"
                                        + " gaps in which writes wait for the sentinels"));
        story.said(S1, said -> said.names(P, 0).counts(2, 1).ping(0, 1_000)).tick();
        assertThat(warned(story)).isEmpty();
    }

    @Test
    void aShortDownAfterLeavesConfirmationAlone() {
        Story story = Story.serving();
        for (int i = 0; i < 30; i++) {
            story.after(1_000);
            story.said(S1, said -> said.names(P, 0).ping(960, 1_000));
            story.said(S2, said -> said.names(P, 0).ping(960, 1_000));
            story.said(S3, said -> said.names(P, 0).ping(960, 1_000)).tick();
        }
        long asked = story.now();
        story.said(S1, said -> said.names(P, 0).ping(960, 1_000));
        story.said(S2, said -> said.names(P, 0).ping(960, 1_000)).tick();
        assertThat(story.table().evidenceNanos())
                .as("no further than the sentinels were asked")
                .isEqualTo(asked);
        assertThat(warned(story)).contains(WarningKind.SHORT_DOWN_AFTER);
    }

    @Test
    void ghostsAreToldAndCountAgainstUs() {
        NodeAddress ghost2 = NodeAddress.parse("10.0.0.5:26379");
        Story story = Story.ofSentinels();
        UnaryOperator<Said> haunted =
                said -> said.names(P, 0).counts(4, 2).lists(List.of(), List.of(S2, S3, GHOST, ghost2));
        story.said(S1, haunted).primary(P, "p", "h1", 1);
        story.sentinelLost(GHOST).sentinelLost(ghost2);
        story.said(S2, said -> said.names(P, 0).counts(4, 2)).gate(WriteGate.NO_CLAIM);
        story.said(S3, said -> said.names(P, 0).counts(4, 2)).tick();
        story.gate(WriteGate.OPEN);
        passes(story, () -> story.said(S1, haunted));
        assertThat(warned(story))
                .as("3 of 5 can confirm, and 4 are needed for a lease")
                .containsExactlyInAnyOrder(
                        WarningKind.GHOST_SENTINEL, WarningKind.GHOST_SENTINEL, WarningKind.NO_LEASE);
    }

    @Test
    void tooFewSentinelsAreToldOnceThatLasts() {
        Story story = Story.serving();
        story.sentinelLost(S2).sentinelLost(S3);
        passes(story, () -> story.said(S1, said -> said.names(P, 0)));
        assertThat(warned(story)).contains(WarningKind.TOO_FEW_SENTINELS).doesNotContain(WarningKind.NO_LEASE);
        story.gate(WriteGate.FENCED);
    }

    @Test
    void anEpochThatGoesBackIsToldAndMovesNothing() {
        Story story = Story.ofSentinels();
        story.said(S1, said -> said.names(P, 7)).said(S2, said -> said.names(P, 7));
        story.said(S3, said -> said.names(P, 7)).primary(P, "p", "h1", 100).claims(P, 7);
        passes(story, () -> story.said(S3, said -> said.names(Q, 3)).primary(Q, "q", "h1", 100));
        assertThat(warned(story)).contains(WarningKind.EPOCH_BEHIND, WarningKind.PRIMARIES_DISAGREE);
        story.claims(P, 7).gate(WriteGate.OPEN);
        story.said(S2, said -> said.names(Q, 0)).tick();
        assertThat(warned(story)).contains(WarningKind.EPOCHS_LOST);
        story.claims(P, 7).gate(WriteGate.SPLIT);
    }

    @Test
    void aHistoryThatChangesAndAnOffsetThatGoesBackMoveNoWrite() {
        Story story = Story.serving();
        story.primary(P, "p", "h5", 100).claims(P, 0).gate(WriteGate.OPEN);
        story.role(P, new Role.Primary(90)).claims(P, 0).gate(WriteGate.OPEN);
        assertThat(warned(story)).containsExactly(WarningKind.HISTORY_CHANGED, WarningKind.OFFSET_WENT_BACK);
        assertThat(story.inTable(R).asOfNanos()).as("offsets are void").isLessThan(0);
    }

    /** Lets so much time pass, with everybody still saying what they say, that what stands is told. */
    private static void passes(Story story, Runnable said) {
        long end = story.nowMs() + Limits.PASSING_NANOS / Story.MS + 1_000;
        while (story.nowMs() < end) {
            story.after(Story.TICK_MS).tick();
            said.run();
        }
        story.tick();
    }

    /** What was warned of since the last call. */
    private static List<WarningKind> warned(Story story) {
        return story.told().stream()
                .filter(Notice.Warning.class::isInstance)
                .map(notice -> ((Notice.Warning) notice).kind())
                .toList();
    }
}
