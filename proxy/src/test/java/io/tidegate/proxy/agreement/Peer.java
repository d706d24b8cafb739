package io.tidegate.proxy.agreement;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of the two sides: where a program's connections go, and the server that is asked what nobody answers it. */
final class Peer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final InetSocketAddress address;
    private final RedisProcess primary;
    private final List<@Nullable Wire> wires = new ArrayList<>();

    /**
     * @param address where a program's connections go
     * @param primary the server that executes them in the end
     */
    Peer(InetSocketAddress address, RedisProcess primary) {
        this.address = address;
        this.primary = primary;
    }

    /** Empties the servers and forgets all connections. */
    void reset() throws IOException {
        close();
        try (RedisCommandClient client = RedisCommandClient.connect(address, PATIENCE)) {
            client.command("FLUSHALL");
            client.command("SCRIPT", "FLUSH");
            client.command("FUNCTION", "FLUSH");
            awaitNobody(client);
        }
    }

    /** Waits until what the connections of before subscribed to, and waited for, is given up. */
    private void awaitNobody(RedisCommandClient client) throws IOException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!client.command("PUBSUB", "CHANNELS", "news*").elements().isEmpty()
                || client.command("PUBSUB", "NUMPAT").integer() > 0
                || blocked() > 0) {
            if (System.nanoTime() > deadlineNanos) {
                throw new IOException("connections that are closed still have subscriptions, or wait");
            }
        }
    }

    /** The connection with this index, opened if it is not open. */
    Wire wire(int index) throws IOException {
        while (wires.size() <= index) {
            wires.add(null);
        }
        Wire wire = wires.get(index);
        if (wire == null) {
            wire = new Wire(address);
            wires.set(index, wire);
        }
        return wire;
    }

    void close(int index) throws IOException {
        wire(index).close();
        wires.set(index, null);
    }

    /** How many clients wait in the server. */
    long blocked() throws IOException {
        try (RedisCommandClient client = primary.connect()) {
            return Long.parseLong(client.info("clients").getOrDefault("blocked_clients", "0"));
        }
    }

    void awaitBlocked(long count) throws IOException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (blocked() != count) {
            if (System.nanoTime() > deadlineNanos) {
                throw new IOException(blocked() + " clients wait in " + primary + " (expected: " + count + ")");
            }
        }
    }

    /** A round trip: a server that has answered it has sent whatever it owed for what it had read before. */
    void roundTrip() throws IOException {
        try (RedisCommandClient client = primary.connect()) {
            client.command("PING");
        }
    }

    @Override
    public void close() throws IOException {
        for (Wire wire : wires) {
            if (wire != null) {
                wire.close();
            }
        }
        wires.clear();
    }
}
