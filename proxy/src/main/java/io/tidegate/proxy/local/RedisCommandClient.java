package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One blocking RESP2 connection for asking a server something. It is a tool for the demo, for tests and for looking at
 * servers, with a timeout on every step and none of a real client's comforts: no reconnecting, no pooling, text only.
 * Not safe for use by several threads at once. After an {@link IOException} (a timeout is one) the connection is out of
 * step and must be closed.
 *
 * <p>Replies: simple and bulk strings are {@link String}, integers {@link Long}, arrays {@link List}, nulls
 * {@code null}. An error reply is thrown as {@link RedisErrorException}; inside an array it is an element.
 */
public final class RedisCommandClient implements AutoCloseable {
    private static final int LINE_BYTES_MAX = 64 * 1024;
    private static final int BULK_BYTES_MAX = 64 * 1024 * 1024;
    private static final int ARRAY_LENGTH_MAX = 1024 * 1024;
    private static final int DEPTH_MAX = 16;

    private final Socket socket;
    private final InputStream in;

    private RedisCommandClient(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
    }

    /**
     * Opens a connection.
     *
     * @param timeout for connecting and, each time, for waiting for more bytes of a reply
     */
    public static RedisCommandClient connect(InetSocketAddress address, Duration timeout) throws IOException {
        int timeoutMillis = Math.toIntExact(timeout.toMillis());
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.connect(address, timeoutMillis);
            return new RedisCommandClient(socket);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /** Sends one command and waits for its reply. */
    public @Nullable Object command(String... arguments) throws IOException {
        write(arguments);
        return read();
    }

    /** As {@link #command}, for replies that are a string or a number. */
    public String text(String... arguments) throws IOException {
        Object reply = command(arguments);
        if (reply == null || reply instanceof List) {
            throw new IOException("expected a string or a number from " + arguments[0] + ", got " + reply);
        }
        return reply.toString();
    }

    /** As {@link #command}, for replies that are an array. */
    public List<@Nullable Object> list(String... arguments) throws IOException {
        return asList(command(arguments));
    }

    /** A flat array of names and values, as the {@code SENTINEL} commands answer, as a map. */
    public static Map<String, String> pairs(@Nullable Object reply) throws IOException {
        List<@Nullable Object> flat = asList(reply);
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            pairs.put(String.valueOf(flat.get(i)), String.valueOf(flat.get(i + 1)));
        }
        return pairs;
    }

    /** The {@code name:value} lines of one section of {@code INFO}. */
    public Map<String, String> info(String section) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        text("INFO", section).lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return fields;
    }

    /** Sends one command without waiting, so that several can be under way; each needs its {@link #read}. */
    public void write(String... arguments) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("*" + arguments.length + "\r\n").getBytes(UTF_8));
        for (String argument : arguments) {
            byte[] body = argument.getBytes(UTF_8);
            bytes.writeBytes(("$" + body.length + "\r\n").getBytes(UTF_8));
            bytes.writeBytes(body);
            bytes.writeBytes(new byte[] {'\r', '\n'});
        }
        bytes.writeTo(socket.getOutputStream());
    }

    /** Waits for the next reply. */
    public @Nullable Object read() throws IOException {
        Object reply = read(0);
        if (reply instanceof RedisErrorException error) {
            throw error;
        }
        return reply;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private @Nullable Object read(int depth) throws IOException {
        String line = line();
        if (line.isEmpty()) {
            throw new IOException("an empty line where a reply should start");
        }
        String rest = line.substring(1);
        return switch (line.charAt(0)) {
            case '+' -> rest;
            case '-' -> new RedisErrorException(rest);
            case ':' -> number(rest);
            case '$' -> bulk(number(rest));
            case '*' -> array(number(rest), depth + 1);
            default -> throw new IOException("not a RESP2 reply: " + line);
        };
    }

    private @Nullable String bulk(long length) throws IOException {
        if (length < 0) {
            return null;
        }
        if (length > BULK_BYTES_MAX) {
            throw new IOException("bulk of " + length + " bytes (expected: <= " + BULK_BYTES_MAX + ")");
        }
        byte[] body = in.readNBytes((int) length);
        if (body.length < length || !line().isEmpty()) {
            throw new EOFException("a bulk string ended before or after its length of " + length);
        }
        return new String(body, UTF_8);
    }

    private @Nullable List<@Nullable Object> array(long length, int depth) throws IOException {
        if (length < 0) {
            return null;
        }
        if (length > ARRAY_LENGTH_MAX || depth > DEPTH_MAX) {
            throw new IOException("array of " + length + " at depth " + depth + " (expected: <= " + ARRAY_LENGTH_MAX
                    + " and <= " + DEPTH_MAX + ")");
        }
        List<@Nullable Object> elements = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            elements.add(read(depth));
        }
        return Collections.unmodifiableList(elements);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\r'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (line.size() == LINE_BYTES_MAX) {
                throw new IOException("line too long (expected: <= " + LINE_BYTES_MAX + ")");
            }
            line.write(b);
        }
        if (in.read() != '\n') {
            throw new IOException("CR without LF");
        }
        return line.toString(UTF_8);
    }

    private static long number(String digits) throws IOException {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            throw new IOException("not a number: " + digits, e);
        }
    }

    @SuppressWarnings("unchecked") // array() builds no other lists
    private static List<@Nullable Object> asList(@Nullable Object reply) throws IOException {
        if (reply instanceof List<?> list) {
            return (List<@Nullable Object>) list;
        }
        throw new IOException("expected an array, got " + reply);
    }
}
