package io.tidegate.proxy.loop;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Where clients come from: as a load balancer says in front of their bytes, else where their connection begins. */
public final class Origin {
    private static final AttributeKey<InetSocketAddress> NAMED = AttributeKey.valueOf(Origin.class, "named");

    private Origin() {}

    /** A load balancer says that {@code client} comes from {@code address}. */
    public static void name(Channel client, InetSocketAddress address) {
        client.attr(NAMED).set(address);
    }

    /** Null if its connection is gone already. */
    public static @Nullable SocketAddress of(Channel client) {
        InetSocketAddress named = client.hasAttr(NAMED) ? client.attr(NAMED).get() : null;
        return named == null ? client.remoteAddress() : named;
    }
}
