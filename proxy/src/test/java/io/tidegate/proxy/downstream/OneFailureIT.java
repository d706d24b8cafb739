package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.EOFException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mistake of the proxy with one session costs that session, and no other. */
@Timeout(60)
class OneFailureIT {
    private static void unproven(HandFedProxy proxy, FakeRedis fake, long generation) {
        proxy.plane.publish(
                new RoutingTable(generation, 1, fake.node(), WriteGate.OPEN, Instants.UNKNOWN, List.of(), false));
    }

    private static void park(HandFedProxy proxy, FakeRedis.Peer peer) throws Exception {
        proxy.evidenceWantedNanos.set(Instants.UNKNOWN);
        peer.expect("SET");
        peer.send("+OK\r\n");
        await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
    }

    /** {@code LeakGuard} sees to the rest. */
    @Test
    void whatAStreamFailedWithIsNotKept() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy proxy = new HandFedProxy();
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            unproven(proxy, fake, 1);
            client.write("MONITOR");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MONITOR");
            proxy.signalFails.set(true);
            peer.send("+OK\r\n");
            assertThatThrownBy(client::read).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void whoIsParkedBesidesStillHasItsTime() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy proxy = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.parkMax = Duration.ofSeconds(6)));
                RedisCommandClient first = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient second = proxy.connect(ReadLevel.SESSION)) {
            unproven(proxy, fake, 1);
            first.write("SET", "k", "1");
            FakeRedis.Peer peer = fake.peer();
            park(proxy, peer);
            second.write("SET", "k", "2");
            park(proxy, peer);
            proxy.signalFails.set(true);
            // Whose turn comes next is the one that fails.
            assertThatThrownBy(first::read).isInstanceOf(EOFException.class);
            assertThatThrownBy(second::read).hasMessageStartingWith("UNCERTAIN");
        }
    }
}
