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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that is asked to end lets its clients go where nothing of them is under way, with TLS and without. */
@ParameterizedClass(name = "TLS: {0}")
@ValueSource(booleans = {false, true})
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DrainIT {
    private static final int CLIENTS = 16;
    private static final int RESTARTS = 4;
    private static final long ROUND_WRITES = 2_000;

    private static final String SENT = "tidegate_client_sent_bytes_total";
    private static final int SLOW_CLIENTS = 24;
    private static final int REPLIES_STEP = 4;
    private static final int SOME_CHARS = 64 * 1024;
    private static final int OK_BYTES = "+OK\r\n".length();

    @Parameter
    private boolean tls;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    /** What clients connect with; null = plaintext. */
    private @Nullable SSLSocketFactory sockets;

    private final List<String> launcher = new ArrayList<>(List.of("env"));

    @SuppressWarnings("NullAway.Init") // by JUnit
    private LocalRedis redis;

    @BeforeEach
    void startRedis() throws Exception {
        if (tls) {
            Certificates certificates = new Certificates(directory);
            certificates.write("proxy", certificates.issue("proxy"));
            sockets = certificates.client(null).getSocketFactory();
            launcher.add("TIDEGATE_LISTENERS_0_TLS_CERTIFICATE=" + certificates.file("proxy.pem"));
            launcher.add("TIDEGATE_LISTENERS_0_TLS_KEY=" + certificates.file("proxy.key"));
        }
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
    }

    @AfterEach
    void stopRedis() {
        redis.close();
    }

    private Serving serve(String settings) throws IOException {
        return serve(settings, List.of());
    }

    private Serving serve(String settings, List<String> variables) throws IOException {
        List<String> command = new ArrayList<>(launcher);
        command.addAll(variables);
        return Serving.start(command, directory, settings + "\n" + Serving.upstream(redis));
    }

    private RedisCommandClient connect(Serving serving) throws IOException {
        return RedisCommandClient.connect(serving.address(), Stack.PATIENCE, sockets);
    }

    /** Of a client that has this room for replies; 0 = as usual. */
    private Socket socket(Serving serving, int roomBytes) throws IOException {
        Socket socket = new Socket();
        if (roomBytes > 0) {
            socket.setReceiveBufferSize(roomBytes);
        }
        socket.setSoTimeout(Math.toIntExact(Stack.PATIENCE.toMillis()));
        socket.connect(serving.address());
        InetSocketAddress address = serving.address();
        if (sockets == null) {
            return socket;
        }
        SSLSocket secured = (SSLSocket) sockets.createSocket(socket, address.getHostString(), address.getPort(), true);
        secured.startHandshake();
        return secured;
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
        Counting counting = new Counting(current.address(), sockets, written, reconnected);
        try {
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
            counting.stop();
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
        private final @Nullable SSLSocketFactory sockets;
        private final AtomicLong written;
        private final AtomicLong reconnected;
        private volatile boolean stopped;

        Counting(
                InetSocketAddress address,
                @Nullable SSLSocketFactory sockets,
                AtomicLong written,
                AtomicLong reconnected) {
            this.address = address;
            this.sockets = sockets;
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
                try (RedisCommandClient client = RedisCommandClient.connect(address, Stack.PATIENCE, sockets)) {
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
                RedisCommandClient idle = connect(serving);
                RedisCommandClient transaction = connect(serving);
                RedisCommandClient watching = connect(serving);
                RedisCommandClient blocked = connect(serving)) {
            assertThat(idle.command("PING").text()).isEqualTo("PONG");
            transaction.command("MULTI");
            transaction.command("SET", "k", "v");
            watching.command("WATCH", "k");
            blocked.write("BLPOP", "queue", "0");
            await().atMost(Stack.PATIENCE).until(() -> Stack.blockedClients(redis.primary()) == 1);

            serving.askToEnd();
            assertThatThrownBy(idle::read).isInstanceOf(EOFException.class);
            assertThatThrownBy(() -> connect(serving)).as("nobody is let in").isInstanceOf(IOException.class);

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
                Socket idle = socket(serving, 0);
                Socket late = socket(serving, 0)) {
            try (RedisCommandClient client = connect(serving)) {
                client.command("SET", "some", "x".repeat(SOME_CHARS));
            }
            say(late, "MULTI");
            assertThat(late.getInputStream().readNBytes(OK_BYTES)).hasSize(OK_BYTES);
            for (int i = 1; i <= SLOW_CLIENTS; i++) {
                Socket socket = socket(serving, SOME_CHARS);
                slow.add(socket);
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
        await().atMost(Stack.PATIENCE).pollInterval(Duration.ofMillis(300)).until(() -> {
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
                RedisCommandClient transaction = connect(serving);
                Socket half = socket(serving, 0)) {
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
                RedisCommandClient early = connect(serving)) {
            assertThat(early.command("SET", "k", "v").text()).isEqualTo("OK");
            serving.askToEnd();
            await().atMost(Stack.PATIENCE).until(() -> serving.get("/readyz").startsWith("503 not ready: draining"));
            assertThat(serving.get("/livez")).startsWith("200");
            try (RedisCommandClient late = connect(serving)) {
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
        List<String> admin = List.of("TIDEGATE_ADMIN_ADDRESS=127.0.0.1:" + Serving.freePort());
        String settings = "reuse-port: true\ndrain: {delay: 1m}";
        try (Serving old = serve(settings, admin);
                Serving next = serve(settings, admin)) {
            old.askToEnd();
            await().atMost(Stack.PATIENCE)
                    .until(() -> old.log().stream().anyMatch(line -> line.contains("draining: not ready any more")));
            await().atMost(Stack.PATIENCE).until(() -> next.get("/readyz").equals("200 ready\n"));
            for (int i = 0; i < 50; i++) {
                assertThat(next.get("/readyz")).isEqualTo("200 ready\n");
            }
            try (RedisCommandClient client = connect(old)) {
                assertThat(client.command("PING").text()).isEqualTo("PONG");
            }
        }
    }

    @Test
    void withoutReusePortASecondProxyIsToldThatThePortIsTaken() throws Exception {
        int port = Serving.freePort();
        List<String> address = List.of("TIDEGATE_LISTENERS_0_ADDRESS=127.0.0.1:" + port);
        try (Serving first = serve("reuse-port: true", address)) {
            assertThat(first.address().getPort()).isEqualTo(port);
            assertThatThrownBy(() -> serve("", address)).hasMessageContaining("cannot listen on 127.0.0.1:" + port);
        }
    }

    private Serving serveAt(int port) throws IOException {
        return serve(
                "reuse-port: true\ndrain: {time-max: 20s}", List.of("TIDEGATE_LISTENERS_0_ADDRESS=127.0.0.1:" + port));
    }

    private static RedisCommandClient connect(InetSocketAddress address) throws IOException {
        return RedisCommandClient.connect(address, Stack.PATIENCE);
    }
}
