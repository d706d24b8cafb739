package io.tidegate.proxy.loop;

import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;

/**
 * How names of nodes and sentinels are looked up, without blocking: in the hosts file, then by DNS. A name may be moved to
 * another address, as a managed endpoint's or a container's is, so neither is believed for long: a record's time to live
 * may be a day, and Netty by itself reads the hosts file once.
 */
public final class Names {
    /** A record is asked for again after so many seconds, whatever its time to live. */
    private static final int TTL_SECONDS_MAX = 10;

    private static final String HOSTS_FILE_NANOS = "io.netty.hostsFileRefreshInterval";

    static {
        // Read by Netty when it first looks into the file.
        if (System.getProperty(HOSTS_FILE_NANOS) == null) {
            System.setProperty(HOSTS_FILE_NANOS, "1000000000");
        }
    }

    private Names() {}

    /** For the event loops that can have such channels; whoever asks for it closes it. */
    public static DnsAddressResolverGroup group(
            Class<? extends DatagramChannel> datagrams, Class<? extends SocketChannel> streams) {
        return new DnsAddressResolverGroup(new DnsNameResolverBuilder()
                .datagramChannelType(datagrams)
                .socketChannelType(streams) // for answers that are too long for a datagram
                .ttl(0, TTL_SECONDS_MAX));
    }
}
