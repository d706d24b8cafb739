package io.tidegate.proxy.dispatch;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself and where it comes from. Ids count from 1 in this proxy; upstream connections have ids
 * of their own that clients never see. Written on the client's event loop; volatile, since others count and name them.
 */
public final class Client {
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

    public long id() {
        return id;
    }

    public String address() {
        return address;
    }

    /** Of the proxy, where it has come to. */
    public String localAddress() {
        return localAddress;
    }

    /** Empty if it has none. */
    public String name() {
        return name;
    }

    public String user() {
        return user;
    }

    public void name(String newName) {
        name = newName;
    }

    public void libName(String newName) {
        libName = newName;
    }

    public void libVersion(String newVersion) {
        libVersion = newVersion;
    }

    public void spared(boolean wanted) {
        spared = wanted;
    }

    static String addressOf(@Nullable SocketAddress socket) {
        return socket instanceof InetSocketAddress inet
                ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
                : String.valueOf(socket);
    }

    public long ageSeconds(long nowNanos) {
        return (nowNanos - connectedNanos) / 1_000_000_000L;
    }
}
