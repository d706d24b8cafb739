package io.tidegate.proxy.dispatch;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself and where it comes from. Ids count from 1 in this proxy; upstream connections have ids of their
 * own that clients never see. Written on the client's event loop; volatile,
 * since others count and name them.
 */
final class Client {
    final long id;
    final Profile profile;
    final String address;
    final String localAddress;
    private final long connectedNanos;

    volatile String name = "";
    volatile String libName = "";
    volatile String libVersion = "";
    volatile String user = "default";
    volatile int database;
    /** It asked not to be evicted (CLIENT NO-EVICT), which nobody does here. */
    volatile boolean spared;

    Client(long id, String address, String localAddress, Profile profile, long connectedNanos) {
        this.id = id;
        this.address = address;
        this.localAddress = localAddress;
        this.profile = profile;
        this.connectedNanos = connectedNanos;
    }

    static String addressOf(@Nullable SocketAddress socket) {
        return socket instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(socket);
    }

    long ageSeconds(long nowNanos) {
        return (nowNanos - connectedNanos) / 1_000_000_000L;
    }
}
