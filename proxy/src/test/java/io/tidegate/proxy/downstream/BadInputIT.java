package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed input gets what a Redis server answers to the very same bytes, and harms nobody else. */
class BadInputIT {
    private static LocalRedis redis;
    private static HandFedProxy proxy;
    private static InetSocketAddress address;

    @BeforeAll
    static void start() throws IOException {
        redis = HandFedProxy.servers(0);
        proxy = new HandFedProxy(Duration.ofSeconds(10), Duration.ofSeconds(5), 8 << 20);
        proxy.primary(1, redis.primary());
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterAll
    static void stop() {
        proxy.close();
        redis.close();
    }

    static List<String> malformed() {
        return List.of(
                "*-2\r\n",
                "*2147483648\r\n",
                "*x\r\n",
                "*1\r\n$-1\r\n",
                "*1\r\n$536870913\r\n",
                "*1\r\n$99999999999999999999\r\n",
                "*1\r\n+PING\r\n",
                "*1\r\nPING\r\n",
                "*1\r\n$x\r\n",
                "*" + "1".repeat(70_000),
                "*1\r\n$" + "1".repeat(70_000),
                "x".repeat(70_000),
                "SET k \"unbalanced\r\n",
                "*1\r\n$4\r\nPING\r\n*1\r\n$-5\r\n",
                "PING\r\n*0\r\n*-1\r\n\r\nECHO \"a b\"\r\n*1\r\n:1\r\n",
                "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nvXXGET k\r\n\u0000\u0001\u0002\r\n*1\r\n$a\r\n");
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void theErrorIsRedissOwnAndTheConnectionIsClosed(String input) throws IOException {
        try (RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            Outcome direct = talk(redis.primary().address(), input, input.length());
            Outcome proxied = talk(address, input, input.length());
            assertThat(proxied).isEqualTo(direct);
            assertThat(proxied.closed).isTrue();
            for (int chunk : new int[] {1, 7, 1_000}) {
                if (input.length() / chunk < 100) {
                    assertThat(talk(address, input, chunk)).isEqualTo(direct);
                }
            }
            assertThat(other.command("PING").text()).isEqualTo("PONG");
        }
    }

    @Test
    void aCommandCutOffAtEveryByteIsNeverExecuted() throws IOException {
        String command = "*3\r\n$3\r\nSET\r\n$3\r\ncut\r\n$5\r\nvalue\r\n";
        for (int length = 1; length < command.length() - 1; length++) {
            Outcome outcome = talk(address, command.substring(0, length), length);
            assertThat(outcome.text).isEmpty();
        }
        try (RedisCommandClient direct = redis.primary().connect()) {
            assertThat(direct.command("EXISTS", "cut").integer()).isZero();
        }
    }

    @Test
    void aClaimOfAMillionElementsCostsNothing() throws IOException {
        try (Socket socket = new Socket(address.getAddress(), address.getPort());
                RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            socket.getOutputStream().write("*1000000\r\n$3\r\nDEL\r\n".getBytes(ISO_8859_1));
            assertThat(other.command("PING").text()).isEqualTo("PONG");
            assertThat(proxy.plane.loops()).isNotEmpty();
        }
    }

    @Test
    void moreUnansweredInputThanAllowedEndsThatConnection() throws IOException {
        // In a transaction, which is kept as a whole.
        String command = "MULTI\r\n*3\r\n$3\r\nSET\r\n$3\r\nbig\r\n$20000000\r\n" + "x".repeat(9 << 20);
        Outcome outcome = talk(address, command, 1 << 16);
        assertThat(outcome.closed).isTrue();
        try (RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            assertThat(other.command("EXISTS", "big").integer()).isZero();
        }
    }

    /** What is kept of a client while it is there is bounded. */
    @Test
    void aNameOfManyBytesIsNotKept() throws IOException {
        String name = "n".repeat(65_537);
        String longest = name.substring(1);
        try (RedisCommandClient client = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            for (String[] command : new String[][] {
                {"CLIENT", "SETNAME", name},
                {"CLIENT", "SETINFO", "lib-name", name},
                {"CLIENT", "SETINFO", name, "v"},
                {"HELLO", "2", "SETNAME", name}
            }) {
                assertThatThrownBy(() -> client.command(command))
                        .as(command[0] + " " + command[1])
                        .hasMessageStartingWith("ERR not executed: Tidegate keeps names");
            }
            assertThat(client.command("CLIENT", "GETNAME").isNull()).isTrue();
            client.command("CLIENT", "SETNAME", longest);
            assertThat(client.command("CLIENT", "GETNAME").text()).isEqualTo(longest);
        }
    }

    @Test
    void noiseHarmsNobodyElse() throws IOException {
        long seed = 20261121;
        Random random = new Random(seed);
        try (RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            for (int round = 0; round < 50; round++) {
                byte[] noise = new byte[1 + random.nextInt(2_000)];
                random.nextBytes(noise);
                talk(address, new String(noise, ISO_8859_1), 500);
                assertThat(other.command("SET", "calm", Integer.toString(round)).text())
                        .as("seed %d round %d", seed, round)
                        .isEqualTo("OK");
            }
        }
    }

    /** Its replies come over the connection that all share, so nobody can wait for it. */
    @Test
    void aClientThatNeverReadsIsDisconnectedAndOthersAreServed() throws IOException {
        try (RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20))) {
            other.command("SET", "large", "x".repeat(400 << 10));
            try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
                String get = "*2\r\n$3\r\nGET\r\n$5\r\nlarge\r\n";
                socket.getOutputStream().write(get.repeat(500).getBytes(ISO_8859_1));
                await().atMost(Duration.ofSeconds(30)).until(() -> disconnected(socket, get));
                assertThat(other.command("GET", "calm").isFailure()).isFalse();
            }
            other.command("DEL", "large");
        }
    }

    /** Writing to it fails once the other side has gone. */
    private static boolean disconnected(Socket socket, String command) {
        try {
            socket.getOutputStream().write(command.getBytes(ISO_8859_1));
            return false;
        } catch (IOException gone) {
            return true;
        }
    }

    @Test
    void aClientThatClosesItsSendingSideStillGetsItsReplies() throws IOException {
        Outcome outcome = talk(address, "SET half 1\r\nGET half\r\n", 100);
        assertThat(outcome.text).isEqualTo("+OK\r\n$1\r\n1\r\n");
        assertThat(outcome.closed).isTrue();
    }

    /** Redis closes the connection of such words, and upstream it is one that others share. */
    @ParameterizedTest
    @ValueSource(strings = {"POST", "post", "Host:"})
    void anHttpRequestEndsItsOwnConnectionOnly(String word) throws IOException {
        try (RedisCommandClient other = RedisCommandClient.connect(address, Duration.ofSeconds(20));
                RedisCommandClient browser = RedisCommandClient.connect(address, Duration.ofSeconds(20));
                RedisCommandClient direct = redis.primary().connect()) {
            assertThat(other.command("SET", "k", "v").text()).isEqualTo("OK");
            String before = upstreamIds(direct);
            assertThat(browser.command("APPEND", "k", "w").integer()).isEqualTo(2);
            browser.write(word, "/", "HTTP/1.1");
            assertThatThrownBy(() -> browser.command("SET", "k", "evil")).isInstanceOf(IOException.class);
            assertThat(other.command("GET", "k").text()).isEqualTo("vw");
            assertThat(upstreamIds(direct)).isEqualTo(before);
        }
    }

    private static String upstreamIds(RedisCommandClient direct) throws IOException {
        return direct.command("CLIENT", "LIST")
                .text()
                .lines()
                .filter(line -> line.contains(" name=tidegate "))
                .map(line -> line.substring(0, line.indexOf(' ')))
                .sorted()
                .collect(Collectors.joining(" "));
    }

    /** What came back, and whether the server closed the connection by itself. */
    private record Outcome(String text, boolean closed) {}

    /** Sends {@code input} in chunks, closes the sending side, and reads to the end. */
    private static Outcome talk(InetSocketAddress to, String input, int chunk) throws IOException {
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            socket.setSoTimeout(45_000);
            socket.setTcpNoDelay(true);
            byte[] bytes = input.getBytes(ISO_8859_1);
            ByteArrayOutputStream received = new ByteArrayOutputStream();
            try {
                for (int at = 0; at < bytes.length; at += chunk) {
                    socket.getOutputStream().write(bytes, at, Math.min(chunk, bytes.length - at));
                }
                socket.shutdownOutput();
            } catch (IOException closedAlready) {
                // The error may come, and the connection go, before all is written.
                received.reset();
            }
            InputStream in = socket.getInputStream();
            boolean closed = true;
            try {
                for (int read = in.read(); read >= 0; read = in.read()) {
                    received.write(read);
                }
            } catch (SocketTimeoutException stillOpen) {
                closed = false;
            } catch (IOException reset) {
                closed = true;
            }
            return new Outcome(received.toString(ISO_8859_1), closed);
        }
    }
}
