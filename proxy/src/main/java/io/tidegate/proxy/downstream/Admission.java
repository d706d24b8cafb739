package io.tidegate.proxy.downstream;

import io.netty.channel.Channel;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.Origin;
import io.tidegate.proxy.metrics.DoorStats;
import io.tidegate.proxy.metrics.DoorStats.TurnedAway;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who is let in: the connections of all listeners, counted together and by the address they come from, each until its
 * channel has closed, however that came about. Used by all event loops.
 *
 * <p>Addresses are counted whether they are limited or not, so that a limit holds from the moment it is set; there are
 * no more of them than connections. An IPv6 network of 64 bits is one address here. Loopback is this machine, on whose
 * sidecars and balancers many depend: it is not counted.
 */
public final class Admission {
    /**
     * How many connections there may be.
     *
     * @param connectionsMax of all addresses together
     * @param perAddressMax of each address; 0 = no limit of its own
     */
    public record Limits(int connectionsMax, int perAddressMax) {}

    private final AtomicInteger connected = new AtomicInteger();
    private final Map<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();
    private final DoorStats stats;
    private final ProxyHeaders headers;

    /** Volatile: set by whoever changes it while all loops read it. */
    private volatile Limits limits;

    public Admission(Limits limits, DoorStats stats, Clock clock) {
        this.limits = limits;
        this.stats = stats;
        this.headers = new ProxyHeaders(stats, clock);
    }

    /** From now on; who is in stays in. */
    public void limits(Limits changed) {
        limits = changed;
    }

    /** Whether there is room for {@code client}, which is counted then until it has closed. */
    boolean admit(Channel client) {
        int max = limits.connectionsMax();
        if (connected.getAndUpdate(count -> count < max ? count + 1 : count) >= max) {
            stats.turnedAway(TurnedAway.TOTAL);
            return false;
        }
        client.closeFuture().addListener(closed -> connected.decrementAndGet());
        return true;
    }

    /** Whether {@code client} may come from {@code origin} beside those that have; it is counted then, likewise. */
    boolean admitFrom(Channel client, @Nullable SocketAddress origin) {
        if (!(origin instanceof InetSocketAddress inet) || inet.isUnresolved()) {
            return true;
        }
        if (inet.getAddress().isLoopbackAddress()) {
            return true;
        }
        InetAddress address = Origin.countedAs(inet.getAddress());
        int max = limits.perAddressMax();
        int withIt = byAddress.merge(address, 1, Integer::sum);
        if (max > 0 && withIt > max) {
            left(address);
            stats.turnedAway(TurnedAway.ADDRESS);
            return false;
        }
        client.closeFuture().addListener(closed -> left(address));
        return true;
    }

    private void left(InetAddress address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    /** Who is told how headers of load balancers end. */
    ProxyHeaders headers() {
        return headers;
    }

    /** Connections that are let in. */
    int connected() {
        return connected.get();
    }

    /** Addresses that connections have come from that are still there. */
    int addresses() {
        return byAddress.size();
    }
}
