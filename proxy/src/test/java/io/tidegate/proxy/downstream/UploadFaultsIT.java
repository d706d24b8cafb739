package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands too large to be kept, and what goes wrong while they are on their way. */
@Timeout(60)
class UploadFaultsIT {
    private static final String HEADER = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\n";
    private static final String HALF = HEADER + "x".repeat(50);
    private static final String REST = "y".repeat(50) + "\r\n";
    private static final String LOST = "-NOPRIMARY not executed: the primary was lost while this command";

    private FakeRedis fake;
    private HandFedProxy proxy;
    private InetSocketAddress address;
    private RawClient client;
    private long generation;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeRedis();
        begin(Duration.ofSeconds(30));
    }

    private void begin(Duration replyMax) throws Exception {
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.uploadBytesMin = 64;
            options.holdMax = Duration.ofSeconds(3);
            options.replyMax = replyMax;
            options.connectionsMax = 3;
        }));
        table(1, fake, WriteGate.OPEN, Instants.FOREVER);
        address = proxy.listen(ReadLevel.SESSION);
        client = new RawClient(address);
    }

    /** A server is given up soon that does not answer. */
    private void beginImpatiently() throws Exception {
        client.close();
        proxy.close();
        begin(Duration.ofSeconds(2));
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        fake.close();
    }

    private void table(long epoch, FakeRedis primary, WriteGate gate, long evidenceNanos) {
        proxy.plane.publish(
                new RoutingTable(++generation, epoch, primary.node(), gate, evidenceNanos, List.of(), false));
    }

    /** The first half of an upload, as it has come to the server. */
    private FakeRedis.Peer half() throws Exception {
        client.send(HALF);
        FakeRedis.Peer peer = fake.peer();
        assertThat(peer.bytes(HALF.length())).isEqualTo(HALF);
        return peer;
    }

    /** The rest of the upload was dropped, and the session goes on. */
    private void goesOn(FakeRedis server) throws Exception {
        client.send(REST + RawClient.command("GET", "k"));
        FakeRedis.Peer peer = server.peer();
        peer.expect("GET");
        peer.send("$1\r\nv\r\n");
        assertThat(client.line()).isEqualTo("$1");
        assertThat(client.line()).isEqualTo("v");
    }

    @Test
    void theBytesGoOnAsTheyComeAndTheReplyComesBack() throws Exception {
        FakeRedis.Peer peer = half();
        client.send(REST + RawClient.command("GET", "k"));
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        peer.send("+OK\r\n");
        assertThat(client.line()).isEqualTo("+OK");
        fake.peer().expect("GET");
        assertThat(proxy.counted("tidegate_uploads_total")).isEqualTo(1);
        assertThat(proxy.counted("tidegate_uploaded_bytes_total")).isEqualTo(HALF.length() + REST.length());
    }

    @Test
    void aConnectionLostInMidUploadProvesThatNothingRan() throws Exception {
        half().close();
        assertThat(client.line()).startsWith(LOST);
        goesOn(fake);
    }

    @Test
    void aClaimThatMovesOnInMidUploadEndsIt() throws Exception {
        FakeRedis.Peer peer = half();
        try (FakeRedis next = new FakeRedis(8, true)) {
            table(2, next, WriteGate.OPEN, Instants.FOREVER);
            assertThat(client.line()).startsWith(LOST);
            peer.expectEnd();
            goesOn(next);
        }
    }

    @Test
    void theLastPieceWaitsForTheGate() throws Exception {
        FakeRedis.Peer peer = half();
        table(1, fake, WriteGate.FENCED, Instants.FOREVER);
        client.send(REST);
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        table(1, fake, WriteGate.OPEN, Instants.FOREVER);
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        peer.send("+OK\r\n");
        assertThat(client.line()).isEqualTo("+OK");
        assertThat(proxy.counted("tidegate_held_requests")).isZero();
    }

    @Test
    void aGateThatStaysShutEndsTheUploadUnexecuted() throws Exception {
        FakeRedis.Peer peer = half();
        table(1, fake, WriteGate.FENCED, Instants.FOREVER);
        client.send(REST);
        assertThat(client.line()).startsWith("-NOPRIMARY not executed: no node is proven to be primary");
        peer.expectEnd();
        table(1, fake, WriteGate.OPEN, Instants.FOREVER);
        client.send(RawClient.command("PING"));
        assertThat(client.line()).isEqualTo("+PONG");
    }

    @Test
    void aClaimThatMovesOnWhileTheLastPieceWaitsEndsIt() throws Exception {
        FakeRedis.Peer peer = half();
        table(1, fake, WriteGate.CUTTING_OVER, Instants.FOREVER);
        client.send(REST + RawClient.command("PING"));
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        try (FakeRedis next = new FakeRedis(8, true)) {
            table(2, next, WriteGate.OPEN, Instants.FOREVER);
            assertThat(client.line()).startsWith(LOST);
            assertThat(client.line()).isEqualTo("+PONG");
            peer.expectEnd();
            assertThat(proxy.counted("tidegate_held_requests")).isZero();
        }
    }

    @Test
    void fromTheLastByteOnItMayHaveRun() throws Exception {
        FakeRedis.Peer peer = half();
        client.send(REST);
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        peer.close();
        assertThat(client.line()).startsWith("-UNCERTAIN may have run");
        client.send(RawClient.command("PING"));
        assertThat(client.line()).isEqualTo("+PONG");
    }

    @Test
    void itsReplyIsParkedAndSupersededAsAnyOther() throws Exception {
        FakeRedis.Peer peer = half();
        table(1, fake, WriteGate.OPEN, Instants.UNKNOWN);
        client.send(REST + RawClient.command("PING"));
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        peer.send("+OK\r\n");
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        try (FakeRedis next = new FakeRedis(8, true)) {
            table(2, next, WriteGate.OPEN, Instants.FOREVER);
            assertThat(client.line())
                    .startsWith("-UNCERTAIN may have run: it was sent to a node that is not the primary now");
            assertThat(client.line()).isEqualTo("+PONG");
        }
    }

    @Test
    void aParkedReplyOfAnUploadOutlivesItsConnection() throws Exception {
        FakeRedis.Peer peer = half();
        table(1, fake, WriteGate.OPEN, Instants.UNKNOWN);
        client.send(REST + RawClient.command("PING"));
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        peer.send("+OK\r\n");
        await().until(() -> proxy.counted("tidegate_parked_replies") == 1);
        peer.close();
        await().until(() -> proxy.counted("tidegate_upstream_connections") == 0);
        table(1, fake, WriteGate.OPEN, Instants.FOREVER);
        assertThat(client.line()).isEqualTo("+OK");
        assertThat(client.line()).isEqualTo("+PONG");
    }

    @Test
    void anEarlyErrorIsTheReplyAndTheRestIsDropped() throws Exception {
        FakeRedis.Peer peer = half();
        // Its proof is that half a command does nothing: it waits for no evidence.
        table(1, fake, WriteGate.OPEN, Instants.UNKNOWN);
        peer.send("-ERR Protocol error: invalid bulk length\r\n");
        assertThat(client.line()).isEqualTo("-ERR Protocol error: invalid bulk length");
        peer.expectEnd();
        table(1, fake, WriteGate.OPEN, Instants.FOREVER);
        goesOn(fake);
    }

    @Test
    void anEarlyErrorWhileTheLastPieceWaitsIsTheReply() throws Exception {
        FakeRedis.Peer peer = half();
        table(1, fake, WriteGate.FENCED, Instants.FOREVER);
        client.send(REST + RawClient.command("PING"));
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        peer.send("-OOM command not allowed\r\n");
        assertThat(client.line()).isEqualTo("-OOM command not allowed");
        assertThat(client.line()).isEqualTo("+PONG");
        peer.expectEnd();
    }

    @Test
    void anEarlyErrorWhileClientsArePausedEndsItsPause() throws Exception {
        FakeRedis.Peer peer = half();
        try (RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            assertThat(other.command("CLIENT", "PAUSE", "100000", "WRITE").text())
                    .isEqualTo("OK");
            client.send(REST + RawClient.command("PING"));
            await().until(() -> proxy.counted("tidegate_paused_requests") == 1);
            peer.send("-OOM command not allowed\r\n");
            assertThat(client.line()).isEqualTo("-OOM command not allowed");
            assertThat(client.line()).isEqualTo("+PONG");
            assertThat(proxy.counted("tidegate_paused_requests")).isZero();
            assertThat(proxy.plane.blockedClientCount()).isZero();
        }
    }

    @Test
    void aRefusalIsPassedOnSinceNothingIsLeftToSendAgain() throws Exception {
        FakeRedis.Peer peer = half();
        client.send(REST);
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        peer.send("-READONLY You can't write against a read only replica.\r\n");
        assertThat(client.line()).startsWith("-READONLY");
        client.send(RawClient.command("PING"));
        assertThat(client.line()).isEqualTo("+PONG");
    }

    @Test
    void aMalformedRestGetsRedissErrorAndBothConnectionsClosed() throws Exception {
        String header = HEADER.replace("*3", "*4");
        client.send(header);
        FakeRedis.Peer peer = fake.peer();
        assertThat(peer.bytes(header.length())).isEqualTo(header);
        client.send("x".repeat(100) + "\r\n:1\r\n");
        assertThat(client.line()).isEqualTo("-ERR Protocol error: expected '$', got ':'");
        assertThat(client.ended()).isTrue();
        peer.expectEnd();
    }

    @Test
    void aClientThatDiesInMidUploadTakesItsConnectionAlong() throws Exception {
        FakeRedis.Peer peer = half();
        client.close();
        peer.expectEnd();
        await().until(() -> proxy.counted("tidegate_upstream_connections") == 0);
    }

    @Test
    void aClientThatSendsNothingMoreInMidUploadIsDone() throws Exception {
        FakeRedis.Peer peer = half();
        client.socket.shutdownOutput();
        assertThat(client.ended()).isTrue();
        peer.expectEnd();
    }

    @Test
    void withoutAConnectionTheCommandIsAnsweredAndDropped() throws Exception {
        try (RedisCommandClient first = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient second = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient third = proxy.connect(ReadLevel.SESSION)) {
            for (RedisCommandClient blocked : List.of(first, second, third)) {
                blocked.write("BLPOP", "list", "0");
                fake.peer().expect("BLPOP");
            }
            client.send(HALF);
            assertThat(client.line()).startsWith("-OVERLOADED not executed: no further connection");
            client.send(REST + RawClient.command("PING"));
            assertThat(client.line()).isEqualTo("+PONG");
        }
    }

    @Test
    void silenceEndsAnUploadOnlyFromItsLastByteOn() throws Exception {
        beginImpatiently();
        FakeRedis.Peer peer = half();
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            // Its server is silent for as long as the upload's, and the connection is given up twice.
            for (int i = 0; i < 2; i++) {
                other.write("SET", "a", "b");
                fake.peer().expect("SET");
                assertThatThrownBy(other::read).hasMessageStartingWith("UNCERTAIN");
            }
        }
        client.send(REST);
        assertThat(peer.bytes(REST.length())).isEqualTo(REST);
        assertThat(client.line()).startsWith("-UNCERTAIN may have run");
        peer.expectReset();
    }

    @Test
    void aServerThatTakesNothingIsGivenUpInTheEnd() throws Exception {
        beginImpatiently();
        int length = 256 << 20;
        client.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$" + length + "\r\n");
        FakeRedis.Peer peer = fake.peer();
        long before = received();
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> send(new byte[1 << 20], length));
        assertThat(client.line()).startsWith(LOST);
        // What the sockets' buffers take, which the kernel limits to some megabytes, and the proxy's one.
        assertThat(proxy.counted("tidegate_uploaded_bytes_total")).isLessThan(32 << 20);
        peer.close();
        sending.join();
        await().until(() -> received() - before >= length);
    }

    private long received() {
        return proxy.counted("tidegate_client_received_bytes_total");
    }

    private void send(byte[] piece, int length) {
        try {
            for (int sent = 0; sent < length; sent += piece.length) {
                client.send(piece);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
