package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is on its way to a primary that says, over another connection, that it is a replica now. */
@Timeout(60)
class DoubtedPrimaryIT {
    private static final long ALL = Instants.FOREVER;

    private FakeRedis old;
    private FakeRedis next;
    private HandFedProxy proxy;
    private RedisCommandClient client;
    private long generation;

    @BeforeEach
    void start() throws Exception {
        old = new FakeRedis(7, true);
        next = new FakeRedis(8, true);
        proxy = new HandFedProxy();
        publish(1, old, WriteGate.OPEN, ALL, false);
        client = proxy.connect(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        old.close();
        next.close();
    }

    /** It may have been found in the data of another one. */
    @Test
    void aSessionsReadWaitsForEvidenceAndIsAskedOfItsSuccessor() throws Exception {
        FakeRedis.Peer peer = asked();
        publish(1, old, WriteGate.FENCED, proxy.clock.nowNanos(), true);
        peer.send("$3\r\nold\r\n");
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        publish(2, next, WriteGate.OPEN, ALL, false);
        FakeRedis.Peer successor = next.peer();
        successor.expect("GET");
        successor.send("$3\r\nnew\r\n");
        assertThat(client.read().text()).isEqualTo("new");
    }

    @Test
    void itIsPassedOnIfThePrimaryIsStillOne() throws Exception {
        FakeRedis.Peer peer = asked();
        publish(1, old, WriteGate.FENCED, proxy.clock.nowNanos(), true);
        peer.send("$1\r\nv\r\n");
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        publish(1, old, WriteGate.OPEN, ALL, false);
        assertThat(client.read().text()).isEqualTo("v");
    }

    @Test
    void aDoubtAloneKeepsNoReadOfASessionBack() throws Exception {
        FakeRedis.Peer peer = asked();
        publish(1, old, WriteGate.FENCED, proxy.clock.nowNanos(), false);
        peer.send("$1\r\nv\r\n");
        assertThat(client.read().text()).isEqualTo("v");
    }

    /** Else it may be executed there much later, when it was called gone long since. */
    @Test
    void aWriteThatHasNotArrivedThereNeverDoes() throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer peer = old.peer();
        peer.expect("SET");
        publish(2, next, WriteGate.OPEN, ALL, false);
        peer.expectReset();
    }

    /** The same of a server that is left as it speaks out of turn, and for too long. */
    @Test
    void norDoesOneWhoseServerSaysTooMuch() throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer peer = old.peer();
        peer.expect("SET");
        // Not a byte more than the proxy reads: what it left unread would have the kernel reset the connection anyway.
        String push = ">1\r\n$100000\r\n";
        peer.send(push + "x".repeat(64 * 1024 + 1 - push.length()));
        peer.expectReset();
    }

    private FakeRedis.Peer asked() throws Exception {
        client.write("GET", "k");
        FakeRedis.Peer peer = old.peer();
        peer.expect("GET");
        return peer;
    }

    private void publish(long epoch, FakeRedis primary, WriteGate gate, long evidenceNanos, boolean lost) {
        proxy.plane.publish(
                new RoutingTable(++generation, epoch, primary.node(), gate, evidenceNanos, List.of(), lost));
    }
}
