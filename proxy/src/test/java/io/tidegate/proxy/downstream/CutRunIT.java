package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

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

/**
 * A session goes on without the rest of what it sent together, of which the first reply is there and not proven, while the
 * connection to the replaced primary is kept for somebody else: what still comes belongs to nobody.
 */
@Timeout(90)
class CutRunIT {
    private static final String RECEIVED = "tidegate_upstream_received_bytes_total";

    private FakeRedis old;
    private FakeRedis promoted;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        old = new FakeRedis(7, true);
        promoted = new FakeRedis(8, true);
        proxy = new HandFedProxy();
        publish(new RoutingTable(1, 1, old.node(), WriteGate.OPEN, Instants.UNKNOWN, List.of(), false));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        old.close();
        promoted.close();
    }

    private void publish(RoutingTable table) throws Exception {
        proxy.plane.publish(table);
        proxy.settled();
    }

    private void promote() throws Exception {
        Replica beside = new Replica(old.node(), Instants.UNKNOWN, RouteReason.NOT_A_REPLICA);
        publish(new RoutingTable(2, 2, promoted.node(), WriteGate.OPEN, Instants.FOREVER, List.of(beside), false));
    }

    /** Sends it to the old primary, which gives the first reply; behind it {@code other} sends a write. */
    private FakeRedis.Peer answerFirst(RawClient client, RawClient other, String command, int times, String reply)
            throws Exception {
        client.send(command.repeat(times));
        FakeRedis.Peer peer = old.peer();
        for (int i = 0; i < times; i++) {
            peer.next();
        }
        other.send(RawClient.command("APPEND", "k", "x"));
        peer.expect("APPEND");
        received(reply, peer);
        return peer;
    }

    /** The proxy has got this of the server, and done with it what can be done. */
    private void received(String reply, FakeRedis.Peer from) throws Exception {
        long before = proxy.counted(RECEIVED);
        from.send(reply);
        await().until(() -> proxy.counted(RECEIVED) >= before + reply.length());
        proxy.settled();
    }

    @Test
    void aLateReplyIsNotGivenToSomebodyElse() throws Exception {
        try (RawClient client = new RawClient(proxy.listen(ReadLevel.SESSION));
                RawClient other = new RawClient(proxy.listen(ReadLevel.SESSION));
                RawClient third = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            FakeRedis.Peer peer = answerFirst(client, other, RawClient.command("SET", "k", "v"), 3, "+OK\r\n");
            promote();
            peer.send("+OK\r\n");
            for (int i = 0; i < 3; i++) {
                assertThat(client.line()).startsWith("-UNCERTAIN ");
            }
            third.send(RawClient.command("GET", "k"));
            FakeRedis.Peer successor = promoted.peer();
            successor.expect("GET");
            received("+late\r\n", peer);
            successor.send("+right\r\n");
            assertThat(third.line()).isEqualTo("+right");
            peer.send("-READONLY You can't write against a read only replica.\r\n");
            successor.expect("APPEND");
            successor.send(":1\r\n");
            assertThat(other.line()).isEqualTo(":1");
        }
    }

    @Test
    void aRefusalBehindItIsHeard() throws Exception {
        try (RawClient client = new RawClient(proxy.listen(ReadLevel.STRONG));
                RawClient other = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            FakeRedis.Peer peer = answerFirst(client, other, RawClient.command("GET", "k"), 3, "+old\r\n");
            promote();
            FakeRedis.Peer successor = promoted.peer();
            successor.expect("GET", "GET", "GET");
            peer.send("+old\r\n+old\r\n-READONLY You can't write against a read only replica.\r\n");
            successor.expect("APPEND");
            successor.send("+a\r\n+b\r\n+c\r\n:1\r\n");
            assertThat(client.line()).isEqualTo("+a");
            assertThat(client.line()).isEqualTo("+b");
            assertThat(client.line()).isEqualTo("+c");
            assertThat(other.line()).isEqualTo(":1");
        }
    }
}
