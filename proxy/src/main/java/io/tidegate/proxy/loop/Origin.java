package io.tidegate.proxy.loop;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where clients come from: as a load balancer says in front of their bytes, else where their connection begins. */
public final class Origin {
    private static final AttributeKey<InetSocketAddress> NAMED = AttributeKey.valueOf(Origin.class, "named");

    private Origin() {}

    /** A load balancer says that {@code client} comes from {@code address}. */
    public static void name(Channel client, InetSocketAddress address) {
        client.attr(NAMED).set(address);
    }

    /**
     * Who counts as one with {@code address}: of IPv6 the network of 64 bits that it is in, since whoever has one address of
     * that has them all (RFC 4291, 2.5.1; RFC 6177). Not so on a link of one's own, where every machine is in the same.
     */
    public static InetAddress countedAs(InetAddress address) {
        if (!(address instanceof Inet6Address) || address.isLinkLocalAddress()) {
            return address;
        }
        byte[] bytes = address.getAddress();
        Arrays.fill(bytes, bytes.length / 2, bytes.length, (byte) 0);
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("sixteen bytes are an address", e);
        }
    }

    /** Null if its connection is gone already. */
    public static @Nullable SocketAddress of(Channel client) {
        InetSocketAddress named = client.hasAttr(NAMED) ? client.attr(NAMED).get() : null;
        return named == null ? client.remoteAddress() : named;
    }
}
