package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends commands in pieces of the test's choice, and reads replies line by line. */
final class RawClient implements AutoCloseable {
    private static final int READ_MILLIS_MAX = 45_000;

    final Socket socket;
    private final InputStream in;

    RawClient(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_MILLIS_MAX);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** A command as RESP. */
    static String command(String... words) {
        StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
        for (String word : words) {
            text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
        }
        return text.toString();
    }

    void send(String bytes) throws IOException {
        send(bytes.getBytes(ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    /** The next line of a reply, without its end; empty at the end of the connection. */
    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int read = in.read(); read >= 0 && read != '\n'; read = in.read()) {
            line.append((char) read);
        }
        return line.toString().strip();
    }

    /** The next bytes, so many; fewer at the end of the connection. */
    String bytes(int count) throws IOException {
        return new String(in.readNBytes(count), ISO_8859_1);
    }

    /** Whether the proxy has closed the connection, with nothing more to read. */
    boolean ended() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
