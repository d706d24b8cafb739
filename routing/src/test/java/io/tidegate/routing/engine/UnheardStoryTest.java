package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static io.tidegate.routing.engine.Story.S1;
import static io.tidegate.routing.engine.Story.S2;
import static io.tidegate.routing.engine.Story.S3;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A sentinel began a failover, or was voted for, and cannot be asked any more, while the primary is well. */
class UnheardStoryTest {
    private static final String MASTER = "master mymaster 10.0.0.1 6379";
    private static final String Q_OF_P = "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379";
    private static final String R_OF_P = "slave 10.0.0.3:6379 10.0.0.3 6379 @ mymaster 10.0.0.1 6379";
    private static final long LONG_MS = 200_000;

    /** S3 is gone, and S1 voted for it. */
    private static Story voted() {
        Story story = Story.serving();
        story.sentinelLost(S3).message(S1, "+vote-for-leader", "id-" + S3 + " 1");
        return confirm(story).gate(WriteGate.FENCED);
    }

    /** S3 leads a failover, and is gone. */
    private static Story led() {
        Story story = Story.serving();
        story.message(S3, "+try-failover", MASTER).sentinelLost(S3);
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        return story.gate(WriteGate.FENCED);
    }

    /** S3 fails over by force, in an epoch that the others do not hear of, and says to which node. */
    private static Story chose(String node) {
        Story story = Story.serving();
        story.message(S3, "+new-epoch", "1").message(S3, "+try-failover", MASTER);
        return story.message(S3, "+selected-slave", node);
    }

    /** The others have elected S2 in the same epoch, and name Q. */
    private static Story othersName(Story story) {
        story.said(S2, said -> said.names(Q, 1).sees("q")).primary(Q, "q", "h2", 120, "h1", 101);
        return nameStill(story).claims(Q, 1);
    }

    private static Story nameStill(Story story) {
        story.said(S1, said -> said.names(Q, 1).sees("q"))
                .said(S2, said -> said.names(Q, 1).sees("q"));
        return story.primary(Q, "q", "h2", 120, "h1", 101);
    }

    private static Story confirm(Story story) {
        return story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1)).said(S2, said -> said.names(P, 0));
    }

    private static List<String> warnings(Story story) {
        return story.told().stream()
                .filter(told -> told instanceof Notice.Warning warning && warning.kind() == WarningKind.LEADER_UNHEARD)
                .map(told -> ((Notice.Warning) told).text())
                .toList();
    }

    private static Story last(Story story) {
        return story.tick().after(Limits.PASSING_NANOS / Story.MS + 1).tick();
    }

    @Test
    void itIsSaidForWhomWritesWait() {
        assertThat(warnings(last(voted())))
                .containsExactly(
                        "writes wait: sentinel " + S3 + " was voted for and cannot be asked; PROXY FENCE RELEASE " + P
                                + " ends that, or the limit abandoned-vote after 180 s");
        assertThat(warnings(last(led())))
                .containsExactly("writes wait: sentinel " + S3
                        + " has a failover in progress and cannot be asked; PROXY FENCE RELEASE " + P
                        + " ends that, or the limit abandoned-vote after 180 s");
    }

    @Test
    void itIsNoMoreSaidOnceItIsHeardAgain() {
        Story story = last(led());
        story.said(S3, said -> said.names(P, 0)).primary(P, "p", "h1", 100);
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.gate(WriteGate.OPEN).tick();
        assertThat(story.told())
                .anyMatch(told ->
                        told instanceof Notice.WarningEnded ended && ended.kind() == WarningKind.LEADER_UNHEARD);
    }

    @Test
    void whatItMayGoOnWithIsNotAgainstTheNodeThatItHadChosen() {
        othersName(chose(Q_OF_P).sentinelLost(S3)).gate(WriteGate.OPEN);
    }

    @Test
    void itIsAgainstAnotherThanItHadChosen() {
        othersName(chose(R_OF_P).sentinelLost(S3)).gate(WriteGate.FENCED);
    }

    @Test
    void ofOneThatMayHaveChosenAnewNothingIsKnown() {
        Story story = chose(Q_OF_P).message(S3, "+try-failover", MASTER);
        othersName(story.sentinelLost(S3)).gate(WriteGate.FENCED);
    }

    @Test
    void aLeaderThatIsStoppedIsWaitedForUntilItsConnectionIsGivenUp() {
        Story story = othersName(chose(Q_OF_P)).gate(WriteGate.FENCED);
        nameStill(story.sentinelLost(S3)).gate(WriteGate.OPEN);
    }

    @Test
    void whoComesBackWithAFailoverIsBelieved() {
        Story story = othersName(chose(Q_OF_P).sentinelLost(S3)).gate(WriteGate.OPEN);
        story.said(S3, said -> said.names(P, 0).failover("wait_promotion")).gate(WriteGate.FENCED);
        nameStill(story.sentinelLost(S3)).gate(WriteGate.FENCED);
    }

    @Test
    void anOperatorWhoLooksEndsTheWaitForAVote() {
        Story story = voted().release(P).primary(P, "p", "h1", 100);
        assertThat(story.answer().granted()).isTrue();
        confirm(story).gate(WriteGate.OPEN).claims(P, 0);
    }

    @Test
    void anOperatorWhoLooksEndsTheWaitForAFailover() {
        Story story = led().release(P).primary(P, "p", "h1", 100);
        assertThat(story.answer().granted()).isTrue();
        story.said(S1, said -> said.names(P, 0)).said(S2, said -> said.names(P, 0));
        story.gate(WriteGate.OPEN).claims(P, 0);
    }

    @Test
    void whatIsBegunAfterTheOperatorsWordFencesAnew() {
        Story story = led().release(P).primary(P, "p", "h1", 100);
        story.message(S2, "+try-failover", MASTER).gate(WriteGate.FENCED);
        story.said(S1, said -> said.names(P, 0)).primary(P, "p", "h1", 100).gate(WriteGate.FENCED);
    }

    /** Of a vote that comes between the operator's word and the node's answer he cannot have known. */
    @Test
    void aVoteThatIsHeardAfterTheOperatorsWordIsWaitedFor() {
        Story story = led().release(P);
        story.after(1).message(S2, "+vote-for-leader", "id-" + S3 + " 7");
        story.primary(P, "p", "h1", 100);
        assertThat(story.answer().granted()).isTrue();
        story.said(S1, said -> said.names(P, 0))
                .said(S2, said -> said.names(P, 0).voted("id-" + S3, 7))
                .primary(P, "p", "h1", 100);
        story.gate(WriteGate.FENCED);
    }

    @Test
    void ofALeaderThatCanBeAskedNoOperatorDecides() {
        Story story = Story.serving();
        story.message(S3, "+try-failover", MASTER).gate(WriteGate.FENCED);
        assertThat(story.ask(P).lines()).anyMatch(line -> line.contains("which can be asked"));
    }

    @Test
    void whileAnotherNodeSaysPrimaryTheWaitGoesOn() {
        Story story = voted().primary(Q, "q", "h2", 120, "h1", 101);
        assertThat(story.ask(P).lines()).anyMatch(line -> line.contains("another node says primary"));
        confirm(story).gate(WriteGate.FENCED);
    }

    @Test
    void whomTheSentinelsDoNotNameNobodyReleases() {
        assertThat(voted().ask(Q).lines()).anyMatch(line -> line.contains("the sentinels decide"));
    }

    @Test
    void aLeaderMayTryForAsLongAsItsFailoverTimeout() {
        Story story = Story.serving();
        story.said(S2, said -> said.names(P, 0).failoverTimeout(LONG_MS));
        story.message(S3, "+try-failover", MASTER).sentinelLost(S3);
        story.message(S1, "+vote-for-leader", "id-" + S3 + " 1");
        story.after(Limits.ABANDONED_NANOS / Story.MS + 1).tick();
        long waitedMs = Limits.ABANDONED_NANOS / Story.MS + 1;
        stillConfirm(story).gate(WriteGate.FENCED);
        story.after(LONG_MS + Limits.ELECTION_NANOS / Story.MS - waitedMs).tick();
        stillConfirm(story).gate(WriteGate.OPEN);
    }

    private static Story stillConfirm(Story story) {
        story.said(S1, said -> said.names(P, 0).voted("id-" + S3, 1));
        story.said(S2, said -> said.names(P, 0).failoverTimeout(LONG_MS));
        return story.primary(P, "p", "h1", 100);
    }
}
