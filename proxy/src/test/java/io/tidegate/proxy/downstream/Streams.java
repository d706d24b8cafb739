package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** All that a bare server sends back, and all that the proxy does. */
final class Streams {
    private static final String END = "the end";
    private static final int READ_MILLIS_MAX = 30_000;

    private Streams() {}

    /** The same commands, sent as a whole and in pieces, to an empty server and, through the proxy, to the same one. */
    static void same(String what, RedisProcess server, InetSocketAddress proxy, String commands) throws IOException {
        for (int pieceBytes : new int[] {commands.length(), 7}) {
            server.command("FLUSHALL");
            String bare = stream(server.address(), commands, pieceBytes);
            server.command("FLUSHALL");
            assertThat(stream(proxy, commands, pieceBytes)).as(what).isEqualTo(bare);
        }
    }

    /**
     * All that comes back when these commands are sent in pieces of {@code pieceBytes}, up to what shows the end of it: not
     * QUIT, which a server that is to be silent never executes to its end.
     */
    static String stream(InetSocketAddress to, String commands, int pieceBytes) throws IOException {
        try (Socket socket = new Socket(to.getAddress(), to.getPort())) {
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(READ_MILLIS_MAX);
            byte[] bytes = (commands + commands("RESET") + RawClient.command("ECHO", END)).getBytes(ISO_8859_1);
            for (int at = 0; at < bytes.length; at += pieceBytes) {
                socket.getOutputStream().write(bytes, at, Math.min(pieceBytes, bytes.length - at));
            }
            StringBuilder all = new StringBuilder();
            while (all.indexOf(END) < 0) {
                int read = socket.getInputStream().read();
                assertThat(read).as("closed behind %s", all).isNotNegative();
                all.append((char) read);
            }
            return all.toString();
        }
    }

    static String commands(String... lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(RawClient.command(line.split(" ", -1)));
        }
        return text.toString();
    }
}
