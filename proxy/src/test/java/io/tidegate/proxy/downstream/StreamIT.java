package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions that are a pipe: what of the stream goes out, and when. */
@Timeout(60)
class StreamIT {
    private static final int BIG = 256 * 1024;

    private FakeRedis fake;
    private HandFedProxy proxy;
    private long generation;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeRedis();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.parkMax = Duration.ofSeconds(2)));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        fake.close();
    }

    private void evidence(long nanos) {
        proxy.plane.publish(new RoutingTable(++generation, 1, fake.node(), WriteGate.OPEN, nanos, List.of(), false));
    }

    private long upstreamBytesRead() {
        return proxy.counted("tidegate_upstream_received_bytes_total");
    }

    /** Sends as the server, and waits until the proxy has read it to the end and found it unproven. */
    private void sendUnproven(FakeRedis.Peer peer, String text) throws Exception {
        long before = proxy.clock.nowNanos();
        long read = upstreamBytesRead() + text.length();
        peer.send(text);
        await().until(() -> upstreamBytesRead() >= read);
        await().until(() -> proxy.evidenceWantedNanos.get() > before);
    }

    /** What waits in the queue of a slow socket is not overwritten by what comes behind it. */
    @Test
    void aSlowReaderGetsTheStreamAsItWasSent() throws Exception {
        evidence(Instants.FOREVER);
        InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
        try (Socket client = new Socket()) {
            client.setReceiveBufferSize(4 * 1024);
            client.setSoTimeout(20_000);
            client.connect(address);
            client.getOutputStream().write("*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nc\r\n".getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SUBSCRIBE");
            StringBuilder sent = new StringBuilder();
            // More than the kernel takes for a reader that does not read, then piece by piece with evidence in between.
            String first = "x".repeat(8 * 1024 * 1024);
            peer.send(first);
            sent.append(first);
            await().until(() -> upstreamBytesRead() >= first.length());
            for (char c = 'a'; c <= 'e'; c++) {
                evidence(proxy.clock.nowNanos());
                String piece = String.valueOf(c).repeat(BIG);
                sendUnproven(peer, piece);
                sent.append(piece);
                evidence(Instants.FOREVER);
                proxy.settled();
            }
            byte[] received = client.getInputStream().readNBytes(sent.length());
            assertThat(new String(received, ISO_8859_1).equals(sent.toString()))
                    .as("the stream as it was sent")
                    .isTrue();
        }
    }

    @Test
    void evidenceReleasesWhatItReachesThoughMoreHasComeSince() throws Exception {
        evidence(Instants.FOREVER);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SUBSCRIBE", "c");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SUBSCRIBE");
            evidence(proxy.clock.nowNanos());
            for (int i = 0; i < 3; i++) {
                sendUnproven(peer, ":" + i + "\r\n");
                long reached = proxy.clock.nowNanos();
                sendUnproven(peer, "+later\r\n");
                evidence(reached);
                assertThat(client.read().integer()).isEqualTo(i);
                evidence(proxy.clock.nowNanos());
                assertThat(client.read().text()).isEqualTo("later");
            }
        }
    }

    /** The time limit runs from the oldest byte, however busy the stream is. */
    @Test
    void aBusyStreamThatNothingProvesEndsAtTheTimeLimit() throws Exception {
        evidence(Instants.FOREVER);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SUBSCRIBE", "c");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SUBSCRIBE");
            evidence(proxy.clock.nowNanos());
            await().atMost(30, TimeUnit.SECONDS).until(() -> lost(peer));
            assertThatThrownBy(client::read).isInstanceOf(EOFException.class);
        }
    }

    /** Sends a little more, if there is still somebody to send it to. */
    private static boolean lost(FakeRedis.Peer peer) {
        try {
            peer.send(":1\r\n");
            return false;
        } catch (IOException gone) {
            return true;
        }
    }
}
