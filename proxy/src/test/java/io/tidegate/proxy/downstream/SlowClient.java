package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.RespWriter;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** A client that reads its replies when the test wants it to, and has little room for them until then. */
final class SlowClient implements AutoCloseable {
    private static final int ROOM_BYTES = 64 * 1024;
    private static final int READ_MILLIS_MAX = 45_000;

    /** What TLS, if there is any, goes over; closed itself, as a close of TLS's would read what is left. */
    private final Socket plain = new Socket();

    private final Socket socket;

    SlowClient(InetSocketAddress address) throws IOException {
        this(address, null);
    }

    /** {@code tls} is null for none. */
    SlowClient(InetSocketAddress address, @Nullable SSLSocketFactory tls) throws IOException {
        plain.setReceiveBufferSize(ROOM_BYTES);
        plain.setSoTimeout(READ_MILLIS_MAX);
        plain.connect(address);
        socket = tls == null ? plain : tls.createSocket(plain, address.getHostString(), address.getPort(), true);
    }

    SlowClient write(String... words) throws IOException {
        ByteBuf command = Unpooled.buffer();
        RespWriter.command(command, words);
        command.readBytes(socket.getOutputStream(), command.readableBytes());
        return this;
    }

    /** The next bytes are {@code text}. */
    void expect(CharSequence text) throws IOException {
        String received = new String(socket.getInputStream().readNBytes(text.length()), ISO_8859_1);
        if (!received.contentEquals(text)) {
            // Not of megabytes.
            assertThat(received.substring(0, Math.min(received.length(), 200))).isEqualTo(text);
        }
    }

    /** What comes up to and with {@code lastLine} is of no interest. */
    void skipThrough(String lastLine) throws IOException {
        StringBuilder line = new StringBuilder();
        while (!line.toString().equals(lastLine + "\r\n")) {
            if (line.indexOf("\n") >= 0) {
                line.setLength(0);
            }
            int read = socket.getInputStream().read();
            assertThat(read).as("a byte behind " + line).isNotNegative();
            line.append((char) read);
        }
    }

    /** The next bytes are [from, to) of {@link BigValue}. */
    void expectValue(int from, int to) throws IOException {
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[1 << 20];
        int at = from;
        while (at < to) {
            int length = in.readNBytes(buffer, 0, Math.min(buffer.length, to - at));
            BigValue.check(buffer, length, at);
            assertThat(length).as("bytes read at %d of %d", at, to).isPositive();
            at += length;
        }
    }

    /** The whole value of {@code length} bytes comes next, as a reply. */
    void expectValue(int length) throws IOException {
        expect(BigValue.header(length));
        expectValue(0, length);
        expect("\r\n");
    }

    /** The proxy ends the connection, whatever comes before. */
    void expectEnd() {
        byte[] buffer = new byte[1 << 16];
        try {
            InputStream in = socket.getInputStream();
            while (in.read(buffer) >= 0) {
                // What was on its way.
            }
        } catch (IOException reset) {
            assertThat(reset).isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }
}
