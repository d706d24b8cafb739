package io.tidegate.proxy.metrics;

import io.tidegate.proxy.metrics.Figures.NodeFigures;
import io.tidegate.proxy.metrics.LoopStats.Count;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.engine.Acknowledged.Writes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings together what is counted ({@link LoopStats}, {@link ControlStats}) and what is known ({@link RoutingTable}), as
 * Prometheus text and as {@link Figures}. Nothing is computed before somebody asks, and nothing is even set up for
 * Prometheus before the first scrape: a proxy that nobody scrapes starts sooner and is smaller. Safe for use by several
 * threads.
 */
public final class Metrics implements AutoCloseable {
    private final List<LoopStats> loops = new CopyOnWriteArrayList<>();
    private final Supplier<RoutingTable> table;
    private final LongSupplier clock;
    private final ControlStats control;
    private final ScriptStats scripts = new ScriptStats();
    private final DoorStats doors = new DoorStats();
    private final AtomicInteger sentinelPortClients = new AtomicInteger();
    private final ConfigStats config;
    /** Replaced as a whole by a reload. */
    private volatile Map<String, Long> limits;

    private final BackendView backend;
    private final TlsStats tls;

    // Guarded by this; null before the first scrape.
    private @Nullable Exposition exposition;

    /**
     * Nothing counted yet.
     *
     * @param table the routing table in use
     * @param clock the proxy's clock, in nanoseconds
     * @param limits those that are configured, by setting, in its unit or in bytes
     * @param backend what the Redis nodes say of themselves
     */
    public Metrics(
            Supplier<RoutingTable> table,
            LongSupplier clock,
            ControlStats control,
            Map<String, Long> limits,
            BackendView backend,
            TlsStats tls) {
        this.tls = tls;
        this.table = table;
        this.clock = clock;
        this.control = control;
        this.limits = new TreeMap<>(limits);
        this.config = new ConfigStats(clock.getAsLong());
        this.backend = backend;
    }

    /** What a new event loop counts with; it is part of all sums from now on. */
    public LoopStats newLoop() {
        LoopStats stats = new LoopStats(doors);
        loops.add(stats);
        return stats;
    }

    /** Clients that are connected to the port that answers as a sentinel. */
    public AtomicInteger sentinelPortClients() {
        return sentinelPortClients;
    }

    /** What is counted of those who are not let in. */
    public DoorStats doors() {
        return doors;
    }

    /** What became of reloads. */
    public ConfigStats config() {
        return config;
    }

    /** Other limits are configured from now on. */
    public void limits(Map<String, Long> newLimits) {
        limits = new TreeMap<>(newLimits);
    }

    /** What is kept of scripts. */
    public ScriptStats scripts() {
        return scripts;
    }

    /** All meters as Prometheus text, version 0.0.4. Those of garbage collections count from the first scrape on. */
    public synchronized String scrape() {
        Exposition known = exposition;
        if (known == null) {
            known = new Exposition(this);
            exposition = known;
        }
        return known.scrape();
    }

    /** The few of them that a person wants to see. Takes no lock: the control loop asks, too. */
    public Figures figures() {
        RoutingTable now = table.get();
        long nowNanos = clock.getAsLong();
        Map<NodeAddress, Long> requests = new HashMap<>();
        Map<String, Long> answered = new HashMap<>();
        for (LoopStats loop : loops) {
            loop.nodes().eachRoute((node, reason, count) -> {
                if (node != null) {
                    requests.merge(node, count, Long::sum);
                }
            });
            loop.errors().each((label, count) -> answered.merge(label, count, Long::sum));
        }
        answered.values().removeIf(count -> count == 0);
        List<NodeFigures> nodes = new ArrayList<>();
        Node primary = now.primary();
        if (primary != null) {
            nodes.add(new NodeFigures(primary.address(), true, requests.getOrDefault(primary.address(), 0L), 0));
        }
        for (Replica replica : now.replicas()) {
            NodeAddress address = replica.node().address();
            nodes.add(new NodeFigures(
                    address, false, requests.getOrDefault(address, 0L), asOfAgeNanos(replica, nowNanos)));
        }
        return new Figures(
                nodes,
                now.writes(),
                leaseNanos(now),
                sum(Count.HOLDS_BEGUN),
                longestHoldNanos(),
                sum(Count.PARKS_BEGUN),
                answered,
                control.bytesKnownLost());
    }

    /** The longest that a request was held or a reply parked, of waits that ended since this was last asked; for one who asks. */
    public long takeLongestWaitNanos() {
        long longestNanos = 0;
        for (LoopStats loop : loops) {
            longestNanos = Math.max(longestNanos, loop.takeLongestWaitNanos());
        }
        return longestNanos;
    }

    /**
     * What {@code INFO tidegate} tells of the loops.
     *
     * @param held requests now
     * @param parked replies now
     * @param holds since the start, as are the rest
     * @param uncertain answers that say that the command may have run
     */
    public record Totals(long held, long parked, long holds, long parks, long replayed, long uncertain) {}

    public Totals totals() {
        return new Totals(held(), parked(), holds(), parks(), replayed(), errors("uncertain"));
    }

    /** Requests that are held now. */
    public long held() {
        return open(Count.HOLDS_BEGUN, Count.HOLDS_ENDED);
    }

    /** Replies that are parked now. */
    public long parked() {
        return open(Count.PARKS_BEGUN, Count.PARKS_ENDED);
    }

    /** Requests that were held, since the start. */
    public long holds() {
        return sum(Count.HOLDS_BEGUN);
    }

    /** Replies that were parked, since the start. */
    public long parks() {
        return sum(Count.PARKS_BEGUN);
    }

    /** Requests sent again, since the start. */
    public long replayed() {
        return sum(Count.REPLAYED);
    }

    /** Errors that the proxy itself answered whose label begins with one of these, since the start. */
    public long errors(String... prefixes) {
        long sum = 0;
        for (LoopStats loop : loops) {
            sum += loop.errors().sumOf(prefixes);
        }
        return sum;
    }

    /** When a hold ended last; unknown if none ever did. */
    public long lastHoldEndNanos() {
        return loops.stream().mapToLong(LoopStats::lastHoldEndNanos).max().orElse(Instants.UNKNOWN);
    }

    /** The writes that went to the primary of this claim, the one in use or the one before, and how many were acknowledged. */
    public Writes writes(long epoch) {
        long beforeNanos = clock.getAsLong();
        long sent = 0;
        long toldLeast = 0;
        long toldMost = 0;
        for (LoopStats loop : loops) {
            WriteTally tally = loop.writes(epoch);
            if (tally != null) {
                // In the order in which they are counted, backwards: no more are told than were
                // sent, nor least than most.
                toldLeast += tally.count(WriteTally.Count.TOLD_LEAST);
                toldMost += tally.count(WriteTally.Count.TOLD_MOST);
                sent += tally.count(WriteTally.Count.SENT);
            }
        }
        return new Writes(beforeNanos, sent, toldLeast, Math.max(toldLeast, toldMost), clock.getAsLong());
    }

    /** When the first write was acknowledged under this claim; unknown if none was. */
    public long firstToldNanos(long epoch) {
        return loops.stream()
                .map(loop -> loop.writes(epoch))
                .mapToLong(tally -> tally == null ? Instants.UNKNOWN : tally.firstToldNanos())
                .filter(nanos -> nanos != Instants.UNKNOWN)
                .min()
                .orElse(Instants.UNKNOWN);
    }

    /** All that clients have sent. */
    public long clientBytes() {
        return sum(Count.CLIENT_BYTES_READ);
    }

    @Override
    public synchronized void close() {
        if (exposition != null) {
            exposition.close();
        }
    }

    List<LoopStats> loops() {
        return loops;
    }

    RoutingTable table() {
        return table.get();
    }

    TlsStats tls() {
        return tls;
    }

    BackendView backend() {
        return backend;
    }

    Map<String, Long> limits() {
        return limits;
    }

    long nowNanos() {
        return clock.getAsLong();
    }

    ControlStats control() {
        return control;
    }

    // The control loop asks for sums with every tick, and streams were an eighth of what it takes when nothing happens.

    long sum(Count count) {
        long sum = 0;
        for (LoopStats loop : loops) {
            sum += loop.count(count);
        }
        return sum;
    }

    long open(Count begun, Count ended) {
        long sum = 0;
        for (LoopStats loop : loops) {
            sum += loop.open(begun, ended);
        }
        return sum;
    }

    long longestHoldNanos() {
        return loops.stream()
                .mapToLong(loop -> loop.count(Count.HOLD_NANOS_MAX))
                .max()
                .orElse(0);
    }

    long leaseNanos(RoutingTable now) {
        long evidenceNanos = now.evidenceNanos();
        return evidenceNanos == Instants.UNKNOWN || evidenceNanos == Instants.FOREVER
                ? evidenceNanos
                : evidenceNanos - clock.getAsLong();
    }

    static long asOfAgeNanos(Replica replica, long nowNanos) {
        return replica.asOfNanos() == Instants.UNKNOWN ? Long.MAX_VALUE : nowNanos - replica.asOfNanos();
    }
}
