package io.tidegate.routing.command;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The least of a Redis client that asking a server for facts takes: blocking, RESP2, each byte a character. */
final class RespConnection implements AutoCloseable {

    /** An error reply. */
    record Failure(String text) {}

    private final Socket socket;
    private final InputStream in;

    RespConnection(InetAddress host, int port) throws IOException {
        socket = new Socket(host, port);
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** The reply: a String, a Long, a List of replies, a {@link Failure}, or null. */
    @Nullable Object call(List<String> args) throws IOException {
        send(args);
        return reply();
    }

    void send(List<String> args) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(("*" + args.size() + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        for (String arg : args) {
            out.write(("$" + arg.length() + "\r\n" + arg + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        socket.getOutputStream().write(out.toByteArray());
    }

    boolean hasReply() throws IOException {
        return in.available() > 0;
    }

    /** The reply where it is known to be an array without nulls. */
    List<Object> ask(String... args) throws IOException {
        return list(call(List.of(args)));
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(@Nullable Object reply) {
        if (reply instanceof List<?> list) {
            return (List<Object>) list;
        }
        throw new IllegalStateException("not an array: " + reply);
    }

    private @Nullable Object reply() throws IOException {
        String line = line();
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> new Failure(rest);
            case ':' -> Long.valueOf(rest);
            case '$' -> rest.equals("-1") ? null : bulk(Integer.parseInt(rest));
            case '*' -> array(Integer.parseInt(rest));
            default -> throw new IOException("not RESP2: " + line);
        };
    }

    private List<@Nullable Object> array(int length) throws IOException {
        List<@Nullable Object> list = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            list.add(reply());
        }
        return list;
    }

    private String bulk(int length) throws IOException {
        byte[] bytes = in.readNBytes(length + 2);
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("closed in: " + line);
            }
            line.append((char) b);
        }
        in.skipNBytes(1);
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
