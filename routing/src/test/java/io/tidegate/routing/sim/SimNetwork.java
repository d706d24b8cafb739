package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RandomSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Connects processes: delays, refuses, partitions, and loses connections. */
final class SimNetwork {
    private static final int SLOW_MILLIS = 300;
    private static final long CONNECT_TIMEOUT_NANOS = 400 * MILLIS;

    private final EventQueue queue;
    private final RandomSource random;
    private final Map<NodeAddress, SimProcess> processes = new LinkedHashMap<>();
    private final List<SimConnection> connections = new ArrayList<>();
    private final Set<Pair> cuts = new HashSet<>();
    private final Set<Pair> slow = new HashSet<>();

    /** What the first says does not reach the second. */
    private final Set<Pair> deaf = new HashSet<>();

    /** Where an address leads for whom. */
    private final Map<Way, SimProcess> detours = new HashMap<>();

    private record Pair(SimProcess a, SimProcess b) {}

    private record Way(SimProcess client, NodeAddress to) {}

    SimNetwork(EventQueue queue, RandomSource random) {
        this.queue = queue;
        this.random = random;
    }

    EventQueue queue() {
        return queue;
    }

    void add(SimProcess process) {
        processes.put(process.address, process);
    }

    /** One way, mostly fast, now and then slow. */
    long delayNanos(SimProcess a, SimProcess b) {
        long nanos = MILLIS / 10 + random.next((int) (MILLIS / 5));
        if (random.next(50) == 0) {
            nanos += random.next((int) (5 * MILLIS));
        }
        return in(slow, a, b) ? nanos + random.next(SLOW_MILLIS) * MILLIS : nanos;
    }

    /** Tells {@code client} the connection, or null if it was refused or timed out. */
    void connect(SimProcess client, NodeAddress to, Consumer<@Nullable SimConnection> then) {
        SimProcess server = detours.getOrDefault(new Way(client, to), processes.get(to));
        if (server == null || !through(client, server)) {
            client.later(CONNECT_TIMEOUT_NANOS, () -> then.accept(null));
            return;
        }
        int life = server.life();
        client.later(2 * delayNanos(client, server), () -> {
            if (server.alive() && server.life() == life && through(client, server)) {
                SimConnection connection = new SimConnection(this, client, server);
                connections.add(connection);
                then.accept(connection);
            } else {
                then.accept(null);
            }
        });
    }

    /** Whether nothing gets from one to the other. */
    boolean cut(SimProcess from, SimProcess to) {
        return in(cuts, from, to) || (!deaf.isEmpty() && deaf.contains(new Pair(from, to)));
    }

    /** Whether both hear each other. */
    boolean through(SimProcess a, SimProcess b) {
        return !cut(a, b) && !cut(b, a);
    }

    private static boolean in(Set<Pair> pairs, SimProcess a, SimProcess b) {
        return !pairs.isEmpty() && (pairs.contains(new Pair(a, b)) || pairs.contains(new Pair(b, a)));
    }

    void partition(SimProcess a, SimProcess b) {
        cuts.add(new Pair(a, b));
    }

    /** The two reach each other again. */
    void mend(SimProcess a, SimProcess b) {
        cuts.remove(new Pair(a, b));
        cuts.remove(new Pair(b, a));
        connections.stream().filter(connection -> connection.isBetween(a, b)).forEach(SimConnection::resume);
    }

    /** The address of {@code stray} leads this client to it, until everything is healed, and then it is no more. */
    void detour(SimProcess client, SimProcess stray) {
        SimProcess before = detours.put(new Way(client, stray.address), stray);
        if (before != null) {
            before.crash();
        }
    }

    /** Nothing gets from one to the other any more; the other way it does. */
    void deafen(SimProcess from, SimProcess to) {
        deaf.add(new Pair(from, to));
    }

    /** Whatever goes between the two may take long from now on. */
    void slowDown(SimProcess a, SimProcess b) {
        slow.add(new Pair(a, b));
    }

    void heal() {
        cuts.clear();
        slow.clear();
        deaf.clear();
        List<SimProcess> strays = List.copyOf(detours.values());
        detours.clear();
        strays.stream().filter(SimProcess::alive).forEach(SimProcess::crash);
        connections.removeIf(SimConnection::over);
        connections.forEach(SimConnection::unclog);
    }

    /** The kernel of a process that crashed ends its connections. */
    void endConnectionsOf(SimProcess process) {
        connections.removeIf(SimConnection::over);
        for (SimConnection connection : List.copyOf(connections)) {
            if (connection.client() == process || connection.server() == process) {
                connection.reset();
            }
        }
    }

    /** One connection in {@code oneIn} delivers nothing in one direction, until the time is over. */
    void clogConnections(int oneIn, long nanos) {
        connections.removeIf(SimConnection::over);
        for (SimConnection connection : List.copyOf(connections)) {
            if (random.next(oneIn) == 0) {
                connection.clog(random.next(2) == 0);
                queue.after(nanos, connection::unclog);
            }
        }
    }

    /** What goes on between the two ends. */
    void loseConnections(SimProcess a, SimProcess b) {
        List.copyOf(connections).stream()
                .filter(connection -> connection.isBetween(a, b))
                .forEach(SimConnection::reset);
    }

    /** A middlebox forgets one connection in {@code oneIn}. */
    void loseConnections(int oneIn) {
        connections.removeIf(SimConnection::over);
        for (SimConnection connection : List.copyOf(connections)) {
            if (random.next(oneIn) == 0) {
                connection.reset();
            }
        }
    }
}
