package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.ProbePacer.Demand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On an event loop whose time the test moves. */
class ProberTest {
    private static final NodeAddress PRIMARY = new NodeAddress("127.0.0.1", 1);
    private static final NodeAddress REPLICA = new NodeAddress("127.0.0.1", 2);
    private static final NodeAddress OTHER = new NodeAddress("127.0.0.1", 3);
    private static final long ROUND_TRIP_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<NodeAddress> asked = new ArrayList<>();
    private final Map<NodeAddress, FakeNode> nodes = new LinkedHashMap<>();
    private Demand demand = new Demand(0, Instants.UNKNOWN, false);
    private long nowNanos = TimeUnit.SECONDS.toNanos(1);

    private final Prober prober = new Prober(
            channel.eventLoop(),
            Runnable::run,
            () -> nowNanos,
            new SplittableRandom(1),
            new ProbePacer(TimeUnit.SECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(2)),
            () -> demand,
            nodes);

    private final class FakeNode implements Prober.Node {
        private final NodeAddress address;
        private boolean connected = true;
        private long answeredNanos = Instants.UNKNOWN;

        FakeNode(NodeAddress address) {
            this.address = address;
        }

        @Override
        public boolean askRole() {
            if (connected) {
                asked.add(address);
            }
            return connected;
        }

        @Override
        public long answeredNanos() {
            return answeredNanos;
        }

        @Override
        public long roundTripNanos() {
            return ROUND_TRIP_NANOS;
        }
    }

    @BeforeEach
    void startTheFirstRound() {
        channel.freezeTime();
        for (NodeAddress node : List.of(PRIMARY, REPLICA, OTHER)) {
            nodes.put(node, new FakeNode(node));
        }
        prober.primary(PRIMARY);
        pass(0);
    }

    @AfterEach
    void endTheLoop() {
        prober.close();
        assertThat(channel.finish()).isFalse();
    }

    @Test
    void asksThePrimaryFirstAndTheReplicasUponItsAnswer() {
        assertThat(asked).containsExactly(PRIMARY);
        prober.sampled(REPLICA, nowNanos);
        assertThat(asked).as("only the primary's answer counts").containsExactly(PRIMARY);
        prober.sampled(PRIMARY, nowNanos - 1);
        assertThat(asked).as("to what was written before the round").containsExactly(PRIMARY);
        prober.sampled(PRIMARY, nowNanos);
        assertThat(asked).containsExactly(PRIMARY, REPLICA, OTHER);
    }

    @Test
    void restsWhileNobodyReads() {
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        pass(ProbePacer.IDLE_NANOS / 2);
        assertThat(asked).isEmpty();
        pass(ProbePacer.IDLE_NANOS / 2);
        assertThat(asked).containsExactly(PRIMARY);
    }

    @Test
    void aDemandThatRisesIsSeenAtTheNextLook() {
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        demand = new Demand(ProbePacer.SESSION_NANOS, nowNanos, false);
        prober.pace();
        pass(ProbePacer.SESSION_NANOS);
        assertThat(asked).containsExactly(PRIMARY);
    }

    @Test
    void aWishStartsARoundAtOnceAndIsOverWhenItIsMet() {
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        pass(TimeUnit.MILLISECONDS.toNanos(1));
        prober.wanted(nowNanos);
        pass(0);
        assertThat(asked).containsExactly(PRIMARY);
        prober.sampled(PRIMARY, nowNanos);
        assertThat(asked).containsExactly(PRIMARY, REPLICA, OTHER);
        asked.clear();
        pass(ProbePacer.IDLE_NANOS / 2);
        assertThat(asked).isEmpty();
    }

    @Test
    void aWishThatComesAfterThePrimaryWasAskedNeedsAnotherRound() {
        long askedNanos = nowNanos;
        pass(ROUND_TRIP_NANOS);
        prober.wanted(nowNanos);
        prober.sampled(PRIMARY, askedNanos);
        asked.clear();
        pass(ROUND_TRIP_NANOS);
        assertThat(asked).containsExactly(PRIMARY);
    }

    @Test
    void aWishForAnInstantToComeIsOneForNow() {
        prober.sampled(PRIMARY, nowNanos);
        pass(TimeUnit.MILLISECONDS.toNanos(1));
        prober.wanted(nowNanos + TimeUnit.HOURS.toNanos(1));
        pass(0);
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        pass(ProbePacer.IDLE_NANOS / 2);
        assertThat(asked).as("the round after the wish has met it").isEmpty();
    }

    @Test
    void whileARequestSettlesRoundsFollowEachOtherNoFasterThanRoundTrips() {
        demand = new Demand(0, nowNanos, true);
        int rounds = 20;
        long startNanos = nowNanos;
        for (int i = 0; i < rounds; i++) {
            prober.sampled(PRIMARY, nowNanos);
            pass(ROUND_TRIP_NANOS);
        }
        assertThat(asked.stream().filter(PRIMARY::equals)).hasSize(1 + rounds);
        assertThat(nowNanos - startNanos).isEqualTo(rounds * ROUND_TRIP_NANOS);
    }

    @Test
    void whileAWriteWaitsForReplicasAllAreAskedAtOnceAndTheReplicasOnceMoreUponThePrimarysAnswer() {
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        pass(1);
        prober.replicationWanted(nowNanos);
        pass(0);
        assertThat(asked).containsExactly(PRIMARY, REPLICA, OTHER);
        prober.sampled(PRIMARY, nowNanos);
        assertThat(asked).containsExactly(PRIMARY, REPLICA, OTHER, REPLICA, OTHER);
        asked.clear();
        pass(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(asked)
                .as("the wish is met as far as the primary can meet it")
                .isEmpty();
    }

    @Test
    void aReplicaThatIsBehindIsAskedAgainTheSeldomerTheLongerItTakes() {
        prober.sampled(PRIMARY, nowNanos);
        long readNanos = nowNanos;
        prober.replicationWanted(readNanos);
        pass(0);
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        pass(800);
        prober.weighed(REPLICA, readNanos - 1);
        prober.weighed(OTHER, readNanos);
        pass(99);
        assertThat(asked).isEmpty();
        pass(1);
        assertThat(asked).containsExactly(REPLICA);
        pass(TimeUnit.MILLISECONDS.toNanos(4));
        prober.weighed(REPLICA, readNanos - 1);
        pass(TimeUnit.MILLISECONDS.toNanos(4) / 8);
        assertThat(asked).as("not yet: it has waited longer meanwhile").containsExactly(REPLICA);
        pass(TimeUnit.MILLISECONDS.toNanos(1));
        assertThat(asked).containsExactly(REPLICA, REPLICA);
    }

    @Test
    void whoHasAnsweredWhatWasAskedSinceIsNotAskedAgain() {
        prober.sampled(PRIMARY, nowNanos);
        node(PRIMARY).answeredNanos = nowNanos;
        node(REPLICA).answeredNanos = nowNanos;
        node(OTHER).connected = false;
        asked.clear();
        prober.askSince(nowNanos + 1);
        assertThat(asked).containsExactly(PRIMARY, REPLICA);
        node(PRIMARY).answeredNanos = nowNanos + 1;
        prober.askSince(nowNanos + 1);
        assertThat(asked).containsExactly(PRIMARY, REPLICA, REPLICA);
        node(REPLICA).answeredNanos = nowNanos + 2;
        asked.clear();
        prober.askSince(nowNanos + 1);
        assertThat(asked).isEmpty();
        pass(ProbePacer.IDLE_NANOS / 2);
        assertThat(asked).as("it begins no round").isEmpty();
    }

    @Test
    void nobodyIsChasedForAReplyThatWaitsNoLonger() {
        prober.replicationWanted(nowNanos);
        assertThat(prober.chasing()).isTrue();
        pass(TimeUnit.MILLISECONDS.toNanos(20));
        assertThat(prober.chasing()).isFalse();
    }

    @Test
    void withoutThePrimaryTheReplicasAreAskedAtRest() {
        prober.lost(PRIMARY);
        assertThat(asked).containsExactly(PRIMARY, REPLICA, OTHER);
        node(PRIMARY).connected = false;
        demand = new Demand(0, nowNanos, true);
        prober.pace();
        pass(ROUND_TRIP_NANOS);
        asked.clear();
        prober.wanted(nowNanos);
        pass(TimeUnit.MILLISECONDS.toNanos(5));
        assertThat(asked).as("however many wait: no probe can help them").isEmpty();
        pass(ProbePacer.IDLE_NANOS);
        assertThat(asked).containsExactly(REPLICA, OTHER);

        node(PRIMARY).connected = true;
        asked.clear();
        prober.sampled(PRIMARY, nowNanos); // the first that is heard over a new connection
        pass(ROUND_TRIP_NANOS);
        assertThat(asked).containsExactly(PRIMARY);
    }

    @Test
    void aNewPrimaryIsAskedFirst() {
        prober.primary(REPLICA);
        prober.sampled(PRIMARY, nowNanos);
        asked.clear();
        pass(ProbePacer.IDLE_NANOS);
        prober.sampled(REPLICA, nowNanos);
        assertThat(asked).containsExactly(REPLICA, PRIMARY, OTHER);
    }

    private FakeNode node(NodeAddress address) {
        FakeNode node = nodes.get(address);
        assertThat(node).isNotNull();
        return node;
    }

    private void pass(long nanos) {
        nowNanos += nanos;
        channel.advanceTimeBy(nanos, TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }
}
