package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Confirmation and lease over several sentinels; instants in milliseconds. */
class ProofTest {
    private static final long CHAIN_MS = Limits.CHAIN_NANOS / Story.MS;
    private static final Claim CLAIM = new Claim(P, 0);

    private final List<SentinelView> views = new ArrayList<>();

    @Test
    void confirmationIsTheKthLatestSupport() {
        sentinel(1, 100);
        assertThat(confirmed(3)).isEqualTo(Instants.UNKNOWN);
        sentinel(2, 300);
        assertThat(confirmed(3)).isEqualTo(100 * Story.MS);
        sentinel(3, 200);
        assertThat(confirmed(3)).isEqualTo(200 * Story.MS);
    }

    @Test
    void twoAddressesOfOneSentinelConfirmOnce() {
        sentinel(1, 100);
        sentinel(2, 300, said -> said.is("id-" + address(1)));
        assertThat(confirmed(3)).isEqualTo(Instants.UNKNOWN);
        sentinel(3, 200);
        assertThat(confirmed(3)).as("the two count as the earlier of them").isEqualTo(100 * Story.MS);
    }

    @Test
    void leaseIsTheKthLatestInstantUntilWhichNobodyCanHoldItDown() {
        chained(1, 30_000, said -> said.ping(100, 5_000));
        assertThat(lease(3, 0)).isEqualTo(Instants.UNKNOWN);
        chained(2, 30_100, said -> said.ping(700, 5_000));
        assertThat(lease(3, 0)).isEqualTo((30_100 - 700 + 5_000) * Story.MS);
        chained(3, 30_050, said -> said.ping(0, 5_000));
        assertThat(lease(3, 0)).isEqualTo((30_000 - 100 + 5_000) * Story.MS);
    }

    @Test
    void leaseIsShortenedByTheMargin() {
        chained(1, 30_000, said -> said);
        chained(2, 30_000, said -> said);
        assertThat(lease(3, 40)).isEqualTo((30_000 + Story.DOWN_AFTER_MS - 40) * Story.MS);
    }

    @Test
    void leaseTakesTheSmallestDownAfterOfAnybody() {
        chained(1, 30_000, said -> said);
        chained(2, 30_000, said -> said);
        sentinel(3, 100, said -> said.flags("master", "s_down").ping(0, 2_000));
        assertThat(lease(3, 0)).isEqualTo((30_000 + 2_000) * Story.MS);
    }

    @Test
    void aSmallerQuorumNeedsMoreSentinels() {
        chained(1, 30_000, said -> said);
        chained(2, 30_000, said -> said);
        assertThat(lease(3, 0)).isNotEqualTo(Instants.UNKNOWN);
        sentinel(3, 100, said -> said.counts(2, 1).flags("master", "s_down"));
        assertThat(lease(3, 0)).as("one of three is enough for the quorum").isEqualTo(Instants.UNKNOWN);
    }

    @Test
    void everyQueryMustComeAfterEveryChainIsOldEnough() {
        chained(1, 30_000, said -> said);
        SentinelView young = sentinel(2, 10_000);
        long oldEnough = 10_001 + CHAIN_MS;
        ask(young, 2, oldEnough - 1, said -> said);
        assertThat(lease(3, 0)).isEqualTo(Instants.UNKNOWN);
        ask(young, 2, oldEnough, said -> said);
        assertThat(lease(3, 0))
                .as("the first was asked before the second's chain was")
                .isEqualTo(Instants.UNKNOWN);
        ask(views.get(0), 1, oldEnough, said -> said);
        assertThat(lease(3, 0)).isEqualTo((oldEnough + Story.DOWN_AFTER_MS) * Story.MS);
    }

    @Test
    void aSentinelWhoseWordBreaksTimeAndAgainDeniesNoLeaseThatOthersProve() {
        chained(1, 30_000, said -> said);
        chained(2, 30_000, said -> said);
        SentinelView flapping = chained(3, 30_000, said -> said);
        flapping.breakChain();
        ask(flapping, 3, 30_500, said -> said);
        assertThat(flapping.aliveNanos()).as("later than the others'").isEqualTo(30_500 * Story.MS);
        assertThat(lease(3, 0)).isEqualTo((30_000 + Story.DOWN_AFTER_MS) * Story.MS);
    }

    @Test
    void aBrokenChainStartsAnew() {
        chained(1, 30_000, said -> said);
        SentinelView second = chained(2, 30_000, said -> said);
        second.voidUntilAsked(30_500 * Story.MS);
        second.breakChain();
        ask(second, 2, 31_000, said -> said);
        ask(views.get(0), 1, 31_000 + CHAIN_MS, said -> said);
        assertThat(lease(3, 0)).isEqualTo(Instants.UNKNOWN);
        ask(second, 2, 31_001 + CHAIN_MS, said -> said);
        ask(views.get(0), 1, 31_001 + CHAIN_MS, said -> said);
        assertThat(lease(3, 0)).isNotEqualTo(Instants.UNKNOWN);
    }

    private long confirmed(int configured) {
        return Proof.confirmedNanos(Identities.of(views), Electorate.of(views, configured));
    }

    private long lease(int configured, long marginMs) {
        return Proof.leaseNanos(
                Identities.of(views), Electorate.of(views, configured), marginMs * Story.MS, Instants.UNKNOWN);
    }

    /** A sentinel that is first heard at 0 and asked again at {@code atMs}. */
    private SentinelView chained(int number, long atMs, UnaryOperator<Said> details) {
        SentinelView view = sentinel(number, 0);
        ask(view, number, atMs, details);
        return view;
    }

    private SentinelView sentinel(int number, long atMs) {
        return sentinel(number, atMs, said -> said);
    }

    private SentinelView sentinel(int number, long atMs, UnaryOperator<Said> details) {
        SentinelView view = new SentinelView(address(number), true, 0);
        views.add(view);
        ask(view, number, atMs, details);
        return view;
    }

    /** Asks and weighs; the answer is read a millisecond after the question was written. */
    private static void ask(SentinelView view, int number, long atMs, UnaryOperator<Said> details) {
        SentinelState state =
                details.apply(new Said(address(number)).names(P, 0)).state();
        view.hear(new Event.SentinelReport(address(number), 1, atMs * Story.MS, (atMs + 1) * Story.MS, state));
        view.weigh(CLAIM, "p");
    }

    private static NodeAddress address(int number) {
        return NodeAddress.parse("10.0.0." + number + ":26379");
    }
}
