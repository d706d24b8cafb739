package io.tidegate.proxy.local;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Free TCP ports below the range from which the kernel takes the ports of outgoing connections (32768 and up on Linux,
 * 49152 on macOS). A port that the kernel itself hands out would be free too, but a server killed on it might find it
 * taken when it is restarted; and a client that keeps reconnecting to it would, once in some ten thousand attempts, be
 * given that very port as its own and be connected to itself.
 *
 * <p>Of those each process has a share, so that a server it has killed finds its port again: nobody else hands it out.
 * Between the check and the server's own bind a stranger may come: the caller tries again with the next one.
 */
final class Ports {
    private static final int FIRST = 20_000;
    private static final int COUNT = 12_000;
    private static final int SHARES = 8;

    /** The ports of this process. */
    private static final Share SHARE = claim();

    private static final AtomicInteger NEXT = new AtomicInteger();

    private Ports() {}

    /** @param claim what keeps others off, as long as this process lives; none if there are more processes than shares */
    private record Share(int first, int count, @Nullable DatagramSocket claim) {}

    static int next() {
        for (int i = 0; i < SHARE.count; i++) {
            int port = SHARE.first + Math.floorMod(NEXT.getAndIncrement(), SHARE.count);
            if (isFree(port)) {
                return port;
            }
        }
        throw new LocalRedisException("no free port from " + SHARE.first + " to " + (SHARE.first + SHARE.count - 1));
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

    /** A share belongs to who has bound its first port for UDP, which disturbs nobody. */
    private static Share claim() {
        int count = COUNT / SHARES;
        for (int first = FIRST; first < FIRST + COUNT; first += count) {
            DatagramSocket claim = bind(first);
            if (claim != null) {
                return new Share(first, count, claim);
            }
        }
        int anywhere = (int) (ProcessHandle.current().pid() % SHARES);
        return new Share(FIRST + anywhere * count, count, null);
    }

    private static @Nullable DatagramSocket bind(int port) {
        try {
            return new DatagramSocket(port, InetAddress.getLoopbackAddress());
        } catch (SocketException e) {
            return null; // another process has it
        }
    }
}
