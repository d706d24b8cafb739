package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.Node;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server whose replies the test writes byte by byte, once a connection is greeted. For faults that no
 * real server can be brought to show at a wanted moment.
 */
final class FakeRedis implements AutoCloseable {
    private static final int READ_MILLIS_MAX = 45_000;

    // Replies to ROLE.
    private static final String PRIMARY = "*3\r\n$6\r\nmaster\r\n:0\r\n*0\r\n";
    private static final String REPLICA = "*5\r\n$5\r\nslave\r\n$9\r\n127.0.0.1\r\n:1\r\n$9\r\nconnected\r\n:0\r\n";

    /** Connections that were greeted, in their order. */
    final BlockingQueue<Peer> peers = new LinkedBlockingQueue<>();

    /** Connections that a silent server has, and that were not closed yet. */
    final AtomicInteger unanswered = new AtomicInteger();

    /** Accepts connections and answers nothing. */
    volatile boolean silent;

    /** Whoever still gets a connection is too late. */
    private volatile boolean ended;

    private final ServerSocket server;
    /** All of them, since a socket that nobody refers to any more is closed by the garbage collector. */
    final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();

    private final int id;
    private final boolean primary;
    private final @Nullable SSLSocketFactory tls;

    /** A primary. */
    FakeRedis() throws IOException {
        this(7, true);
    }

    /** As node {@code id} of a routing table, primary or replica. */
    FakeRedis(int id, boolean primary) throws IOException {
        this(id, primary, null);
    }

    /** {@code tls} is null for none. */
    FakeRedis(int id, boolean primary, @Nullable SSLSocketFactory tls) throws IOException {
        this.id = id;
        this.primary = primary;
        this.tls = tls;
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start(this::acceptAll);
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket socket = server.accept();
                accepted.add(socket);
                start(() -> greet(socket));
            }
        } catch (IOException over) {
            // The test is over.
        }
    }

    private void greet(Socket socket) {
        try {
            if (ended) {
                socket.close();
            } else if (silent) {
                unanswered.incrementAndGet();
                try (socket) {
                    socket.getInputStream().readAllBytes();
                }
                unanswered.decrementAndGet();
            } else {
                Peer peer = new Peer(socket, tls == null ? socket : tls.createSocket(socket, null, true));
                greet(peer);
                peers.add(peer);
            }
        } catch (IOException over) {
            // The connection was given up during the greeting, or the test is over.
        }
    }

    private void greet(Peer peer) throws IOException {
        while (true) {
            String name = peer.next();
            if (name.equals("ROLE")) {
                peer.send(primary ? PRIMARY : REPLICA);
            } else if (name.equals("INFO")) {
                String info = "# Server\r\nredis_version:7.0.15\r\nrun_id:" + runId() + "\r\n";
                peer.send("$" + info.length() + "\r\n" + info + "\r\n");
                return;
            } else {
                peer.send("+OK\r\n");
            }
        }
    }

    /** Unlike that of any other, as every process has it. */
    String runId() {
        return "fake-" + id;
    }

    /** It, as a routing table that is right names it. */
    Node node() {
        return node(runId());
    }

    /** It, as a routing table names it that takes it for another process. */
    Node node(String runId) {
        return new Node(id, new NodeAddress("127.0.0.1", server.getLocalPort()), runId, true);
    }

    Peer peer() throws InterruptedException {
        Peer peer = peers.poll(READ_MILLIS_MAX, TimeUnit.MILLISECONDS);
        assertThat(peer).as("a connection to the fake server").isNotNull();
        return peer;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        server.close();
        for (Socket socket : accepted) {
            socket.close();
        }
    }

    /** One connection, seen from the server. */
    static final class Peer implements AutoCloseable {
        /** What TLS, if there is any, goes over; closed itself, as a close of TLS's would read what is left. */
        private final Socket plain;

        private final Socket socket;
        private final BufferedReader in;

        Peer(Socket plain, Socket socket) throws IOException {
            this.plain = plain;
            this.socket = socket;
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(READ_MILLIS_MAX);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
        }

        /** The name of the next command. */
        String next() throws IOException {
            String header = line();
            if (header == null) {
                throw new IOException("closed");
            }
            int count = Integer.parseInt(header.substring(1));
            List<String> words = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                line();
                words.add(String.valueOf(line()));
            }
            return words.get(0).toUpperCase(Locale.ROOT);
        }

        /** The next {@code count} bytes, or fewer if the proxy closes the connection before. */
        String bytes(int count) throws IOException {
            char[] read = new char[count];
            int length = 0;
            for (int more = 0; length < count && more >= 0; length += Math.max(0, more)) {
                more = in.read(read, length, count - length);
            }
            return new String(read, 0, length);
        }

        private @Nullable String line() throws IOException {
            return in.readLine();
        }

        /** Whether something came that was not looked at yet. */
        boolean heard() throws IOException {
            return in.ready();
        }

        void expect(String... names) throws IOException {
            for (String name : names) {
                assertThat(next()).isEqualTo(name);
            }
        }

        /** Nothing more came before the proxy closed the connection. */
        void expectEnd() throws IOException {
            assertThat(line()).as("a further command").isNull();
        }

        /** It resets the connection: what has not arrived is not sent again. */
        void expectReset() {
            assertThatThrownBy(this::line).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        }

        void send(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(ISO_8859_1));
            socket.getOutputStream().flush();
        }

        OutputStream out() throws IOException {
            return socket.getOutputStream();
        }

        @Override
        public void close() throws IOException {
            plain.close();
        }
    }
}
