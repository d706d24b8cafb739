package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a read on its way to a replica that falls silent, without its connection being closed. */
@Timeout(60)
class SilentReplicaIT {
    private FakeRedis primary;
    private FakeRedis first;
    private FakeRedis second;
    private HandFedProxy proxy;
    private long generation;

    @BeforeEach
    void start() throws Exception {
        primary = new FakeRedis(0, true);
        first = new FakeRedis(1, false);
        second = new FakeRedis(2, false);
        proxy = proxy(options -> {});
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        primary.close();
        first.close();
        second.close();
    }

    @Test
    void theReadIsAskedElsewhereWhenTheReplicaIsOutOfService() throws Exception {
        publish(RouteReason.ELIGIBLE, RouteReason.PROBATION);
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            client.write("GET", "k");
            first.peer().expect("GET");
            publish(RouteReason.NO_LINK, RouteReason.ELIGIBLE);
            FakeRedis.Peer other = second.peer();
            other.expect("GET");
            other.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
        }
    }

    @Test
    void aReadThatHasSilencedTwoReplicasIsNotTakenToThePrimary() throws Exception {
        again(options -> options.silenceMax = Duration.ZERO); // both had it for longer
        try (RedisCommandClient client = losing(false)) {
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run: two replicas");
            FakeRedis.Peer last = primary.peer();
            last.expect("GET");
            last.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
        }
    }

    /** A partition does that: the second is sent the read a moment before it is known that it does not answer either. */
    @Test
    void aReadIsAnsweredIfBothReplicasFellSilentTogetherAndOneIsHeardAgain() throws Exception {
        try (RedisCommandClient client = losing(true)) {
            await().until(() -> proxy.counted("tidegate_held_requests") == 1);
            second.silent = false;
            FakeRedis.Peer last = primary.peer();
            last.expect("GET");
            last.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
        }
    }

    @Test
    void aReadThatMayHaveStoppedBothIsHeldForAWhileAndNotTakenToThePrimary() throws Exception {
        again(options -> options.holdMax = Duration.ofSeconds(3));
        try (RedisCommandClient client = losing(true)) {
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run: two replicas");
            FakeRedis.Peer last = primary.peer();
            last.expect("GET");
            last.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
            assertThat(primary.peers).isEmpty();
        }
    }

    @Test
    void aReadThatHasStoppedBothIsNotTakenToThePrimary() throws Exception {
        try (RedisCommandClient client = losing(true)) {
            publish(first.node("another"), RouteReason.NO_LINK, second.node("another"), RouteReason.NO_LINK);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run: two replicas");
        }
    }

    /**
     * A read of this client is lost with both replicas, and a harmless one waits behind it.
     *
     * @param silent whether they greet nobody from then on
     */
    private RedisCommandClient losing(boolean silent) throws Exception {
        publish(RouteReason.ELIGIBLE, RouteReason.PROBATION);
        RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL);
        client.write("GET", "k");
        client.write("GET", "harmless");
        first.peer().expect("GET");
        publish(RouteReason.NO_LINK, RouteReason.ELIGIBLE);
        second.peer().expect("GET");
        first.silent = silent;
        second.silent = silent;
        publish(RouteReason.NO_LINK, RouteReason.NO_LINK);
        return client;
    }

    private void again(Consumer<HandFedProxy.Options> change) {
        proxy.close();
        proxy = proxy(change);
    }

    private static HandFedProxy proxy(Consumer<HandFedProxy.Options> change) {
        return new HandFedProxy(HandFedProxy.Options.with(options -> {
            // Both fall silent together, however long the test takes, and that one is heard again is soon found out.
            options.silenceMax = Duration.ofSeconds(30);
            options.connectMax = Duration.ofSeconds(1);
            change.accept(options);
        }));
    }

    @Test
    void whatOwesNothingStaysOpen() throws Exception {
        publish(RouteReason.ELIGIBLE, RouteReason.PROBATION);
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            client.write("GET", "k");
            FakeRedis.Peer peer = first.peer();
            peer.expect("GET");
            peer.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
            publish(RouteReason.NO_LINK, RouteReason.PROBATION);
            publish(RouteReason.ELIGIBLE, RouteReason.PROBATION);
            client.write("GET", "k");
            peer.expect("GET");
            peer.send("$1\r\nw\r\n");
            assertThat(client.read().text()).isEqualTo("w");
        }
    }

    private void publish(RouteReason healthOfFirst, RouteReason healthOfSecond) {
        publish(first.node(), healthOfFirst, second.node(), healthOfSecond);
    }

    private void publish(Node one, RouteReason healthOfOne, Node other, RouteReason healthOfOther) {
        proxy.plane.publish(new RoutingTable(
                ++generation,
                1,
                primary.node(),
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(
                        new Replica(one, Instants.FOREVER - 1, healthOfOne),
                        new Replica(other, Instants.FOREVER - 1, healthOfOther)),
                false));
    }
}
