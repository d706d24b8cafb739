package io.tidegate.bench.compare;

import io.tidegate.proxy.local.LocalRedis;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;

/**
 * What a subject is started on.
 *
 * @param directory for its configuration and log
 * @param redis what is behind it
 */
record Stage(Path directory, Cpus cpus, LocalRedis redis) {
    /** A file of this subject's. Its name may contain a setting's value, and that anything. */
    Path file(String subject, String suffix) {
        return directory.resolve(subject.replace('/', '_') + suffix);
    }

    /** A port that nobody listens on; whoever starts something on it has to see whether that is still so. */
    static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
        }
    }

    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
