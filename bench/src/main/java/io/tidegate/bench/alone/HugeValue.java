package io.tidegate.bench.alone;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Arrays;

/** A client that sets and gets one value of any length, of which it keeps no more than a piece at a time. */
final class HugeValue implements AutoCloseable {
    static final String KEY = "huge";

    private static final int PIECE_BYTES = 1 << 20;
    private static final int TIMEOUT_MILLIS = 60_000;

    private final Socket socket = new Socket();
    private final InputStream input;
    private final OutputStream output;

    /** Connects. */
    HugeValue(InetSocketAddress address) throws IOException {
        try {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(address, TIMEOUT_MILLIS);
            input = new BufferedInputStream(socket.getInputStream(), PIECE_BYTES);
            output = socket.getOutputStream();
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Sends a command without arguments that have blanks.
     *
     * @throws IOException if the answer is anything but OK
     */
    void command(String words) throws IOException {
        send(words + "\r\n");
        ok(words);
    }

    /** @throws IOException if the answer is anything but OK */
    void set(long bytes) throws IOException {
        send("*3\r\n$3\r\nSET\r\n$" + KEY.length() + "\r\n" + KEY + "\r\n$" + bytes + "\r\n");
        byte[] piece = new byte[PIECE_BYTES];
        Arrays.fill(piece, (byte) 'v');
        for (long left = bytes; left > 0; left -= piece.length) {
            output.write(piece, 0, (int) Math.min(left, piece.length));
        }
        send("\r\n");
        ok("SET of " + bytes + " bytes");
    }

    /** @throws IOException if the answer is not a value of this length */
    void get(long bytes) throws IOException {
        send("*2\r\n$3\r\nGET\r\n$" + KEY.length() + "\r\n" + KEY + "\r\n");
        String header = line();
        if (!header.equals("$" + bytes)) {
            throw new IOException("GET of " + bytes + " bytes: " + header);
        }
        input.skipNBytes(bytes);
        if (!line().isEmpty()) {
            throw new IOException("GET of " + bytes + " bytes: not at an end behind them");
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private void ok(String what) throws IOException {
        String answer = line();
        if (!answer.equals("+OK")) {
            throw new IOException(what + ": " + answer);
        }
    }

    private void send(String text) throws IOException {
        output.write(text.getBytes(US_ASCII));
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = input.read(); next != '\n'; next = input.read()) {
            if (next < 0) {
                throw new EOFException("the connection was closed");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }
}
