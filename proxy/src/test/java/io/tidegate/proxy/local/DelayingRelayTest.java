package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Clock;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client, the relay, and a server whose side of each connection the test holds in its hands. */
class DelayingRelayTest {
    private static final int PATIENCE_MILLIS = 10_000;

    private final List<Socket> sockets = new ArrayList<>();
    private ServerSocket server;
    private DelayingRelay relay;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setSoTimeout(PATIENCE_MILLIS);
        relay = DelayingRelay.to((InetSocketAddress) server.getLocalSocketAddress());
    }

    @AfterEach
    void stop() throws IOException {
        relay.close();
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Test
    void passesBytesAndTheEndBothWays() throws IOException {
        Socket client = connect();
        Socket accepted = accept();
        write(client, "ping");
        assertThat(read(accepted, 4)).isEqualTo("ping");
        write(accepted, "pong");
        assertThat(read(client, 4)).isEqualTo("pong");
        assertThat(relay.connections()).isEqualTo(1);

        accepted.close();
        assertThat(client.getInputStream().read()).isEqualTo(-1);
        await().until(() -> relay.connections() == 0);
    }

    @Test
    void delaysEachWayAndKeepsTheOrderWhenTheDelayShrinks() throws IOException {
        Socket client = connect();
        Socket accepted = accept();
        relay.delay(Duration.ofMillis(300));
        Clock clock = Clock.start();
        long sentNanos = clock.nowNanos();
        write(client, "slow");
        await().until(() -> relay.underWayBytes() == 4);
        relay.delay(Duration.ZERO);
        write(client, "fast");

        assertThat(read(accepted, 8)).isEqualTo("slowfast");
        assertThat(clock.nowNanos() - sentNanos)
                .isGreaterThanOrEqualTo(Duration.ofMillis(300).toNanos());
    }

    @Test
    void keepsEverythingWhileFrozen() throws IOException {
        Socket client = connect();
        Socket accepted = accept();
        relay.freeze();
        write(client, "kept");
        client.shutdownOutput();
        await().until(() -> relay.underWayBytes() == 4);
        accepted.setSoTimeout(100);
        assertThatThrownBy(() -> accepted.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);

        relay.thaw();
        accepted.setSoTimeout(PATIENCE_MILLIS);
        assertThat(read(accepted, 4)).isEqualTo("kept");
        assertThat(accepted.getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void cutResetsBothEnds() throws IOException {
        Socket client = connect();
        Socket accepted = accept();
        write(client, "x");
        assertThat(read(accepted, 1)).isEqualTo("x");
        relay.cut();
        assertThatThrownBy(() -> client.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        assertThatThrownBy(() -> accepted.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
        await().until(() -> relay.connections() == 0);

        Socket again = connect();
        write(again, "y");
        assertThat(read(accept(), 1)).isEqualTo("y");
    }

    @Test
    void refusesOnTheSamePortUntilItAcceptsAgain() throws IOException {
        Socket old = connect();
        Socket accepted = accept();
        relay.refuse();
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        write(old, "still here");
        assertThat(read(accepted, 10)).isEqualTo("still here");

        relay.accept();
        write(connect(), "new");
        assertThat(read(accept(), 3)).isEqualTo("new");
    }

    @Test
    void aTargetThatIsGoneResetsTheClient() throws IOException {
        server.close();
        // The reset may be as quick as the connection.
        assertThatThrownBy(() -> connect().getInputStream().read()).isInstanceOf(SocketException.class);
    }

    @Test
    void stopsReadingWhenTooMuchIsUnderWayAndLosesNothing() throws IOException {
        byte[] sent = new byte[16 << 20];
        new Random(17).nextBytes(sent);
        Socket client = connect();
        Socket accepted = accept();
        relay.freeze();
        Thread writer = new Thread(() -> writeAll(client, sent), "writer");
        writer.start();
        await().until(() -> relay.underWayBytes() >= 1 << 20);
        assertThat(relay.underWayBytes()).isLessThan(2 << 20);
        assertThat(writer.isAlive()).isTrue();

        relay.thaw();
        byte[] received = accepted.getInputStream().readNBytes(sent.length);
        assertThat(Arrays.equals(received, sent)).isTrue();
        await().until(() -> !writer.isAlive());
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(relay.address(), PATIENCE_MILLIS);
        return socket;
    }

    private Socket accept() throws IOException {
        Socket socket = server.accept();
        sockets.add(socket);
        socket.setSoTimeout(PATIENCE_MILLIS);
        return socket;
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(UTF_8));
    }

    private static void writeAll(Socket socket, byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String read(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), UTF_8);
    }
}
