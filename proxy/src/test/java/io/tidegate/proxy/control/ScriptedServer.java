package io.tidegate.proxy.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.routing.NodeAddress;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server on loopback that answers what its script says, to the byte; for what a real one cannot be made to do. */
final class ScriptedServer implements AutoCloseable {

    /** Called on the connection's own thread for each command, which is one line with blanks between its words. */
    interface Script {
        void on(String command, Connection connection) throws IOException;
    }

    /** The server's end of a connection. */
    static final class Connection {
        private final Socket socket;
        private final OutputStream out;

        /** From 1, in the order in which they were accepted. */
        final int number;

        private Connection(Socket socket, int number) throws IOException {
            this.socket = socket;
            this.out = socket.getOutputStream();
            this.number = number;
            socket.setTcpNoDelay(true);
        }

        void send(String reply) throws IOException {
            out.write(reply.getBytes(UTF_8));
        }

        /** Each byte in a segment of its own; the receiver may still read several at once. */
        void sendInPieces(String reply) throws IOException {
            for (byte each : reply.getBytes(UTF_8)) {
                out.write(each);
            }
        }

        void close() throws IOException {
            socket.close();
        }
    }

    private final ServerSocket listener;
    private final Script script;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    final List<String> commands = new CopyOnWriteArrayList<>();

    ScriptedServer(Script script) throws IOException {
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.script = script;
        start("accept", this::accept);
    }

    NodeAddress address() {
        return new NodeAddress("127.0.0.1", listener.getLocalPort());
    }

    int accepted() {
        return connections.size();
    }

    /** How often a command that begins so was received. */
    long received(String prefix) {
        return commands.stream().filter(command -> command.startsWith(prefix)).count();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Connection each : connections) {
            each.close();
        }
    }

    static String bulk(String text) {
        return "$" + text.getBytes(UTF_8).length + "\r\n" + text + "\r\n";
    }

    static String array(String... texts) {
        StringBuilder reply = new StringBuilder("*" + texts.length + "\r\n");
        for (String text : texts) {
            reply.append(bulk(text));
        }
        return reply.toString();
    }

    /** RESP3's push of a message that a pattern subscribed to. */
    static String message(String channel, String payload) {
        return ">4\r\n" + bulk("pmessage") + bulk("*") + bulk(channel) + bulk(payload);
    }

    private interface Work {
        void run() throws IOException;
    }

    private void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException e) {
                        if (!listener.isClosed() && !(e instanceof EOFException) && !isReset(e)) {
                            throw new UncheckedIOException(e);
                        }
                    }
                },
                "scripted-server-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** The peer closed first. */
    private static boolean isReset(IOException e) {
        return e instanceof java.net.SocketException;
    }

    private void accept() throws IOException {
        while (true) {
            Connection connection = new Connection(listener.accept(), connections.size() + 1);
            connections.add(connection);
            start("" + connection.number, () -> serve(connection));
        }
    }

    private void serve(Connection connection) throws IOException {
        InputStream in = new BufferedInputStream(connection.socket.getInputStream());
        while (true) {
            List<String> words = new ArrayList<>();
            for (int left = count(in, '*'); left > 0; left--) {
                byte[] word = in.readNBytes(count(in, '$'));
                line(in);
                words.add(new String(word, UTF_8));
            }
            String command = String.join(" ", words);
            commands.add(command);
            script.on(command, connection);
        }
    }

    private static int count(InputStream in, char type) throws IOException {
        String line = line(in);
        if (line.charAt(0) != type) {
            throw new IOException("expected " + type + ", got " + line);
        }
        return Integer.parseInt(line.substring(1));
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int each = in.read(); each != '\n'; each = in.read()) {
            if (each < 0) {
                throw new EOFException();
            }
            if (each != '\r') {
                line.append((char) each);
            }
        }
        return line.toString();
    }
}
