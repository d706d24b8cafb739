package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Replica;
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
        proxy = new HandFedProxy();
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
            client.getOutputStream().write("*1\r\n$7\r\nMONITOR\r\n".getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MONITOR");
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
            client.write("MONITOR");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MONITOR");
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
        proxy.close();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.parkMax = Duration.ofSeconds(2)));
        evidence(Instants.FOREVER);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("MONITOR");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MONITOR");
            evidence(proxy.clock.nowNanos());
            await().atMost(30, TimeUnit.SECONDS).until(() -> lost(peer));
            assertThatThrownBy(client::read).isInstanceOf(EOFException.class);
        }
    }

    /** Its reply comes as a part of the stream, and is an acknowledgement like any other. */
    @Test
    void aWriteOnAStreamCountsForAllWhoseWritesAreOne() throws Exception {
        CausalScope scope = new CausalScope();
        InetSocketAddress address =
                proxy.listen(new Profile(ReadLevel.SESSION, Durability.ACKNOWLEDGED, user -> scope));
        try (FakeRedis replica = new FakeRedis(8, false);
                RedisCommandClient writer = RedisCommandClient.connect(address, Duration.ofSeconds(10));
                RedisCommandClient reader = RedisCommandClient.connect(address, Duration.ofSeconds(10))) {
            long asOfNanos = proxy.clock.nowNanos();
            proxy.plane.publish(new RoutingTable(
                    ++generation,
                    1,
                    fake.node(),
                    WriteGate.OPEN,
                    Instants.FOREVER,
                    List.of(new Replica(replica.node(), asOfNanos, RouteReason.ELIGIBLE)),
                    false));
            writer.write("CLIENT", "TRACKING", "ON");
            FakeRedis.Peer stream = fake.peer();
            stream.expect("CLIENT");
            stream.send("+OK\r\n");
            assertThat(writer.read().text()).isEqualTo("OK");
            assertThat(lines(reader, "PROXY", "EXPLAIN", "GET", "k")).contains("became_home");
            writer.write("SET", "k", "v");
            stream.expect("SET");
            stream.send("+OK\r\n");
            assertThat(writer.read().text()).isEqualTo("OK");
            reader.write("GET", "k");
            FakeRedis.Peer primary = fake.peer();
            primary.expect("GET");
            primary.send("$1\r\nv\r\n");
            assertThat(reader.read().text()).isEqualTo("v");
        }
    }

    /** Its number is one of this proxy's clients, and on a pipe nobody could tell the server another one in its place. */
    @Test
    void aPipeDoesNotTurnToRedirecting() throws Exception {
        evidence(Instants.FOREVER);
        InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
        try (RedisCommandClient client = RedisCommandClient.connect(address, Duration.ofSeconds(10))) {
            client.write("CLIENT", "TRACKING", "ON");
            FakeRedis.Peer stream = fake.peer();
            stream.expect("CLIENT");
            stream.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");
            client.write("CLIENT", "TRACKING", "ON", "REDIRECT", "1");
            assertThatThrownBy(client::read).hasMessageStartingWith("ERR not executed");
            stream.expectEnd();
        }
    }

    private static String lines(RedisCommandClient client, String... command) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (RespValue line : client.command(command).elements()) {
            lines.append(line.text()).append('\n');
        }
        return lines.toString();
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
