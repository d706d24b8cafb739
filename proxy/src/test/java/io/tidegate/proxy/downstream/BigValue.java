package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** Values too big to be kept twice: each byte says where it belongs. */
final class BigValue {
    private static final int PIECE_BYTES = 1 << 20;

    private BigValue() {}

    private static byte at(int index) {
        return (byte) (index ^ index >>> 8 ^ index >>> 16);
    }

    static String header(int length) {
        return "$" + length + "\r\n";
    }

    /** Writes bytes [from, to). */
    static void write(OutputStream out, int from, int to) throws IOException {
        byte[] piece = new byte[PIECE_BYTES];
        int at = from;
        while (at < to) {
            int length = Math.min(piece.length, to - at);
            for (int i = 0; i < length; i++) {
                piece[i] = at(at + i);
            }
            out.write(piece, 0, length);
            at += length;
        }
        out.flush();
    }

    /** The first {@code length} of {@code bytes} are those from {@code from} on. */
    static void check(byte[] bytes, int length, int from) {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != at(from + i)) {
                assertThat(bytes[i]).as("byte %d", from + i).isEqualTo(at(from + i));
            }
        }
    }

    /** Sets {@code key} of the server to the value of {@code length} bytes. */
    static void set(RedisProcess server, String key, int length) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(("*3\r\n$3\r\nSET\r\n$" + key.length() + "\r\n" + key + "\r\n" + header(length))
                    .getBytes(ISO_8859_1));
            write(out, 0, length);
            out.write("\r\n".getBytes(ISO_8859_1));
            assertThat(socket.getInputStream().readNBytes(5)).isEqualTo("+OK\r\n".getBytes(ISO_8859_1));
        }
    }
}
