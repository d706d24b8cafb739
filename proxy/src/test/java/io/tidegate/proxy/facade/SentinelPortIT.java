package io.tidegate.proxy.facade;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoopGroup;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the port says, beside what a real sentinel says, and what one client can do to it. */
@Timeout(60)
class SentinelPortIT {
    private static final int CLIENTS_MAX = 3;

    private final AtomicInteger connected = new AtomicInteger();
    private volatile Patience patience = Patience.ENDLESS;
    private EventLoopGroup group;
    private SentinelPort port;

    @BeforeEach
    void start() throws IOException {
        Transport transport = Transport.best();
        group = transport.newGroup(1, "test-sentinel-port");
        Tier tier = new Tier(
                LocalRedis.MASTER_NAME,
                local -> List.of(new NodeAddress("127.0.0.1", 6390), new NodeAddress("127.0.0.1", 6391)),
                () -> 7);
        port = SentinelPort.open(
                group,
                transport,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                tier,
                TlsStore::plaintext,
                () -> patience,
                connected,
                CLIENTS_MAX,
                false);
    }

    @AfterEach
    void stop() {
        port.close();
        group.shutdownGracefully(50, 1_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        assertThat(connected).hasValue(0);
    }

    /** Every question in one conversation with each of both; what tells the two apart is made the same. */
    @ParameterizedTest
    @ValueSource(strings = {"2", "3"})
    void itSpeaksAsASentinelDoes(String protocol) throws Exception {
        List<List<String>> questions = List.of(
                List.of("HELLO", protocol),
                List.of("PING"),
                List.of("PING", "a"),
                List.of("PING", "a", "b"),
                List.of("SENTINEL", "get-master-addr-by-name", "mymaster"),
                List.of("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "none"),
                List.of("SENTINEL", "get-master-addr-by-name"),
                List.of("SENTINEL", "masters"),
                List.of("sentinel", "master", "mymaster"),
                List.of("SENTINEL", "master", "none"),
                List.of("SENTINEL", "master"),
                List.of("SENTINEL", "replicas", "mymaster"),
                List.of("SENTINEL", "slaves", "mymaster"),
                List.of("SENTINEL", "slaves", "none"),
                List.of("SENTINEL", "sentinels", "mymaster"),
                List.of("SENTINEL", "sentinels", "none"),
                List.of("SENTINEL", "myid"),
                List.of("SENTINEL", "ckquorum", "mymaster"),
                List.of("SENTINEL", "ckquorum", "none"),
                List.of("SENTINEL"),
                List.of("SENTINEL", "foo"),
                List.of("ROLE"),
                List.of("AUTH", "x"),
                List.of("AUTH", "default", "x"),
                List.of("AUTH", "u", "x"),
                List.of("HELLO", protocol, "AUTH", "default", "x", "SETNAME", "me"),
                List.of("CLIENT", "GETNAME"),
                List.of("CLIENT", "SETNAME", "you"),
                List.of("CLIENT", "GETNAME"),
                List.of("CLIENT", "ID"),
                List.of("CLIENT", "foo"),
                List.of("GET", "k"),
                List.of("SELECT", "0"),
                List.of("UNSUBSCRIBE"),
                List.of("SUBSCRIBE"),
                List.of("HELLO", "9"));
        try (LocalRedis redis = LocalRedis.builder().replicas(1).sentinels(1).start();
                RedisCommandClient real = redis.sentinels().get(0).connect();
                RedisCommandClient ours = RedisCommandClient.connect(port.address(), Duration.ofSeconds(20))) {
            await().until(() -> real.command("SENTINEL", "replicas", "mymaster")
                    .elements()
                    .get(0)
                    .toString()
                    .contains("master-link-status"));
            for (List<String> question : questions) {
                assertThat(shape(ours, question)).as("%s", question).isEqualTo(shape(real, question));
            }
            for (RedisCommandClient client : List.of(ours, real)) {
                client.write("PSUBSCRIBE", "*");
                assertThat(client.read().elements().get(2).integer()).isEqualTo(1);
            }
            for (List<String> question : List.of(
                    List.of("SENTINEL", "myid"), List.of("GET", "k"), List.of("ROLE"), List.of("CLIENT", "ID"))) {
                assertThat(shape(ours, question)).as("%s", question).isEqualTo(shape(real, question));
            }
            assertThat(shape(ours, List.of("PING"))).isEqualTo(shape(real, List.of("PING")));
            assertThat(shape(ours, List.of("PUNSUBSCRIBE"))).isEqualTo(shape(real, List.of("PUNSUBSCRIBE")));
        }
    }

    /** As a sentinel of Valkey 9.1.2 was seen to; of the errors only the wrong number of words names the question. */
    @Test
    void itKnowsTheNamesThatValkeyGaveItsQuestions() throws Exception {
        try (RedisCommandClient client = RedisCommandClient.connect(port.address(), Duration.ofSeconds(20))) {
            for (String[] names : List.of(
                    new String[] {"GET-PRIMARY-ADDR-BY-NAME", "get-master-addr-by-name", "mymaster"},
                    new String[] {"get-primary-addr-by-name", "get-master-addr-by-name", "none"},
                    new String[] {"primary", "master", "mymaster"},
                    new String[] {"primary", "master", "none"})) {
                assertThat(shape(client, List.of("SENTINEL", names[0], names[2])))
                        .as(names[0])
                        .isEqualTo(shape(client, List.of("SENTINEL", names[1], names[2])));
            }
            assertThat(shape(client, List.of("SENTINEL", "primaries")))
                    .isEqualTo(shape(client, List.of("SENTINEL", "masters")));
            assertThat(shape(client, List.of("SENTINEL", "primary")))
                    .endsWith("wrong number of arguments for 'sentinel|primary' command");
        }
    }

    private static String shape(RedisCommandClient client, List<String> question) throws IOException {
        try {
            return client.command(question.toArray(String[]::new))
                    .toString()
                    .replaceAll("[0-9a-f]{40}", "ID")
                    .replaceAll("-?\\b\\d+\\b", "N")
                    .replaceAll("\\b(err|ok)\\b", "STATUS")
                    .replaceAll("slave,disconnected|slave", "slave");
        } catch (RedisErrorException e) {
            return "error: " + e.getMessage();
        }
    }

    @Test
    void commandsComeInPiecesAndTogether() throws Exception {
        try (Socket client = socket()) {
            OutputStream out = client.getOutputStream();
            for (byte each : "*2\r\n$4\r\nPING\r\n$1\r\na\r\n".getBytes(UTF_8)) {
                out.write(new byte[] {each});
                out.flush();
            }
            expect(client, "$1\r\na\r\n");
            out.write("PING\r\n\r\n*1\r\n$4\r\nPING\r\nPING \"x y\"\r\nQUIT\r\nPING\r\n".getBytes(UTF_8));
            expect(client, "+PONG\r\n+PONG\r\n$3\r\nx y\r\n+OK\r\n");
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "*1\r\n$99999\r\n",
                "*9999999\r\n",
                "*1\r\nx\r\n",
                "PING \"x\r\n",
            })
    void whatIsMalformedEndsThatClientAlone(String bad) throws Exception {
        try (Socket other = socket();
                Socket client = socket()) {
            client.getOutputStream().write(bad.getBytes(UTF_8));
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .startsWith("-ERR Protocol error");
            other.getOutputStream().write("PING\r\n".getBytes(UTF_8));
            expect(other, "+PONG\r\n");
        }
    }

    @Test
    void aLineWithoutEndIsNotKept() throws Exception {
        try (Socket client = socket()) {
            try {
                client.getOutputStream().write(new byte[1 << 20]);
            } catch (SocketException closedMeanwhile) {
                // As it should be.
            }
            await().until(() -> connected.get() == 0);
        }
    }

    @Test
    void whoComesBeyondTheLimitIsToldSo() throws Exception {
        try (Socket first = socket();
                Socket second = socket();
                Socket third = socket()) {
            await().until(() -> connected.get() == CLIENTS_MAX);
            try (Socket fourth = socket()) {
                assertThat(new String(fourth.getInputStream().readAllBytes(), UTF_8))
                        .isEqualTo("-ERR max number of clients reached\r\n");
            }
            await().until(() -> connected.get() == CLIENTS_MAX);
            first.shutdownOutput();
            await().until(() -> connected.get() == CLIENTS_MAX - 1);
            second.getOutputStream().write("PING\r\n".getBytes(UTF_8));
            expect(second, "+PONG\r\n");
            third.getOutputStream().write("PING\r\n".getBytes(UTF_8));
            expect(third, "+PONG\r\n");
        }
    }

    @Test
    void whoIsSlowOrSilentEndsInTime() throws Exception {
        long soon = TimeUnit.MILLISECONDS.toNanos(150);
        patience = new Patience(soon, 0, 0, 0);
        try (Socket silent = socket()) {
            assertThat(silent.getInputStream().read()).as("asks nothing").isEqualTo(-1);
        }
        patience = new Patience(Long.MAX_VALUE, 0, soon, 0);
        try (Socket slow = socket()) {
            slow.getOutputStream().write("PING\r\n*2\r\n$4\r\nPI".getBytes(UTF_8));
            expect(slow, "+PONG\r\n");
            assertThat(slow.getInputStream().read()).as("does not go on").isEqualTo(-1);
        }
        // Long enough for who is busy to be so on a busy machine.
        long later = TimeUnit.SECONDS.toNanos(2);
        patience = new Patience(Long.MAX_VALUE, later, later, later);
        try (Socket idle = socket();
                Socket subscribed = socket();
                Socket busy = socket()) {
            subscribed.getOutputStream().write("SUBSCRIBE c\r\n".getBytes(UTF_8));
            expect(subscribed, "*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n");
            idle.getOutputStream().write("PING\r\n".getBytes(UTF_8));
            expect(idle, "+PONG\r\n");
            await().pollInterval(Duration.ofMillis(20)).until(() -> {
                busy.getOutputStream().write("PING\r\n".getBytes(UTF_8));
                expect(busy, "+PONG\r\n");
                return idle.getInputStream().available() == 0 && connected.get() == 2;
            });
            assertThat(idle.getInputStream().read()).as("idle").isEqualTo(-1);
            subscribed.getOutputStream().write("PING\r\n".getBytes(UTF_8));
            expect(subscribed, "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
        }
        await().until(() -> connected.get() == 0);
        try (Socket glutton = new Socket()) {
            glutton.setReceiveBufferSize(4_096); // so that little is on its way when it does not read
            glutton.connect(port.address());
            byte[] questions = "SENTINEL masters\r\n".repeat(64).getBytes(UTF_8);
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                try {
                    while (true) {
                        glutton.getOutputStream().write(questions);
                    }
                } catch (IOException reset) {
                    return true; // it does not read, so it is ended while it writes
                }
            });
        }
    }

    @Test
    void subscriptionsAreLimited() throws Exception {
        try (RedisCommandClient client = RedisCommandClient.connect(port.address(), Duration.ofSeconds(20))) {
            for (int i = 0; i < 1_024; i++) {
                client.command("SUBSCRIBE", "c" + i);
            }
            assertThat(client.command("SUBSCRIBE", "c0").elements().get(2).integer())
                    .isEqualTo(1_024);
            client.write("SUBSCRIBE", "one-more");
            assertThat(readError(client)).startsWith("ERR more than 1024 subscriptions");
        }
    }

    private static String readError(RedisCommandClient client) throws IOException {
        try {
            return client.read().toString();
        } catch (RedisErrorException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Its questions stay in its own socket, and others are answered. */
    @Test
    void whoDoesNotReadIsNotReadFrom() throws Exception {
        byte[] questions = "SENTINEL masters\r\n".repeat(4_096).getBytes(UTF_8);
        Socket glutton = socket();
        try (Socket other = socket()) {
            Thread asking = new Thread(() -> {
                try {
                    for (int i = 0; i < 10_000; i++) {
                        glutton.getOutputStream().write(questions);
                    }
                } catch (IOException closed) {
                    // The test is over.
                }
            });
            asking.start();
            await().until(() -> asking.getState() == Thread.State.RUNNABLE);
            await().during(Duration.ofMillis(500))
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        other.getOutputStream().write("PING\r\n".getBytes(UTF_8));
                        expect(other, "+PONG\r\n");
                        return asking.isAlive();
                    });
            glutton.close();
            asking.join();
        } finally {
            glutton.close();
        }
    }

    @Test
    void whenItClosesItsClientsAskAnother() throws Exception {
        try (Socket client = socket()) {
            client.getOutputStream().write("SUBSCRIBE +switch-master\r\n".getBytes(UTF_8));
            expect(client, "*3\r\n$9\r\nsubscribe\r\n$14\r\n+switch-master\r\n:1\r\n");
            port.close();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
    }

    private Socket socket() throws IOException {
        Socket socket = new Socket(port.address().getAddress(), port.address().getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static void expect(Socket client, String reply) throws IOException {
        InputStream in = client.getInputStream();
        try {
            assertThat(new String(in.readNBytes(reply.length()), UTF_8)).isEqualTo(reply);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("no reply (expected: " + reply.strip() + ")", e);
        }
    }
}
