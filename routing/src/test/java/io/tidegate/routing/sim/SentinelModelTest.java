package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.engine.SentinelState;
import io.tidegate.routing.sim.SimSentinel.SentinelSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The model does what Sentinel does: otherwise what holds among such sentinels would say nothing. */
class SentinelModelTest {
    private static final long SEED = 11;

    private final EventQueue queue = new EventQueue();
    private final Truth truth = new Truth(queue);
    private final RandomSource random = new RandomSource(SEED);
    private final SimNetwork network = new SimNetwork(queue, random);
    private final List<SimNode> nodes = new ArrayList<>();
    private final List<SimSentinel> sentinels = new ArrayList<>();

    /** How much each had said when the script began. */
    private final Map<SimSentinel, Integer> saidBefore = new HashMap<>();

    SentinelModelTest() {
        List<NodeAddress> nodeAddresses = addresses("node");
        List<NodeAddress> sentinelAddresses = addresses("sentinel");
        nodeAddresses.forEach(address -> nodes.add(new SimNode(address, network, random, truth)));
        nodes.forEach(network::add);
        nodes.stream().skip(1).forEach(node -> node.replicaOf(nodeAddresses.get(0)));
        SentinelSettings settings = new SentinelSettings(2, 1000, 5000);
        sentinelAddresses.forEach(address -> sentinels.add(
                new SimSentinel(address, nodeAddresses, sentinelAddresses, settings, network, random, truth)));
        sentinels.forEach(network::add);
        run(5);
    }

    private static List<NodeAddress> addresses(String name) {
        return IntStream.rangeClosed(1, 3)
                .mapToObj(i -> new NodeAddress(name + "-" + i, 6379))
                .toList();
    }

    private void run(long seconds) {
        long end = queue.nowNanos() + seconds * SECONDS;
        while (queue.step(end)) {
            // until then
        }
    }

    @Test
    void anElectedLeaderPromotesTheMostAdvancedReplicaAndEverybodyFollows() {
        nodes.get(1).delayFeed(60 * SECONDS);
        assertThat(nodes.get(0).write(1)).isNull();
        run(1);
        nodes.get(0).crash();

        run(15);

        assertThat(truth.effective()).hasSize(1);
        assertThat(sentinels).allMatch(sentinel -> sentinel.currentPrimary().equals(nodes.get(2).address));
        assertThat(sentinels).allMatch(sentinel -> sentinel.configEpoch == 1);
        assertThat(nodes.get(1).follows()).isEqualTo(nodes.get(2).address);
        assertThat(nodes.get(1).linkUp()).isTrue();
    }

    @Test
    void aReturningPrimaryBecomesAReplica() {
        nodes.get(0).crash();
        run(15);
        nodes.get(0).restart();
        assertThat(nodes.get(0).primary()).isTrue();

        run(30);

        assertThat(nodes.get(0).primary()).isFalse();
        assertThat(nodes.get(0).linkUp()).isTrue();
    }

    @Test
    void withoutAMajorityNobodyIsElected() {
        sentinels.get(0).crash();
        sentinels.get(1).crash();
        nodes.get(0).crash();

        run(60);

        assertThat(truth.effective()).isEmpty();
    }

    @Test
    void aForcedFailoverNeedsNoVotes() {
        sentinels.get(0).crash();
        sentinels.get(1).crash();
        run(11);

        assertThat(sentinels.get(2).forceFailover()).isTrue();
        run(10);

        assertThat(truth.effective()).hasSize(1);
        assertThat(truth.effective().get(0).forced()).isTrue();
    }

    @Test
    void whoWasFrozenTiltsAndIsNotCountedOn() {
        sentinels.get(0).freeze();
        run(4);
        sentinels.get(0).thaw();
        run(1);

        assertThat(sentinels.get(0).report(false).tilt()).isTrue();
        assertThat(sentinels.get(1).report(false).tilt()).isFalse();
    }

    @Test
    void readingAVoteCastsNone() {
        assertThat(sentinels.get(0).report(false).vote()).isNull();
        assertThat(sentinels.get(0).report(false).vote()).isNull();
        nodes.get(0).crash();
        run(15);

        // Whom the vote was for went with the switch to the new primary, the epoch stays.
        assertThat(sentinels.get(0).report(false).vote()).isEqualTo(new SentinelState.Vote("*", 1));
        assertThat(sentinels.get(0).report(false).configEpoch()).isEqualTo(1);
    }

    @Test
    void itSaysWhatRealOnesSayWhenThePrimaryIsKilled() {
        nodes.get(0).crash();
        run(40);

        assertSaid("the primary is killed", sentinels);
    }

    @Test
    void itSaysWhatRealOnesSayWhenThePrimaryGoesOnInMidFailover() {
        nodes.get(0).freeze();
        while (sentinels.stream().noneMatch(sentinel -> said(sentinel).contains("+try-failover"))) {
            queue.step(Long.MAX_VALUE);
        }
        nodes.get(0).thaw();
        run(40);

        assertSaid("the primary is stopped, and goes on once somebody tries to fail over", sentinels);
    }

    @Test
    void itSaysWhatRealOnesSayWhenAFailoverIsForced() {
        run(10);
        sentinels.get(0).forceFailover();
        run(10);
        assertSaid("a failover is forced", sentinels);

        begin();
        for (int i = 0; i < 30 && !sentinels.get(0).forceFailover(); i++) {
            run(1);
        }
        run(10);
        assertSaid("once all follow, another one is forced", sentinels);

        SimNode primary = Objects.requireNonNull(truth.rightful()).node();
        nodes.stream().filter(node -> node != primary).forEach(node -> node.replicaOf(primary.address));
        run(2);
        begin();
        sentinels.forEach(SimSentinel::reset);
        for (int i = 0; i < 30 && !sentinels.stream().allMatch(SentinelModelTest::knowsTheShard); i++) {
            run(1);
        }
        primary.crash();
        run(20);
        assertSaid("then all are reset, and once they know the shard again the primary is killed", sentinels);
    }

    private static boolean knowsTheShard(SimSentinel sentinel) {
        return sentinel.replicas.size() == 2 && sentinel.peers.size() == 2;
    }

    @Test
    void itSaysWhatRealOnesSayWhenALeaderCrashesAfterThePromotion() {
        run(10);
        SimSentinel leader = sentinels.get(0);
        leader.forceFailover();
        while (!said(leader).contains("+promoted-slave")) {
            queue.step(Long.MAX_VALUE);
        }
        leader.crash();
        run(1);
        leader.restart();
        run(5);

        assertSaid("the leader of a forced failover crashes after the promotion, and starts again", sentinels);
        assertThat(sentinels).allMatch(sentinel -> sentinel.configEpoch == 1);
        assertThat(sentinels)
                .allMatch(sentinel ->
                        sentinel.currentPrimary().equals(sentinels.get(0).currentPrimary()))
                .noneMatch(sentinel -> sentinel.currentPrimary().equals(nodes.get(0).address));
    }

    /** As sentinel.c leaves {@code info_refresh} when it resets a primary: whoever answers there is not known for a while. */
    @Test
    void afterASwitchOrAResetItTakesItsTimeToAskThePrimary() {
        run(8);
        String runId = sentinels.get(1).report(false).runId();
        assertThat(runId).isNotEmpty();
        sentinels.get(1).reset();
        run(1);
        assertThat(sentinels.get(1).report(true).runId()).isEmpty();
        assertThat(sentinels.get(1).report(true).replicas()).isEmpty();
        run(10);
        assertThat(sentinels.get(1).report(true).runId()).isEqualTo(runId);
        assertThat(sentinels.get(1).report(true).replicas()).hasSize(2);
    }

    @Test
    void itSaysWhatRealOnesSayWhenALeaderCrashesAfterItsElection() {
        run(10);
        sentinels.get(0).forceFailover();
        while (!said(sentinels.get(0)).contains("+elected-leader")) {
            queue.step(Long.MAX_VALUE);
        }
        sentinels.get(0).crash();
        nodes.get(0).crash();
        run(60);

        assertSaid(
                "the leader of a forced failover crashes after its election, then the primary is killed",
                sentinels.subList(1, 3));
    }

    private void assertSaid(String name, List<SimSentinel> living) {
        SentinelScript script = SentinelScript.named(name);
        assertThat(living)
                .filteredOn(sentinel -> SentinelScript.led(said(sentinel)))
                .hasSize(1);
        for (SimSentinel sentinel : living) {
            List<String> said = said(sentinel);
            if (SentinelScript.led(said)) {
                assertThat(script.asLeader(said)).isEqualTo(script.leader());
            } else {
                assertThat(script.asFollower(said)).isEqualTo(script.follower());
            }
        }
    }

    /** Another script begins. */
    private void begin() {
        sentinels.forEach(sentinel -> saidBefore.merge(sentinel, said(sentinel).size(), Integer::sum));
    }

    private List<String> said(SimSentinel sentinel) {
        return Pattern.compile("us {2}" + sentinel + " says (\\S+)")
                .matcher(truth.trace())
                .results()
                .skip(saidBefore.getOrDefault(sentinel, 0))
                .map(line -> line.group(1))
                .toList();
    }
}
