package io.tidegate.proxy.local;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Free TCP ports below the range from which the kernel takes the ports of outgoing connections (32768 and up on Linux,
 * 49152 on macOS). A port that the kernel itself hands out would be free too, but a server killed on it might find it
 * taken when it is restarted; and a client that keeps reconnecting to it would, once in some ten thousand attempts, be
 * given that very port as its own and be connected to itself.
 *
 * <p>Between the check and the server's own bind somebody else may come: the caller tries again with the next one.
 */
final class Ports {
    private static final int FIRST = 20_000;
    private static final int COUNT = 12_000;

    /** Where to go on; processes begin far from each other, so that they seldom meet. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 61 % COUNT));

    private Ports() {}

    static int next() {
        for (int i = 0; i < COUNT; i++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), COUNT);
            if (isFree(port)) {
                return port;
            }
        }
        throw new LocalRedisException("no free port from " + FIRST + " to " + (FIRST + COUNT - 1));
    }

    static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true); // as Redis does: a port whose old connections linger is free
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
