package io.tidegate.proxy.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.tidegate.proxy.config.BindAddress;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;

/** Bytes to and from the admin port: what is sent here is what a probe, a scraper or an attacker may send. */
final class RawHttp {
    private static final int ANSWER_MILLIS_MAX = 20_000;

    private RawHttp() {}

    static Socket connect(BindAddress address) throws IOException {
        Socket socket = new Socket(address.host(), address.port());
        socket.setSoTimeout(ANSWER_MILLIS_MAX);
        return socket;
    }

    /** Everything that comes until the server closes; being turned away with a reset is the end, too. */
    static String exchange(Socket socket, String request) throws IOException {
        StringBuilder response = new StringBuilder();
        try (socket) {
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            byte[] chunk = new byte[8192];
            for (int n = 0; n >= 0; n = socket.getInputStream().read(chunk)) {
                response.append(new String(chunk, 0, n, US_ASCII));
            }
        } catch (SocketException e) {
            return response.toString();
        }
        return response.toString();
    }

    static String get(BindAddress address, String path) throws IOException {
        return exchange(connect(address), "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
}
