package io.tidegate.proxy.upstream;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.loop.FlushBatch;
import io.tidegate.proxy.metrics.LoopStats;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The upstream connections of one event loop: for every node and {@link ConnectionKey} one that all sessions share, and
 * bounded numbers that are lent to one session each or carry big replies. Opens them on demand, backs off after failures,
 * and closes what the routing table no longer backs. Confined to its loop.
 */
public final class Upstreams {
    /** A client's identity may never come back, and its connection would stay. */
    private static final long UNUSED_NANOS_MAX = 60_000_000_000L;

    /** What was used so lately is not closed for the sake of another. */
    private static final long EVICTED_UNUSED_NANOS_MIN = 10_000_000;

    /** One in so many connections may be busy with a big reply, so that slow readers do not use up the others. */
    private static final int APART_SHARE = 4;

    private final Dialer dialer;
    private final Clock clock;
    private UpstreamSettings settings;
    private final LoopStats stats;
    private final FlushBatch flushes;
    private final RunPool runs;
    private final OwnCommands ownCommands;
    private final NodeLoads loads = new NodeLoads();
    private final SharedConnections shared = new SharedConnections();
    private final Apart apart;
    private final PinnedConnections idlePinned = new PinnedConnections();
    private final Backoffs backoffs = new Backoffs();
    private final Set<UpstreamConnection> open = new HashSet<>();
    /** Being opened to try credentials. */
    private final Set<UpstreamConnection> attempts = new HashSet<>();
    /** Being opened to hear whether a node lives. */
    private final Map<Slot, UpstreamConnection> asking = new HashMap<>();

    private final Greetings greetings = new Greetings();
    /** While all were in use a moment ago, looking for one to close is in vain. */
    private long evictAgainNanos;

    private RouteReason reason = RouteReason.NO_LINK;
    /** Somebody waits until no more reads than these are at the primary for want of a replica; -1 if nobody does. */
    private int spillAwaited = -1;

    /** Hears that a connection opened, ended or drained, so that waiting sessions look again. */
    private Runnable watcher = () -> {};

    private Product product = Product.UNKNOWN;

    public Upstreams(
            Dialer dialer,
            Clock clock,
            UpstreamSettings settings,
            LoopStats stats,
            FlushBatch flushes,
            RunPool runs,
            OwnCommands ownCommands) {
        this.dialer = dialer;
        this.clock = clock;
        this.settings = settings;
        this.stats = stats;
        this.flushes = flushes;
        this.runs = runs;
        this.ownCommands = ownCommands;
        this.apart = new Apart(Math.max(1, settings.connectionsMax() / APART_SHARE));
    }

    /** What holds for connections that are opened from here on. */
    public void settings(UpstreamSettings newSettings) {
        settings = newSettings;
    }

    public void watcher(Runnable newWatcher) {
        watcher = newWatcher;
    }

    /**
     * The shared connection to {@code node}, open or being opened. Null if none can be had now: it failed a moment ago
     * (see {@link #refusal}) or the loop's limit is reached ({@link #reason}).
     */
    public @Nullable UpstreamConnection shared(RoutingTable table, Node node, ConnectionKey key) {
        UpstreamConnection known = shared.get(node.id(), key);
        if (known != null && (known.connecting() || known.usable(table, node))) {
            return known;
        }
        Slot slot = new Slot(node.id(), key);
        if (known != null) {
            shared.remove(known);
        }
        if (known != null && known.mayRefuse(table, node)) {
            retire(known);
        } else if (known != null && known.open()) {
            known.abandon("opened under an earlier claim or to an earlier process");
            if (known.epoch() == table.epochOf(node.id())) {
                // The node is not what the table says; asking it again at once would bring the same answer.
                backoffs.failed(slot, null, clock.nowNanos());
                reason = RouteReason.NO_LINK;
                return null;
            }
        }
        UpstreamConnection fresh = connect(table.epochOf(node.id()), node, slot);
        if (fresh == null || fresh.closed()) {
            UpstreamConnection busy = apart.takeBusy(table, node, slot);
            if (busy == null) {
                return fresh;
            }
            // Behind a big reply is better than nowhere.
            busy.shareAgain();
            fresh = busy;
        }
        shared.put(fresh);
        return fresh;
    }

    /**
     * Whether this process of the node has greeted, asked after {@code sinceNanos}. If not, it is asked on a connection
     * opened for it: that others of a process are open proves nothing, since when it ends, their ends are read one after the
     * other. The watcher is told of what comes of it.
     */
    public boolean livesSince(RoutingTable table, Node node, ConnectionKey key, long sinceNanos) {
        UpstreamConnection known = shared(table, node, key);
        if (known == null || known.connecting()) {
            return false;
        }
        if (greetings.since(node, sinceNanos)) {
            return true;
        }
        Slot slot = known.slot();
        if (!asking.containsKey(slot)) {
            UpstreamConnection opening = connect(table.epochOf(node.id()), node, slot);
            if (opening != null) {
                asking.put(slot, opening);
            }
        }
        return false;
    }

    /** For a session that is known for big replies: a connection that nobody else is on, if one is free, else the shared. */
    public @Nullable UpstreamConnection forBigReplies(RoutingTable table, Node node, ConnectionKey key) {
        UpstreamConnection spare = apart.full() ? null : apart.takeSpare(node.id(), key);
        if (spare == null) {
            return shared(table, node, key);
        }
        if (!spare.usable(table, node) || !spare.idle()) {
            spare.close("no longer of use");
            return shared(table, node, key);
        }
        apart.add(spare);
        return spare;
    }

    /** A connection for one session alone, idle or being opened; give it back with {@link #giveBack} or close it. */
    public @Nullable UpstreamConnection pinned(ReplySink borrower, RoutingTable table, Node node, ConnectionKey key) {
        Slot slot = new Slot(node.id(), key);
        UpstreamConnection candidate = idlePinned.take(slot);
        while (candidate != null) {
            if (candidate.usable(table, node) && candidate.idle()) {
                candidate.lendTo(borrower);
                stats.lendingBegun();
                return candidate;
            }
            candidate.close("no longer of use");
            candidate = idlePinned.take(slot);
        }
        UpstreamConnection opening = connect(table.epochOf(node.id()), node, slot);
        if (opening != null) {
            opening.lendTo(borrower);
            stats.lendingBegun();
        }
        return opening;
    }

    /** The same, opened now, to see whether the node accepts these credentials. So many at a time, whoever asks. */
    public @Nullable UpstreamConnection attempt(ReplySink borrower, RoutingTable table, Node node, ConnectionKey key) {
        if (attempts.size() >= settings.attemptsMax()) {
            stats.upstreamRefused();
            reason = RouteReason.HELD_CONNECTIONS;
            return null;
        }
        UpstreamConnection opening = connect(table.epochOf(node.id()), node, new Slot(node.id(), key));
        if (opening != null) {
            attempts.add(opening);
            opening.lendTo(borrower);
            stats.lendingBegun();
        }
        return opening;
    }

    /** Tells the watcher when half of the reads are answered that are at the primary for want of a replica. */
    public void awaitSpill() {
        spillAwaited = loads.spilled() / 2;
    }

    /** Why the last connection that was asked for could not be had. */
    public RouteReason reason() {
        return reason;
    }

    /** Returns a clean pinned connection: no transaction, nothing watched, nothing outstanding. */
    public void giveBack(UpstreamConnection connection) {
        if (open.contains(connection)) {
            stats.lendingEnded(); // else it was, when the connection closed
        }
        connection.lendTo(null);
        idlePinned.rest(connection, settings.idlePinnedMax());
    }

    /** The server's own words with which the last attempt to open such a connection was refused; null if it was not. */
    public @Nullable String refusal(Node node, ConnectionKey key) {
        return backoffs.anyRefused() ? backoffs.refusal(new Slot(node.id(), key)) : null;
    }

    /** Forgets a refusal that was reported, so that the next attempt asks the server again. */
    public void forgetRefusal(Node node, ConnectionKey key) {
        backoffs.forget(new Slot(node.id(), key));
    }

    /**
     * Closes connections that the new table does not back: another process at the address, an earlier claim, reads on their
     * way to a replica that has fallen silent. What a replaced primary may yet refuse is waited for.
     */
    public void onTable(RoutingTable table) {
        greetings.keepThoseOf(table);
        for (UpstreamConnection connection : List.copyOf(open)) {
            Node node = table.node(connection.nodeId());
            if (node == null) {
                connection.abandon("the node is not part of the shard any more");
            } else if (connection.retired()) {
                if (!table.answersBeside(node.id())) {
                    connection.abandon("replaced, and it does not answer");
                }
            } else if (connection.mayRefuse(table, node)) {
                shared.remove(connection);
                retire(connection);
            } else if (connection.open() && !connection.connecting() && !connection.usable(table, node)) {
                connection.abandon("opened under an earlier claim or to an earlier process");
            } else if (connection.owesReads() && table.silent(node.id())) {
                connection.abandon("the replica is silent");
            }
        }
    }

    private void retire(UpstreamConnection connection) {
        connection.retire(clock.nowNanos() + settings.refusalNanosMax());
    }

    /** A replaced primary by which something may yet be refused that is waited for; null if there is none. */
    public @Nullable Node refuser() {
        for (UpstreamConnection connection : open) {
            if (connection.retired() && !connection.closed()) {
                return connection.node();
            }
        }
        return null;
    }

    /** Now and then: gives up servers that owe replies and are silent, and connections that nobody uses any more. */
    public void houseKeep() {
        loads.forgetSlowly();
        long nowNanos = clock.nowNanos();
        for (UpstreamConnection connection : List.copyOf(open)) {
            connection.checkSilence(settings.replyNanosMax(), nowNanos);
            if (connection.retired()) {
                connection.checkRetired(nowNanos);
            }
            if (connection.unusedSince(nowNanos - UNUSED_NANOS_MAX)) {
                connection.close("unused");
            }
        }
        backoffs.forgetOld(nowNanos);
    }

    public void closeAll() {
        for (UpstreamConnection connection : List.copyOf(open)) {
            connection.close("shutting down");
        }
    }

    /** Whether another one would take the place of one that there is. */
    public boolean full() {
        return open.size() >= settings.connectionsMax();
    }

    /** How many there are, those being opened or closed included. */
    public int size() {
        return open.size();
    }

    /** Which software the node is that was connected to last. */
    public Product product() {
        return product;
    }

    public NodeLoads loads() {
        return loads;
    }

    private @Nullable UpstreamConnection connect(long epoch, Node node, Slot slot) {
        if (backoffs.waits(slot, clock.nowNanos())) {
            reason = RouteReason.NO_LINK;
            return null;
        }
        if (full() && !evict()) {
            stats.upstreamRefused();
            reason = RouteReason.HELD_CONNECTIONS;
            return null;
        }
        UpstreamConnection connection = new UpstreamConnection(this, slot, node, epoch);
        open.add(connection);
        stats.upstreamOpened();
        dialer.dial(connection, this);
        return connection;
    }

    /** Closes the connection that nobody has used for longest, if there is one. */
    private boolean evict() {
        long nowNanos = clock.nowNanos();
        if (nowNanos < evictAgainNanos) {
            return false;
        }
        UpstreamConnection longest = null;
        for (UpstreamConnection connection : open) {
            boolean unused = connection.unusedSince(nowNanos - EVICTED_UNUSED_NANOS_MIN);
            if (unused && (longest == null || connection.lastReadNanos() < longest.lastReadNanos())) {
                longest = connection;
            }
        }
        if (longest == null) {
            evictAgainNanos = nowNanos + EVICTED_UNUSED_NANOS_MIN;
            return false;
        }
        longest.close("unused, and its place is wanted");
        return true;
    }

    // ---- called by connections ----

    void changed(UpstreamConnection connection) {
        attempts.remove(connection);
        if (!connection.closed()) {
            product = connection.greeting().product();
            greetings.heard(connection);
            backoffs.opened(connection.slot());
            if (asking.remove(connection.slot(), connection)) {
                idlePinned.rest(connection, settings.idlePinnedMax());
            }
        }
        watcher.run();
    }

    /** So many reads are not at the primary any more that were there for want of a replica. */
    void unspilled(int reads) {
        if (reads > 0) {
            loads.spilled(-reads);
            if (loads.spilled() <= spillAwaited) {
                spillAwaited = -1;
                watcher.run();
            }
        }
    }

    /** {@code failed}: it could not be opened, and not because nobody wanted it any more. */
    void closed(UpstreamConnection connection, boolean failed, boolean lent) {
        boolean attempt = attempts.remove(connection);
        open.remove(connection);
        asking.remove(connection.slot(), connection);
        stats.upstreamClosed();
        if (lent) {
            stats.lendingEnded();
        }
        shared.remove(connection);
        apart.closed(connection);
        idlePinned.closed(connection);
        boolean wrongCredentials = attempt && connection.refusal() != null;
        if (failed && !wrongCredentials) {
            backoffs.failed(connection.slot(), connection.refusal(), clock.nowNanos());
        }
    }

    /**
     * A big reply has begun to arrive on {@code connection}: what is sent from now on goes over another, which is opened
     * now if there is no spare.
     *
     * @return false if it was not shared, or must remain so since no other is to be had
     */
    boolean setApart(UpstreamConnection connection) {
        Slot slot = connection.slot();
        if (!shared.has(connection) || apart.full()) {
            return false;
        }
        UpstreamConnection other = apart.takeSpare(slot.nodeId(), slot.key());
        if (other == null) {
            other = connect(connection.epoch(), connection.node(), slot);
        }
        if (other == null || other.closed()) {
            return false;
        }
        other.shareAgain();
        shared.put(other);
        apart.add(connection);
        stats.upstreamSetApart();
        return true;
    }

    /** A connection apart owes nothing any more. */
    void freeApart(UpstreamConnection connection) {
        apart.free(connection);
    }

    /** How long a server may owe a reply. */
    public long replyNanosMax() {
        return settings.replyNanosMax();
    }

    UpstreamSettings settings() {
        return settings;
    }

    /** What is said by the proxy itself, over connections of all loops. */
    public OwnCommands ownCommands() {
        return ownCommands;
    }

    RunPool runs() {
        return runs;
    }

    FlushBatch flushes() {
        return flushes;
    }

    LoopStats stats() {
        return stats;
    }

    long nowNanos() {
        return clock.nowNanos();
    }
}
