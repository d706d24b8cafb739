package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Fork;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writes that are sent to a node that was promoted, before enough sentinels name it: none is acknowledged before that. */
@Timeout(60)
class SentAheadIT {
    private static final String OK = "+OK\r\n";

    private FakeRedis first;
    private FakeRedis second;
    private HandFedProxy proxy;
    private RedisCommandClient client;

    @BeforeEach
    void start() throws Exception {
        first = new FakeRedis(7, true);
        second = new FakeRedis(8, true);
        begin(new HandFedProxy());
    }

    private void begin(HandFedProxy fresh) throws Exception {
        proxy = fresh;
        adopted(1, first);
        client = proxy.connect(ReadLevel.SESSION);
        cuttingOver(null);
    }

    @AfterEach
    void stop() throws Exception {
        stopProxy();
        first.close();
        second.close();
    }

    private void stopProxy() throws Exception {
        client.close();
        proxy.close();
    }

    @Test
    void aHeldWriteIsSentAheadAndAcknowledgedUnderTheNewClaimOverTheSameConnection() throws Exception {
        client.write("SET", "k", "v");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        FakeRedis.Peer peer = sentAhead("SET");
        peer.send(OK);
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        adopted(2, second);
        assertThat(client.read().text()).isEqualTo("OK");
        client.write("INCR", "n");
        peer.expect("INCR");
    }

    @Test
    void connectionsAreOpenedBeforeAnybodyWantsThem() throws Exception {
        assertThat(client.command("PING").text()).isEqualTo("PONG");
        cuttingOver(new Successor(second.node(), 2, true));
        FakeRedis.Peer peer = second.peer();
        adopted(2, second);
        client.write("SET", "k", "v");
        peer.expect("SET");
    }

    @Test
    void underTheNewClaimItStillWaitsForItsEvidence() throws Exception {
        client.write("SET", "k", "v");
        sentAhead("SET").send(OK);
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        publish(2, second, WriteGate.OPEN, Instants.UNKNOWN, null);
        proxy.settled();
        assertThat(proxy.counted("tidegate_parked_replies")).isEqualTo(1);
        adopted(2, second);
        assertThat(client.read().text()).isEqualTo("OK");
    }

    @Test
    void ifTheSentinelsGoBackItIsUncertainAndTheNextGoesWhereTheyWent() throws Exception {
        client.write("SET", "k", "v");
        sentAhead("SET").send(OK);
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        adopted(1, first);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        client.write("INCR", "n");
        first.peer().expect("INCR");
    }

    @Test
    void withoutAReplyItIsUncertainToo() throws Exception {
        client.write("SET", "k", "v");
        sentAhead("SET");
        adopted(1, first);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    /** Sentinels that were reset in mid-failover may name two nodes at one epoch. */
    @Test
    void ifAnotherNodeHasTheEpochInTheEndItIsUncertain() throws Exception {
        try (FakeRedis third = new FakeRedis(9, true)) {
            client.write("SET", "k", "v");
            sentAhead("SET").send(OK);
            await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
            adopted(2, third);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
        }
    }

    @Test
    void aSuccessorInDoubtIsSentNothingMoreAndWhatItAnsweredWaitsOn() throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer peer = sentAhead("SET");
        peer.send(OK);
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        cuttingOver(new Successor(second.node(), 2, false));
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            other.write("SET", "other", "v");
            await().until(() -> proxy.counted("tidegate_held_requests") == 1);
            assertThat(proxy.counted("tidegate_parked_replies")).isEqualTo(1);
            adopted(2, second);
            assertThat(client.read().text()).isEqualTo("OK");
            peer.expect("SET");
        }
    }

    /** A session read needs no proof of a primary; of a node that is none yet it does. */
    @Test
    void aReadBehindAWriteThatWasRefusedIsNotAnsweredByANodeThatIsNotThePrimaryYet() throws Exception {
        client.write("SET", "k", "v");
        client.write("GET", "k");
        FakeRedis.Peer peer = sentAhead("SET", "GET");
        peer.send("-ERR no\r\n$1\r\nv\r\n");
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        adopted(2, second);
        assertThatThrownBy(client::read).hasMessageStartingWith("ERR no");
        assertThat(client.read().text()).isEqualTo("v");
    }

    @Test
    void aTransactionIsSentAheadToo() throws Exception {
        client.write("MULTI");
        client.write("SET", "k", "v");
        client.write("EXEC");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        cuttingOver(new Successor(second.node(), 2, true));
        FakeRedis.Peer peer = ownOfTwo();
        peer.expect("MULTI", "SET", "EXEC");
        peer.send(OK + "+QUEUED\r\n*1\r\n" + OK);
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        adopted(2, second);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        assertThat(client.read().elements()).hasSize(1);
    }

    /** What an optimistic transaction begins with. */
    @Test
    void whatIsReadOverAConnectionOfItsOwnWaitsToo() throws Exception {
        client.write("WATCH", "k");
        client.write("GET", "k");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        cuttingOver(new Successor(second.node(), 2, true));
        FakeRedis.Peer peer = ownOfTwo();
        peer.expect("WATCH", "GET");
        peer.send(OK + "$1\r\nv\r\n");
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        adopted(2, second);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().text()).isEqualTo("v");
    }

    /** It may have been started again with less than it had when it answered. */
    @Test
    void ifAnotherProcessIsAdoptedAtItsAddressItIsUncertain() throws Exception {
        stopProxy();
        begin(new HandFedProxy(HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(2))));
        client.write("SET", "k", "v");
        sentAhead("SET").send(OK);
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        publish(2, second.node("another"), WriteGate.OPEN, Instants.FOREVER, null);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
    }

    /** The second is made known as the successor, and gets these commands of the one client. */
    private FakeRedis.Peer sentAhead(String... commands) throws Exception {
        cuttingOver(new Successor(second.node(), 2, true));
        FakeRedis.Peer peer = second.peer();
        peer.expect(commands);
        return peer;
    }

    /** A shared connection and one of the client's own are opened side by side, and greeted in any order: the one in use. */
    private FakeRedis.Peer ownOfTwo() throws Exception {
        FakeRedis.Peer one = second.peer();
        FakeRedis.Peer other = second.peer();
        await().until(() -> one.heard() || other.heard());
        return one.heard() ? one : other;
    }

    private void adopted(long epoch, FakeRedis primary) {
        publish(epoch, primary, WriteGate.OPEN, Instants.FOREVER, null);
    }

    private void cuttingOver(@Nullable Successor successor) {
        publish(1, first, WriteGate.CUTTING_OVER, Instants.UNKNOWN, successor);
    }

    private void publish(
            long epoch, FakeRedis primary, WriteGate gate, long evidenceNanos, @Nullable Successor successor) {
        publish(epoch, primary.node(), gate, evidenceNanos, successor);
    }

    private void publish(
            long epoch, RoutingTable.Node primary, WriteGate gate, long evidenceNanos, @Nullable Successor successor) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(new RoutingTable(
                generation, epoch, primary, gate, evidenceNanos, List.of(), false, Fork.NONE, successor));
    }
}
