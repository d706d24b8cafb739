package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that is asked to end lets its clients go where nothing of them is under way. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DrainIT {
    private static final int CLIENTS = 16;
    private static final int RESTARTS = 4;
    private static final long ROUND_WRITES = 2_000;

    private static final String SENT = "tidegate_client_sent_bytes_total";
    private static final int SLOW_CLIENTS = 24;
    private static final int REPLIES_STEP = 4;
    private static final int SOME_CHARS = 64 * 1024;
    private static final int OK_BYTES = "+OK\r\n".length();

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private LocalRedis redis;

    @BeforeEach
    void startRedis() throws IOException {
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
    }

    @AfterEach
    void stopRedis() {
        redis.close();
    }

    private Serving serve(String settings) throws IOException {
        return Serving.start(directory, settings + "\n" + Serving.upstream(redis));
    }

    /** Each client counts in a key of its own, and sends again whatever its connection ended before it was answered. */
    @Test
    void aRollingRestartUnderLoadRunsEveryWriteOnce() throws Exception {
        int port = Serving.freePort();
        AtomicLong written = new AtomicLong();
        AtomicLong reconnected = new AtomicLong();
        List<Future<Long>> counts = new ArrayList<>();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        Serving current = serveAt(port);
        try {
            Counting counting = new Counting(current.address(), written, reconnected);
            for (int i = 0; i < CLIENTS; i++) {
                String key = "count:" + i;
                counts.add(clients.submit(() -> counting.count(key)));
            }
            for (int restart = 0; restart < RESTARTS; restart++) {
                awaitMore(written);
                Serving next = serveAt(port);
                try {
                    assertThat(current.terminate()).isEqualTo(143);
                    assertThat(current.log()).anyMatch(line -> line.contains("all clients have ended"));
                } finally {
                    current.close();
                    current = next;
                }
            }
            awaitMore(written);
            counting.stop();
            try (RedisCommandClient direct = connect(redis.primary().address())) {
                for (int i = 0; i < CLIENTS; i++) {
                    long acknowledged = counts.get(i).get(30, TimeUnit.SECONDS);
                    assertThat(direct.command("GET", "count:" + i).text())
                            .as("client " + i + ": what ran, and what was acknowledged")
                            .isEqualTo(Long.toString(acknowledged));
                }
            }
            assertThat(reconnected.get()).isGreaterThanOrEqualTo(CLIENTS * (RESTARTS - 1L));
        } finally {
            clients.shutdownNow();
            current.close();
        }
    }

    private static void awaitMore(AtomicLong written) {
        long before = written.get();
        await().atMost(Stack.PATIENCE).until(() -> written.get() > before + ROUND_WRITES);
    }

    /** Some of a pipeline may be answered and some not, but only from one command on. */
    private static final class Counting {
        private static final int PIPELINE = 4;

        private final InetSocketAddress address;
        private final AtomicLong written;
        private final AtomicLong reconnected;
        private volatile boolean stopped;

        Counting(InetSocketAddress address, AtomicLong written, AtomicLong reconnected) {
            this.address = address;
            this.written = written;
            this.reconnected = reconnected;
        }

        void stop() {
            stopped = true;
        }

        /** How many INCR were acknowledged; each reply must be the count itself. */
        long count(String key) throws IOException {
            long acknowledged = 0;
            while (!stopped) {
                try (RedisCommandClient client = connect(address)) {
                    while (!stopped) {
                        for (int i = 0; i < PIPELINE; i++) {
                            client.write("INCR", key);
                        }
                        for (int i = 0; i < PIPELINE; i++) {
                            assertThat(client.read().text()).isEqualTo(Long.toString(acknowledged + 1));
                            acknowledged++;
                            written.incrementAndGet();
                        }
                    }
                } catch (IOException ended) {
                    reconnected.incrementAndGet();
                }
            }
            return acknowledged;
        }
    }

    @Test
    void aTransactionAndACommandThatBlocksGetTheirTime() throws Exception {
        try (Serving serving = serve("drain: {time-max: 1m}");
                RedisCommandClient idle = serving.connect();
                RedisCommandClient transaction = serving.connect();
                RedisCommandClient watching = serving.connect();
                RedisCommandClient blocked = serving.connect()) {
            assertThat(idle.command("PING").text()).isEqualTo("PONG");
            transaction.command("MULTI");
            transaction.command("SET", "k", "v");
            watching.command("WATCH", "k");
            blocked.write("BLPOP", "queue", "0");
            await().atMost(Stack.PATIENCE).until(() -> Stack.blockedClients(redis.primary()) == 1);

            serving.askToEnd();
            assertThatThrownBy(idle::read).isInstanceOf(EOFException.class);
            assertThatThrownBy(serving::connect).as("nobody is let in").isInstanceOf(IOException.class);

            assertThat(transaction.command("EXEC").elements()).hasSize(1);
            assertThatThrownBy(transaction::read).isInstanceOf(EOFException.class);
            assertThat(watching.command("GET", "k").text()).isEqualTo("v");
            assertThat(watching.command("UNWATCH").text()).isEqualTo("OK");
            assertThatThrownBy(watching::read).isInstanceOf(EOFException.class);
            try (RedisCommandClient direct = connect(redis.primary().address())) {
                direct.command("RPUSH", "queue", "element");
            }
            assertThat(blocked.read().elements()).hasSize(2);
            assertThatThrownBy(blocked::read).isInstanceOf(EOFException.class);
            assertThat(serving.awaitEnd()).isEqualTo(143);
            assertThat(serving.log()).anyMatch(line -> line.contains("all clients have ended"));
        }
    }

    /**
     * Clients that do not read, with more and more replies: of some the kernel has all, of some the proxy still has the rest,
     * of the last it has not asked for all. Two that have read everything, one after the other, show how long is waited for
     * the other half: nobody may lose replies to that.
     */
    @Test
    void aSlowReaderGetsAllItsReplies() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try (Serving serving = serve("drain: {time-max: 1m}");
                Socket idle = new Socket(
                        serving.address().getAddress(), serving.address().getPort());
                Socket late = new Socket(
                        serving.address().getAddress(), serving.address().getPort())) {
            try (RedisCommandClient client = serving.connect()) {
                client.command("SET", "some", "x".repeat(SOME_CHARS));
            }
            say(late, "MULTI");
            assertThat(late.getInputStream().readNBytes(OK_BYTES)).hasSize(OK_BYTES);
            for (int i = 1; i <= SLOW_CLIENTS; i++) {
                Socket socket = new Socket();
                slow.add(socket);
                socket.setReceiveBufferSize(SOME_CHARS);
                socket.setSoTimeout(Math.toIntExact(Stack.PATIENCE.toMillis()));
                socket.connect(serving.address());
                say(socket, "GET some\r\n".repeat(i * REPLIES_STEP - 1) + "GET some");
            }
            awaitStandstill(serving);
            serving.askToEnd();
            assertThat(idle.getInputStream().read()).isEqualTo(-1);
            awaitGone(idle);
            say(late, "DISCARD");
            assertThat(late.getInputStream().readAllBytes()).hasSize(OK_BYTES);
            awaitGone(late);
            long clientBytes = REPLIES_STEP * (("$" + SOME_CHARS + "\r\n\r\n").length() + (long) SOME_CHARS);
            for (int i = 1; i <= SLOW_CLIENTS; i++) {
                try (Socket socket = slow.get(i - 1)) {
                    assertThat(socket.getInputStream().transferTo(OutputStream.nullOutputStream()))
                            .as("bytes of " + i * REPLIES_STEP + " replies")
                            .isEqualTo(i * clientBytes);
                }
            }
            assertThat(serving.awaitEnd()).isEqualTo(143);
            assertThat(serving.log()).anyMatch(line -> line.contains("all clients have ended"));
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    private static void say(Socket socket, String line) throws IOException {
        socket.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** What is written to a connection that nobody has any more is answered by a reset. */
    private static void awaitGone(Socket socket) {
        await().atMost(Stack.PATIENCE).until(() -> {
            try {
                say(socket, "PING");
                return false;
            } catch (IOException reset) {
                return true;
            }
        });
    }

    private static void awaitStandstill(Serving serving) {
        double[] before = {-1};
        await().atMost(Stack.PATIENCE).until(() -> {
            double now = serving.get("/metrics")
                    .lines()
                    .filter(line -> line.startsWith(SENT + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(SENT.length() + 1)))
                    .sum();
            boolean same = now == before[0];
            before[0] = now;
            return same;
        });
    }

    @Test
    void whoeverDoesNotEndWhatWasBegunIsDisconnectedInTime() throws Exception {
        try (Serving serving = serve("drain: {time-max: 300ms}");
                RedisCommandClient transaction = serving.connect();
                Socket half = new Socket(
                        serving.address().getAddress(), serving.address().getPort())) {
            transaction.command("MULTI");
            half.getOutputStream().write("*2\r\n$4\r\nPING".getBytes(StandardCharsets.US_ASCII));
            await().atMost(Stack.PATIENCE)
                    .until(() -> serving.get("/metrics").contains("tidegate_client_connections 2"));
            assertThat(serving.terminate()).isEqualTo(143);
            assertThatThrownBy(transaction::read).isInstanceOf(IOException.class);
            assertThat(serving.log()).anyMatch(line -> line.contains("2 clients had not ended what they began"));
        }
    }

    @Test
    void forAWhileItIsNotReadyAndServesAsBefore() throws Exception {
        try (Serving serving = serve("drain: {delay: 3s}");
                RedisCommandClient early = serving.connect()) {
            assertThat(early.command("SET", "k", "v").text()).isEqualTo("OK");
            serving.askToEnd();
            await().atMost(Stack.PATIENCE).until(() -> serving.get("/readyz").startsWith("503 not ready: draining"));
            assertThat(serving.get("/livez")).startsWith("200");
            try (RedisCommandClient late = serving.connect()) {
                assertThat(late.command("GET", "k").text()).isEqualTo("v");
            }
            assertThat(early.command("GET", "k").text()).isEqualTo("v");
            assertThat(serving.awaitEnd()).isEqualTo(143);
            assertThatThrownBy(early::read).isInstanceOf(EOFException.class);
        }
    }

    /** With one configuration for both; the old one is still there, for as long as {@code drain.delay}. */
    @Test
    void theNextProxyIsAskedOnTheAdminPortAsSoonAsTheOldOneDrains() throws Exception {
        List<String> launcher = List.of("env", "TIDEGATE_ADMIN_ADDRESS=127.0.0.1:" + Serving.freePort());
        String settings = "reuse-port: true\ndrain: {delay: 1m}\n" + Serving.upstream(redis);
        try (Serving old = Serving.start(launcher, directory, settings);
                Serving next = Serving.start(launcher, directory, settings)) {
            old.askToEnd();
            await().atMost(Stack.PATIENCE)
                    .until(() -> old.log().stream().anyMatch(line -> line.contains("draining: not ready any more")));
            await().atMost(Stack.PATIENCE).until(() -> next.get("/readyz").equals("200 ready\n"));
            for (int i = 0; i < 50; i++) {
                assertThat(next.get("/readyz")).isEqualTo("200 ready\n");
            }
            try (RedisCommandClient client = old.connect()) {
                assertThat(client.command("PING").text()).isEqualTo("PONG");
            }
        }
    }

    @Test
    void withoutReusePortASecondProxyIsToldThatThePortIsTaken() throws Exception {
        int port = Serving.freePort();
        String address = "TIDEGATE_LISTENERS_0_ADDRESS=127.0.0.1:" + port;
        try (Serving first =
                Serving.start(List.of("env", address), directory, "reuse-port: true\n" + Serving.upstream(redis))) {
            assertThat(first.address().getPort()).isEqualTo(port);
            assertThatThrownBy(() -> Serving.start(List.of("env", address), directory, Serving.upstream(redis)))
                    .hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        }
    }

    private Serving serveAt(int port) throws IOException {
        return Serving.start(
                List.of("env", "TIDEGATE_LISTENERS_0_ADDRESS=127.0.0.1:" + port),
                directory,
                "reuse-port: true\ndrain: {time-max: 20s}\n" + Serving.upstream(redis));
    }

    private static RedisCommandClient connect(InetSocketAddress address) throws IOException {
        return RedisCommandClient.connect(address, Stack.PATIENCE);
    }
}
