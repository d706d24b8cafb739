package io.tidegate.proxy.dispatch;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a client is to itself and to CLIENT INFO. Ids count from 1 in this proxy; upstream connections have ids of their
 * own that clients never see. Written on the client's event loop; volatile, since CLIENT LIST reads those of all loops.
 */
final class Client {
    final long id;
    final Profile profile;
    private final String address;
    private final String localAddress;
    private final long connectedNanos;

    volatile String name = "";
    volatile String libName = "";
    volatile String libVersion = "";
    volatile String user = "default";
    volatile int database;

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

    /** One line in the form of CLIENT LIST, with the fields that mean something here. */
    String line(long nowNanos) {
        return "id=" + id + " addr=" + address + " laddr=" + localAddress + " name=" + name + " age="
                + (nowNanos - connectedNanos) / 1_000_000_000L + " db=" + database + " user=" + user + " lib-name="
                + libName + " lib-ver="
                + libVersion;
    }
}
