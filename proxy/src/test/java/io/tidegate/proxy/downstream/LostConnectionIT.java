package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
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
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of commands whose connection is lost, or refuses them, at a moment that only a made-up server can hit. */
@Timeout(60)
class LostConnectionIT {
    private FakeRedis fake;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeRedis();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.settleMax = Duration.ofMillis(100)));
        publish(Instants.FOREVER);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        fake.close();
    }

    @Test
    void anUncertainWriteStaysSoWhenTheNextConnectionFailsToo() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            FakeRedis.Peer first = sent(client);
            first.expect("GET");
            first.close();
            for (int i = 0; i < 3; i++) {
                FakeRedis.Peer next = fake.peer();
                next.expect("GET");
                next.close();
            }
            FakeRedis.Peer last = fake.peer();
            last.expect("GET");
            last.send("$1\r\nv\r\n");
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
            assertThat(client.read().text()).isEqualTo("v");
            client.write("SET", "k", "after");
            last.expect("SET");
            last.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");
        }
    }

    /** The event loop hears of both in one look, and of the end only as of something that has still to be told. */
    @Test
    void whatComesRightAfterTheEndOfAConnectionIsNotSentIntoIt() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SET", "k", "1");
            FakeRedis.Peer first = fake.peer();
            first.expect("SET");
            first.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");

            endAndWrite(first, client);

            FakeRedis.Peer next = fake.peer();
            next.expect("SET");
            next.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");
        }
    }

    @Test
    void neitherIsWhatComesBehindOthersThatAreOnTheirWay() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("GET", "k");
            FakeRedis.Peer first = fake.peer();
            first.expect("GET");

            endAndWrite(first, client);

            FakeRedis.Peer next = fake.peer();
            next.expect("GET");
            next.send("$1\r\n1\r\n");
            assertThat(client.read().text()).isEqualTo("1");
            next.expect("SET");
            next.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");
        }
    }

    @Test
    void aReadIsAskedAgainAtItsOwnLevelAndNotAtThatOfWhatFollows() throws Exception {
        try (FakeRedis replica = new FakeRedis(8, false);
                RedisCommandClient client = proxy.connect(ReadLevel.STRONG)) {
            proxy.send(client, "GET k", "PROXY CONSISTENCY eventual");
            FakeRedis.Peer first = fake.peer();
            first.expect("GET");
            Replica fresh = new Replica(replica.node(), Instants.FOREVER - 1, RouteReason.ELIGIBLE);
            publish(1, fake.node(), Instants.FOREVER, List.of(fresh));
            first.close();
            FakeRedis.Peer next = fake.peer();
            next.expect("GET");
            next.send("$1\r\n1\r\n");
            assertThat(client.read().text()).isEqualTo("1");
            assertThat(client.read().text()).isEqualTo("OK");
            client.write("GET", "k");
            replica.peer().expect("GET");
        }
    }

    private void endAndWrite(FakeRedis.Peer peer, RedisCommandClient client) throws Exception {
        CountDownLatch occupied = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        proxy.onLoop(() -> {
            occupied.countDown();
            awaitUninterruptibly(released);
        });
        occupied.await();
        peer.close();
        client.write("SET", "k", "2");
        released.countDown();
    }

    @Test
    void parkedRepliesSurviveTheLossOfTheRestOfTheirPipeline() throws Exception {
        publish(Instants.UNKNOWN);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            FakeRedis.Peer first = sent(client);
            first.expect("GET");
            client.write("SET", "k", "w");
            client.write("GET", "k");
            first.expect("SET", "GET");
            first.send("+OK\r\n$1\r\nv\r\n+HA");
            await().until(() -> parkedBytes() == "+OK\r\n$1\r\nv\r\n+HA".length());
            first.close();
            await().until(() -> parkedBytes() == "+OK\r\n$1\r\nv\r\n".length());
            publish(Instants.FOREVER);
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().text()).isEqualTo("v");
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
            FakeRedis.Peer second = fake.peer();
            second.expect("GET");
            second.send("$1\r\nw\r\n");
            assertThat(client.read().text()).isEqualTo("w");
        }
    }

    @Test
    void whatTheProxyRefusesIsRefusedAmongLostCommandsToo() throws Exception {
        try (Socket client = raw()) {
            client.getOutputStream()
                    .write((text("SET", "k", "v") + text("CONFIG", "SET", "maxmemory", "0") + text("ECHO", "end"))
                            .getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SET");
            peer.close();
            assertThat(line(client)).startsWith("-UNCERTAIN may have run");
            assertThat(line(client)).startsWith("-ERR not executed: Tidegate refuses this command");
            assertThat(line(client)).isEqualTo("$3");
        }
    }

    @Test
    void timeInFlightIsNotTimeOfWaiting() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(3)));
                RedisCommandClient reader = impatient.connect(ReadLevel.SESSION);
                RedisCommandClient writer = impatient.connect(ReadLevel.SESSION)) {
            reader.write("GET", "k");
            impatient.plane.publish(
                    new RoutingTable(1, 1, fake.node(), WriteGate.FENCED, Instants.FOREVER, List.of(), false));
            FakeRedis.Peer first = fake.peer();
            first.expect("GET");
            // The other one, which began to wait later, has waited in vain.
            assertThatThrownBy(() -> writer.command("SET", "k", "v")).hasMessageStartingWith("NOPRIMARY");
            first.close();
            FakeRedis.Peer second = fake.peer();
            second.expect("GET");
            second.send("$1\r\nv\r\n");
            assertThat(reader.read().text()).isEqualTo("v");
        }
    }

    @Test
    void aReadThatEndsItsServerEachTimeIsAnsweredInTheEnd() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.holdMax = Duration.ofMillis(300)));
                RedisCommandClient client = impatient.connect(ReadLevel.SESSION)) {
            impatient.plane.publish(
                    new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            FutureTask<Void> dying = new FutureTask<>(() -> {
                while (true) {
                    try (FakeRedis.Peer peer = fake.peers.take()) {
                        peer.expect("GET");
                    }
                }
            });
            Thread server = new Thread(dying);
            server.setDaemon(true);
            server.start();
            assertThatThrownBy(() -> client.command("GET", "deadly")).hasMessageStartingWith("NOPRIMARY not executed");
            dying.cancel(true);
        }
    }

    @Test
    void whoeverGoesOnSendingDoesNotWaitLongerForARefusedWrite() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(3)));
                RedisCommandClient client = impatient.connect(ReadLevel.SESSION)) {
            impatient.plane.publish(
                    new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            client.write("SET", "k", "v");
            FakeRedis.Peer peer = fake.peer();
            Thread server = new Thread(() -> refuseWhileMoreIsSent(peer, client));
            server.setDaemon(true);
            server.start();
            assertThatThrownBy(client::read).hasMessageStartingWith("READONLY");
            peer.close();
        }
    }

    /** Between each sending of the first command and its refusal the client sends one more. */
    private static void refuseWhileMoreIsSent(FakeRedis.Peer peer, RedisCommandClient client) {
        try {
            for (int more = 1; true; more++) {
                peer.expect("SET");
                client.write("GET", "k");
                for (int i = 0; i < more; i++) {
                    peer.expect("GET");
                }
                peer.send("-READONLY You can't write against a read only replica.\r\n" + "$-1\r\n".repeat(more));
            }
        } catch (IOException over) {
            // The client has its answer, and the test is over.
        }
    }

    @Test
    void aScriptBehindARefusedCommandIsNotRunTwice() throws Exception {
        try (Socket client = raw()) {
            client.getOutputStream()
                    .write((text("SET", "k", "v")
                                    + text("EVAL", "return redis.call('incr','n')", "0")
                                    + text("SET", "k", "w"))
                            .getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SET", "EVAL", "SET");
            // A replica that was promoted between the two.
            peer.send("-READONLY You can't write against a read only replica.\r\n");
            peer.send(":1\r\n+OK\r\n");
            assertThat(line(client)).startsWith("-READONLY");
            assertThat(line(client)).isEqualTo(":1");
            assertThat(line(client)).isEqualTo("+OK");
            client.getOutputStream().write(text("GET", "end").getBytes(ISO_8859_1));
            peer.expect("GET");
        }
    }

    @Test
    void aRefusedScriptProvesNothing() throws Exception {
        try (Socket client = raw()) {
            client.getOutputStream()
                    .write((text("SET", "k", "v") + text("EVAL", "return redis.call('incr','n')", "0"))
                            .getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SET", "EVAL");
            peer.send("-READONLY You can't write against a read only replica.\r\n");
            peer.send("-READONLY You can't write against a read only replica. script: 1, on @user_script:1.\r\n");
            assertThat(line(client)).startsWith("-READONLY");
            assertThat(line(client)).startsWith("-READONLY").contains("script");
            client.getOutputStream().write(text("GET", "end").getBytes(ISO_8859_1));
            peer.expect("GET");
        }
    }

    @Test
    void halfAReplyIsNotFollowedByAnotherAnswer() throws Exception {
        try (Socket client = raw()) {
            client.getOutputStream().write((text("GET", "k") + text("ECHO", "x")).getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("GET");
            peer.send("$100\r\nhalf");
            String half = "$100\r\nhalf";
            assertThat(new String(client.getInputStream().readNBytes(half.length()), ISO_8859_1))
                    .isEqualTo(half);
            peer.close();
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void halfAProvenReplyIsNotFollowedByAnotherAnswerWhenThePrimaryIsReplaced() throws Exception {
        try (Socket client = raw(proxy.listen(ReadLevel.STRONG))) {
            client.getOutputStream().write((text("GET", "k") + text("ECHO", "x")).getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            peer.expect("GET");
            String half = "$100\r\nhalf";
            peer.send(half);
            assertThat(new String(client.getInputStream().readNBytes(half.length()), ISO_8859_1))
                    .isEqualTo(half);
            publish(Instants.UNKNOWN);
            peer.send("x".repeat(96) + "\r\n");
            await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
            publish(2, fake.node(), Instants.FOREVER, List.of());
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
        }
    }

    @Test
    void settlingEndsHoweverOftenTheTableChanges() throws Exception {
        Node other = new Node(8, fake.node().address(), "never asked", true);
        // It would do for what the session wrote, nothing, and lacks a moment for what the session saw.
        Replica late = new Replica(other, 1, RouteReason.ELIGIBLE);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient pace = proxy.connect(ReadLevel.SESSION)) {
            client.write("GET", "seen");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("GET");
            peer.send("$-1\r\n");
            assertThat(client.read().isNull()).isTrue();
            publish(1, fake.node(), Instants.FOREVER, List.of(late));
            client.write("GET", "k");
            FutureTask<Void> served = new FutureTask<>(() -> {
                peer.expect("GET");
                return null;
            });
            new Thread(served).start();
            while (!served.isDone()) {
                publish(1, fake.node(), Instants.FOREVER, List.of(late));
                // The loop has looked at that table before it answers.
                pace.command("PING");
            }
            served.get();
            peer.send("$1\r\nv\r\n");
            assertThat(client.read().text()).isEqualTo("v");
        }
    }

    @Test
    void tablesThatComeFasterThanTheLoopLooksDoNotPileUp() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            publish(Instants.UNKNOWN);
            client.write("SET", "k", "v");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SET");
            peer.send("+OK\r\n");
            await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
            CountDownLatch published = new CountDownLatch(1);
            proxy.onLoop(() -> awaitUninterruptibly(published));
            for (int i = 0; i < 1_000; i++) {
                publish(Instants.UNKNOWN);
            }
            publish(Instants.FOREVER);
            int pending = proxy.pendingTasks();
            published.countDown();
            assertThat(pending).isLessThan(100);
            assertThat(client.read().text()).isEqualTo("OK");
        }
    }

    @Test
    void aLongRefusedPipelineIsWalkedOverOnce() throws Exception {
        int commands = 120_000;
        try (HandFedProxy deep = new HandFedProxy(HandFedProxy.Options.with(options -> {
                    options.inFlightMax = 2 * commands;
                    options.holdMax = Duration.ofSeconds(4);
                }));
                Socket client = raw(deep.listen(ReadLevel.SESSION))) {
            deep.plane.publish(new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            client.getOutputStream()
                    .write(text("SET", "k", "v").repeat(commands).getBytes(ISO_8859_1));
            FakeRedis.Peer peer = fake.peer();
            for (int i = 0; i < commands; i++) {
                peer.expect("SET");
            }
            peer.send("-READONLY You can't write against a read only replica.\r\n".repeat(commands));
            // All refused, so all is sent again.
            peer.expect("SET");
        }
    }

    @Test
    void aNodeThatIsNotWhatTheTableSaysIsAskedLessAndLess() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(2)));
                RedisCommandClient client = impatient.connect(ReadLevel.SESSION)) {
            impatient.plane.publish(new RoutingTable(
                    1, 1, fake.node("another process"), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            assertThatThrownBy(() -> client.command("GET", "k")).hasMessageStartingWith("NOPRIMARY not executed");
            // 10 ms, doubled each time: 8 fit into 2 s.
            assertThat(fake.peers.size()).isBetween(2, 10);
        }
    }

    // ---- tools ----

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException over) {
            Thread.currentThread().interrupt();
        }
    }

    /** SET, on its way and unanswered, and a GET behind it. */
    private FakeRedis.Peer sent(RedisCommandClient client) throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("SET");
        client.write("GET", "k");
        return peer;
    }

    private void publish(long evidenceNanos) {
        publish(1, fake.node(), evidenceNanos, List.of());
    }

    private void publish(long epoch, Node primary, long evidenceNanos, List<Replica> replicas) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(
                new RoutingTable(generation, epoch, primary, WriteGate.OPEN, evidenceNanos, replicas, false));
    }

    private long parkedBytes() throws Exception {
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            String prefix = "parked_bytes_of_this_loop:";
            return other.command("PROXY", "INFO").elements().stream()
                    .map(line -> line.text())
                    .filter(line -> line.startsWith(prefix))
                    .mapToLong(line -> Long.parseLong(line.substring(prefix.length())))
                    .sum();
        }
    }

    private Socket raw() throws Exception {
        return raw(proxy.listen(ReadLevel.SESSION));
    }

    private static Socket raw(InetSocketAddress address) throws Exception {
        Socket socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(45_000);
        return socket;
    }

    private static String line(Socket socket) throws Exception {
        InputStream in = socket.getInputStream();
        StringBuilder line = new StringBuilder();
        for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
            line.append((char) read);
        }
        return line.toString().strip();
    }

    private static String text(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }
}
