package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.List;
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
        proxy = new HandFedProxy();
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
        publish(RouteReason.ELIGIBLE, RouteReason.PROBATION);
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            client.write("GET", "k");
            client.write("GET", "harmless");
            first.peer().expect("GET");
            publish(RouteReason.NO_LINK, RouteReason.ELIGIBLE);
            second.peer().expect("GET");
            publish(RouteReason.NO_LINK, RouteReason.NO_LINK);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run: two replicas");
            FakeRedis.Peer last = primary.peer();
            last.expect("GET");
            last.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
        }
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
        proxy.plane.publish(new RoutingTable(
                ++generation,
                1,
                primary.node(),
                WriteGate.OPEN,
                Instants.FOREVER,
                List.of(
                        new Replica(first.node(), Instants.FOREVER - 1, healthOfFirst),
                        new Replica(second.node(), Instants.FOREVER - 1, healthOfSecond)),
                false));
    }
}
