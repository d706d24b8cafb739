package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Very many clients at once, of a proxy whose heap and direct memory are 256 MB together, so that it fails if it needs more.
 * Nothing is timed.
 */
@Tag("alone")
@Timeout(180)
class CapacityIT {
    private static final int IDLE = 10_000;
    private static final int ACTIVE = 1_000;
    private static final int BLOCKED = 2_000;
    private static final int LOOPS = 2;
    /** Of this JVM, and of the proxy, which is given as many: a socket for each client, and some. */
    private static final long FILES_MIN = IDLE + ACTIVE + 2_000;

    private static final List<String> MEMORY = List.of(
            "/usr/bin/env", "JAVA_TOOL_OPTIONS=-Xmx160m -XX:MaxDirectMemorySize=96m -XX:+ExitOnOutOfMemoryError");

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    private LocalRedis redis;
    private RedisProcess primary;
    private Serving proxy;
    private final List<SocketChannel> clients = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        var system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        assumeThat(system.getMaxFileDescriptorCount())
                .as("files that a process may open (ulimit -n)")
                .isGreaterThan(FILES_MIN);
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
        primary = redis.primary();
        proxy = Serving.start(MEMORY, directory, """
                upstream: {static: {nodes: ["%s"]}}
                clients: {connections-max: 20000}
                event-loops: %d
                """.formatted(primary.endpoint(), LOOPS));
        try (RedisCommandClient client = proxy.connect()) {
            assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
        }
    }

    @AfterEach
    void stop() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        if (proxy != null) {
            proxy.close();
            redis.close();
        }
    }

    private List<SocketChannel> connect(int count) throws IOException {
        List<SocketChannel> connected = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(proxy.address());
            connected.add(channel);
            clients.add(channel);
        }
        return connected;
    }

    private static void send(SocketChannel to, String bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes.getBytes(ISO_8859_1));
        while (buffer.hasRemaining()) {
            to.write(buffer);
        }
    }

    /** The next so many bytes. */
    private static String receive(SocketChannel from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            assertThat(from.read(buffer)).as("bytes read").isPositive();
        }
        return new String(buffer.array(), ISO_8859_1);
    }

    private static void receive(List<SocketChannel> from, String expected) throws IOException {
        for (SocketChannel each : from) {
            assertThat(receive(each, expected.length())).isEqualTo(expected);
        }
    }

    private static void send(List<SocketChannel> to, String bytes) throws IOException {
        for (SocketChannel each : to) {
            send(each, bytes);
        }
    }

    @Test
    void tenThousandIdleClientsAndAThousandActiveOnes() throws Exception {
        List<SocketChannel> idle = connect(IDLE);
        send(idle, "GET k\r\n");
        receive(idle, "$1\r\nv\r\n");
        List<SocketChannel> active = connect(ACTIVE);
        String value = "v".repeat(1_000);
        for (int round = 0; round < 10; round++) {
            StringBuilder pipeline = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                pipeline.append("SET k" + i + " " + value + "\r\nGET k" + i + "\r\n");
            }
            send(active, pipeline.toString());
            receive(active, ("+OK\r\n$1000\r\n" + value + "\r\n").repeat(8));
        }
        try (RedisCommandClient client = proxy.connect()) {
            assertThat(client.info("tidegate")).containsEntry("connected_clients", Integer.toString(IDLE + ACTIVE + 1));
            assertThat(client.info("clients")).containsEntry("connected_clients", Integer.toString(IDLE + ACTIVE + 1));
        }
        send(idle, "GET k\r\n");
        receive(idle, "$1\r\nv\r\n");
        // To the server they are a few.
        assertThat(primary.command("CLIENT", "LIST", "TYPE", "normal").text().lines())
                .hasSizeLessThan(20);
    }

    @Test
    void tenThousandSubscribersOfOneChannel() throws Exception {
        List<SocketChannel> subscribers = connect(IDLE);
        send(subscribers, "SUBSCRIBE news\r\n");
        receive(subscribers, "*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
        assertThat(connectionsOf("news")).isEqualTo(LOOPS);
        assertThat(primary.command("CLIENT", "LIST", "TYPE", "pubsub").text().lines())
                .hasSize(LOOPS)
                .allMatch(line -> line.contains(" sub=1 "));
        try (RedisCommandClient publisher = proxy.connect()) {
            for (int i = 0; i < 10; i++) {
                assertThat(publisher.command("PUBLISH", "news", "message " + i).integer())
                        .isEqualTo(IDLE);
            }
        }
        for (int i = 0; i < 10; i++) {
            receive(subscribers, "*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$9\r\nmessage " + i + "\r\n");
        }
        for (SocketChannel subscriber : subscribers) {
            subscriber.close();
        }
        await().atMost(Stack.PATIENCE).until(() -> connectionsOf("news") == 0);
    }

    private long connectionsOf(String channel) throws IOException {
        return primary.command("PUBSUB", "NUMSUB", channel).elements().get(1).integer();
    }

    @Test
    void twoThousandClientsThatWaitForAnElement() throws Exception {
        List<SocketChannel> waiting = connect(BLOCKED);
        send(waiting, "BLPOP jobs 0\r\n");
        await().atMost(Stack.PATIENCE).until(() -> Stack.blockedClients(primary) == BLOCKED);
        try (RedisCommandClient client = proxy.connect()) {
            assertThat(client.info("clients")).containsEntry("blocked_clients", Integer.toString(BLOCKED));
            for (int i = 0; i < BLOCKED; i++) {
                client.write("RPUSH", "jobs", Integer.toString(10_000 + i));
            }
            for (int i = 0; i < BLOCKED; i++) {
                client.read();
            }
        }
        String reply = "*2\r\n$4\r\njobs\r\n$5\r\n10000\r\n";
        assertThat(waiting.stream().map(each -> {
                    try {
                        return receive(each, reply.length());
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }))
                .doesNotHaveDuplicates()
                .allMatch(each -> each.startsWith(reply.substring(0, reply.length() - 7)));
        assertThat(Stack.blockedClients(primary)).isZero();
        // They go back to the pool, and none is left to whom nobody listens.
        send(waiting, "PING\r\n");
        receive(waiting, "+PONG\r\n");
    }
}
