package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Replies that wait for their claim, and a claim that says until when its history took over what they are about. */
@Timeout(60)
class ProvenKeptIT {
    private static final String OK = "+OK\r\n";

    private FakeRedis first;
    private FakeRedis second;
    private HandFedProxy proxy;
    private RedisCommandClient client;

    @BeforeEach
    void start() throws Exception {
        first = new FakeRedis(7, true);
        second = new FakeRedis(8, true);
        // Nothing here may end by the time limit of parking.
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.parkMax = Duration.ofMinutes(5)));
        publish(1, first, WriteGate.OPEN, Instants.UNKNOWN, Fork.NONE);
        client = proxy.connect(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        first.close();
        second.close();
    }

    @Test
    void aReplyThatTheSuccessorTookOverIsPassedOn() throws Exception {
        FakeRedis.Peer old = sent(client, "SET");
        long readNanos = answered(old);
        succeed(readNanos);
        assertThat(client.read().text()).isEqualTo("OK");
        client.write("GET", "k");
        second.peer().expect("GET");
    }

    @Test
    void oneThatItMayLackIsUncertain() throws Exception {
        FakeRedis.Peer old = sent(client, "SET");
        long readNanos = answered(old);
        succeed(readNanos - 1);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    @Test
    void behindOneThatIsKeptALaterOneIsUncertainAtOnce() throws Exception {
        FakeRedis.Peer old = sent(client, "SET");
        long readNanos = answered(old);
        client.write("INCR", "n");
        old.expect("INCR");
        long bytes = proxy.counted("tidegate_upstream_received_bytes_total");
        old.send(":1\r\n");
        await().until(() -> proxy.counted("tidegate_upstream_received_bytes_total") > bytes);
        succeed(readNanos);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    @Test
    void ofAPipelineHalfAnsweredTheAnsweredHalfIsKept() throws Exception {
        client.write("SET", "k", "v");
        client.write("INCR", "n");
        FakeRedis.Peer old = first.peer();
        old.expect("SET", "INCR");
        long bytes = proxy.counted("tidegate_upstream_received_bytes_total");
        old.send(OK);
        await().until(() -> proxy.counted("tidegate_upstream_received_bytes_total") > bytes);
        succeed(proxy.clock.nowNanos());
        assertThat(client.read().text()).isEqualTo("OK");
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    /** It is none of the new primary's, and no failover that takes the old one's place can have cost it. */
    @Test
    void whatIsKeptCountsForNeitherClaim() throws Exception {
        FakeRedis.Peer old = sent(client, "SET");
        long readNanos = answered(old);
        succeed(readNanos);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(proxy.written(1).toldMost()).isZero();
        assertThat(proxy.written(2).toldMost()).isZero();
        client.write("SET", "k", "w");
        FakeRedis.Peer peer = second.peer();
        peer.expect("SET");
        peer.send(OK);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(proxy.written(2).toldLeast()).isEqualTo(1);
    }

    @Test
    void whereReplicasMustHoldItTheyAreThoseOfTheSuccessor() throws Exception {
        try (RedisCommandClient careful = RedisCommandClient.connect(
                proxy.listen(
                        new Profile(ReadLevel.SESSION, Durability.parse("replicated(1)"), user -> new CausalScope())),
                Duration.ofSeconds(20))) {
            FakeRedis.Peer old = sent(careful, "SET");
            long readNanos = answered(old);
            succeed(readNanos, new Replica(first.node(), Instants.UNKNOWN, RouteReason.UNKNOWN_LAG));
            await().until(() -> proxy.replicationWantedNanos.get() == readNanos);
            assertThat(proxy.counted("tidegate_parked_replies")).isEqualTo(1);
            succeed(readNanos, new Replica(first.node(), readNanos, RouteReason.ELIGIBLE));
            assertThat(careful.read().text()).isEqualTo("OK");
        }
    }

    /** To the instant of the last, not of the first that waits. */
    @Test
    void theNodesAreAskedOnceMoreWhileWritesAreHeldAndNotBefore() throws Exception {
        FakeRedis.Peer old = sent(client, "SET");
        long readNanos = answered(old);
        client.write("INCR", "n");
        old.expect("INCR");
        assertThat(proxy.inheritanceWantedNanos.get()).isEqualTo(Instants.UNKNOWN);
        publish(1, first, WriteGate.FENCED, Instants.UNKNOWN, Fork.NONE);
        await().until(() -> proxy.inheritanceWantedNanos.get() == readNanos);
        long answeredNanos = proxy.clock.nowNanos();
        old.send(":1\r\n");
        await().until(() -> proxy.inheritanceWantedNanos.get() >= answeredNanos);
    }

    // ---- tools ----

    private FakeRedis.Peer sent(RedisCommandClient from, String command) throws Exception {
        from.write(command, "k", "v");
        FakeRedis.Peer peer = first.peer();
        peer.expect(command);
        return peer;
    }

    /** The server answers; the instant after the reply was read. */
    private long answered(FakeRedis.Peer peer) throws Exception {
        peer.send(OK);
        await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
        return proxy.evidenceWantedNanos.get();
    }

    /** The second takes over, with all that the first had executed before {@code keptNanos}. */
    private void succeed(long keptNanos, Replica... replicas) {
        Fork fork = new Fork(1, first.runId(), keptNanos, Instants.FOREVER);
        publish(2, second, WriteGate.OPEN, Instants.FOREVER, fork, replicas);
    }

    private void publish(
            long epoch, FakeRedis primary, WriteGate gate, long evidenceNanos, Fork fork, Replica... replicas) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(new RoutingTable(
                generation, epoch, primary.node(), gate, evidenceNanos, List.of(replicas), false, fork, null));
    }
}
