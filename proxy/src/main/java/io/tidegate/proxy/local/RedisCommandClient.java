package io.tidegate.proxy.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RespValue;
import io.tidegate.protocol.RespValues;
import io.tidegate.protocol.RespWriter;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * One blocking connection for asking a server something. It is a tool for the demo, for tests and for looking at
 * servers, with a timeout on every step and none of a real client's comforts: no reconnecting, no pooling, arguments
 * are text. Not safe for use by several threads at once. After an {@link IOException} (a timeout is one) the connection
 * is out of step and must be closed.
 *
 * <p>It speaks RESP2 until a {@code HELLO 3} is sent; then pushes come among the replies, in the order of the wire.
 */
public final class RedisCommandClient implements AutoCloseable {
    private static final int READ_BYTES = 16 * 1024;
    private static final int REPLY_BYTES_MAX = 64 * 1024 * 1024;

    private final Socket socket;
    private final ReplyScanner scanner = new ReplyScanner(Limits.redisDefaults());

    // What was received and not yet given away; on the heap, so that nobody has to release it. Up to here it is
    // scanned:
    private final ByteBuf received = Unpooled.buffer();
    private int scanned;

    private RedisCommandClient(Socket socket) {
        this.socket = socket;
    }

    /**
     * Opens a connection.
     *
     * @param timeout for connecting and, each time, for waiting for more bytes of a reply
     */
    public static RedisCommandClient connect(InetSocketAddress address, Duration timeout) throws IOException {
        return connect(address, timeout, null);
    }

    /**
     * Opens a connection by TLS, to a server whose certificate must name the host.
     *
     * @param tls null for none
     */
    public static RedisCommandClient connect(
            InetSocketAddress address, Duration timeout, @Nullable SSLSocketFactory tls) throws IOException {
        int timeoutMillis = Math.toIntExact(timeout.toMillis());
        Socket socket = new Socket();
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(timeoutMillis);
            socket.connect(address, timeoutMillis);
            return new RedisCommandClient(tls == null ? socket : secured(socket, address, tls));
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    private static Socket secured(Socket socket, InetSocketAddress address, SSLSocketFactory tls) throws IOException {
        SSLSocket secured = (SSLSocket) tls.createSocket(socket, address.getHostString(), address.getPort(), true);
        SSLParameters parameters = secured.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secured.setSSLParameters(parameters);
        secured.startHandshake();
        return secured;
    }

    /**
     * Sends one command and waits for its reply.
     *
     * @throws RedisErrorException if the reply is an error; one inside an array is a value
     */
    public RespValue command(String... arguments) throws IOException {
        write(arguments);
        return read();
    }

    /** The {@code name:value} lines of one section of {@code INFO}. */
    public Map<String, String> info(String section) throws IOException {
        Map<String, String> fields = new LinkedHashMap<>();
        command("INFO", section).text().lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1));
            }
        });
        return fields;
    }

    /** Sends one command without waiting, so that several can be under way; each needs its {@link #read}. */
    public void write(String... arguments) throws IOException {
        ByteBuf command = Unpooled.buffer();
        RespWriter.command(command, arguments);
        command.readBytes(socket.getOutputStream(), command.readableBytes());
    }

    /**
     * Waits for the next reply.
     *
     * @throws RedisErrorException if it is an error
     */
    public RespValue read() throws IOException {
        for (; ; ) {
            scanned = scanner.next(received, scanned, received.writerIndex());
            if (scanner.error() != null) {
                throw new IOException("not a reply: " + scanner.error());
            }
            if (scanner.complete()) {
                return take();
            }
            if (received.readableBytes() > REPLY_BYTES_MAX) {
                throw new IOException("reply too long (expected: <= " + REPLY_BYTES_MAX + " bytes)");
            }
            if (received.writeBytes(socket.getInputStream(), READ_BYTES) < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private RespValue take() {
        RespValue reply = RespValues.read(received, received.readerIndex(), scanned);
        received.readerIndex(scanned).discardReadBytes();
        scanned = received.readerIndex();
        if (reply.isFailure()) {
            throw new RedisErrorException(reply.text());
        }
        return reply;
    }
}
