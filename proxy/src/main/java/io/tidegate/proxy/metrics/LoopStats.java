package io.tidegate.proxy.metrics;

import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop counts. Written by that loop's thread alone, read by whoever scrapes; {@link EnumCounters} says how
 * the two meet. Counters are not ordered against one another: a scrape may see a request's bytes and not yet the request.
 * What is open "now" is the difference of two counters, not below zero.
 *
 * <p>What happens per request goes to arrays, here and in {@link NodeStats}; what is rare (errors) to {@link LabelCounters}.
 */
public final class LoopStats {
    /** Plain counters, one place each in {@link #counts}. */
    enum Count {
        CLIENTS_OPENED,
        CLIENTS_CLOSED,
        CLIENTS_TOO_SLOW,
        CLIENT_BYTES_READ,
        CLIENT_BYTES_WRITTEN,
        UPSTREAMS_OPENED,
        UPSTREAMS_CLOSED,
        UPSTREAMS_REFUSED,
        UPSTREAMS_SET_APART,
        UPSTREAM_PAUSES,
        UPSTREAM_BYTES_READ,
        UPSTREAM_BYTES_WRITTEN,
        LOCAL_ANSWERS,
        HOLDS_BEGUN,
        HOLDS_ENDED,
        PAUSES_BEGUN,
        PAUSES_ENDED,
        HOLD_NANOS_MAX,
        SPILL_HOLDS,
        DRAIN_SLOWED,
        WOULD_BE_SENT,
        WOULD_FIND_NO_PRIMARY,
        WOULD_BE_OVERLOADED,
        WAITING_BYTES_BEGUN,
        WAITING_BYTES_ENDED,
        LENDINGS_BEGUN,
        LENDINGS_ENDED,
        PARKS_BEGUN,
        PARKS_ENDED,
        REPLICA_WAITS_BEGUN,
        REPLICA_WAIT_NANOS,
        PARKED_BYTES_BEGUN,
        PARKED_BYTES_ENDED,
        REPLAYED,
        GONE,
        UPLOADS,
        UPLOADED_BYTES,
        MOVED,
        SCRIPTS_LOADED,
        SUBSCRIBERS_TOO_SLOW,
        SUBSCRIPTION_MESSAGES,
        SUBSCRIPTION_GAPS
    }

    private final DoorStats doors;
    private final EnumCounters<Count> counts = new EnumCounters<>(Count.class);
    private final EnumCounters<ReadLevel.Kind> requests = new EnumCounters<>(ReadLevel.Kind.class);
    private final Histograms delays = new Histograms(1);
    private final NodeStats nodes = new NodeStats();
    private final LabelCounters errors = new LabelCounters();
    private final LabelCounters refusals = new LabelCounters();

    /** The one value that a reader sets back; what waits is slow enough for an atomic. */
    private final AtomicLong recentWaitNanosMax = new AtomicLong();

    private volatile long lastHoldEndNanos = Instants.UNKNOWN;

    /** Of the claim under which a write was sent last. Volatile, so that a reader finds a tally that is complete. */
    private volatile WriteTally writes = new WriteTally(RoutingTable.NO_EPOCH, null);

    /** {@code doors} is shared by all loops. */
    LoopStats(DoorStats doors) {
        this.doors = doors;
    }

    public DoorStats doors() {
        return doors;
    }

    public void slowSubscriberClosed() {
        one(Count.SUBSCRIBERS_TOO_SLOW);
    }

    /** So many messages were given to clients, one for each of them. */
    public void messagesPassedOn(long count) {
        counts.add(Count.SUBSCRIPTION_MESSAGES, count);
    }

    /** So many clients' subscriptions have no connection for a while. */
    public void subscriptionsInterrupted(long clients) {
        counts.add(Count.SUBSCRIPTION_GAPS, clients);
    }

    /** A script was sent to a node, ahead of a call that names it by its digest. */
    public void scriptLoaded() {
        one(Count.SCRIPTS_LOADED);
    }

    public void clientOpened() {
        one(Count.CLIENTS_OPENED);
    }

    public void clientClosed() {
        one(Count.CLIENTS_CLOSED);
    }

    /** A client did not read its replies and was disconnected. */
    public void slowClientClosed() {
        one(Count.CLIENTS_TOO_SLOW);
    }

    public void clientBytesRead(long bytes) {
        counts.add(Count.CLIENT_BYTES_READ, bytes);
    }

    public void clientBytesWritten(long bytes) {
        counts.add(Count.CLIENT_BYTES_WRITTEN, bytes);
    }

    public void upstreamOpened() {
        one(Count.UPSTREAMS_OPENED);
    }

    public void upstreamClosed() {
        one(Count.UPSTREAMS_CLOSED);
    }

    /** A connection was not opened because the loop's limit was reached. */
    public void upstreamRefused() {
        one(Count.UPSTREAMS_REFUSED);
    }

    /** A shared connection is not shared any more, because of a big reply. */
    public void upstreamSetApart() {
        one(Count.UPSTREAMS_SET_APART);
    }

    /** A connection is not read from until a client has caught up. */
    public void upstreamPaused() {
        one(Count.UPSTREAM_PAUSES);
    }

    public void upstreamBytesRead(long bytes) {
        counts.add(Count.UPSTREAM_BYTES_READ, bytes);
    }

    public void upstreamBytesWritten(long bytes) {
        counts.add(Count.UPSTREAM_BYTES_WRITTEN, bytes);
    }

    /** That many requests were sent to {@code node} for {@code reason}, in a session of that level. */
    public void routed(ReadLevel.Kind level, Node node, RouteReason reason, int requestCount) {
        if (!EnumCounters.COUNTING) {
            return;
        }
        requests.add(level, requestCount);
        nodes.routed(node, reason, requestCount);
    }

    /**
     * So many replies of {@code node} to requests of one group went on their way to the client.
     *
     * @param totalNanos since the requests had come
     * @param upstreamNanos since they were sent, until the replies were read
     */
    public void answered(
            RequestGroup group, ReadLevel.Kind level, Node node, int replies, long totalNanos, long upstreamNanos) {
        if (EnumCounters.COUNTING) {
            nodes.answered(group, level, node, replies, totalNanos, upstreamNanos);
        }
    }

    /** So many reads were sent to a replica that held everything up to {@code ageNanos} before they came. */
    public void readStale(ReadLevel.Kind level, Node node, int reads, long ageNanos) {
        if (EnumCounters.COUNTING) {
            nodes.readStale(level, node, reads, ageNanos);
        }
    }

    /** The loop did something so long after it was due. */
    public void delayed(long nanos) {
        delays.add(0, nanos, 1);
    }

    /** A request of that many bytes began to wait, for whatever it was. */
    public void waitBegun(long bytes) {
        counts.add(Count.WAITING_BYTES_BEGUN, bytes);
    }

    public void waitEnded(long bytes) {
        counts.add(Count.WAITING_BYTES_ENDED, bytes);
    }

    /** A connection to a node was given to one client alone. */
    public void lendingBegun() {
        one(Count.LENDINGS_BEGUN);
    }

    public void lendingEnded() {
        one(Count.LENDINGS_ENDED);
    }

    /** A request was answered by the proxy itself. */
    public void answeredLocally(ReadLevel.Kind level) {
        requests.add(level, 1);
        one(Count.LOCAL_ANSWERS);
    }

    /** A request began to wait for a node. */
    public void held() {
        one(Count.HOLDS_BEGUN);
    }

    /** A request that was held since {@code sinceNanos} waits no longer, however it ended. */
    public void holdEnded(long sinceNanos, long nowNanos) {
        long heldNanos = nowNanos - sinceNanos;
        lastHoldEndNanos = nowNanos;
        one(Count.HOLDS_ENDED);
        counts.add(Count.HOLD_NANOS_MAX, Math.max(0, heldNanos - count(Count.HOLD_NANOS_MAX)));
        waited(heldNanos);
    }

    /** A client's next request began to wait for the end of a pause that a client asked for. */
    public void paused() {
        one(Count.PAUSES_BEGUN);
    }

    /** Such a request waits no longer. */
    public void pauseEnded() {
        one(Count.PAUSES_ENDED);
    }

    /** Held requests had to wait on for a moment, since enough were let go. */
    public void drainSlowed() {
        one(Count.DRAIN_SLOWED);
    }

    /** Of requests that were not held: so many would have been sent in the end. */
    public void wouldBeSent(int requestCount) {
        counts.add(Count.WOULD_BE_SENT, requestCount);
    }

    /** So many would have waited in vain. */
    public void wouldFindNoPrimary(int requestCount) {
        counts.add(Count.WOULD_FIND_NO_PRIMARY, requestCount);
    }

    /** One would have been one too many. */
    public void wouldBeOverloaded() {
        one(Count.WOULD_BE_OVERLOADED);
    }

    /** A read began to wait because too many were at the primary for want of a fresh replica. */
    public void spillHeld() {
        one(Count.SPILL_HOLDS);
    }

    /** A reply of that many bytes began to wait for its evidence. */
    public void parked(long bytes) {
        counts.add(Count.PARKED_BYTES_BEGUN, bytes);
        one(Count.PARKS_BEGUN);
    }

    /** A reply waits no longer, released or replaced, {@code parkedNanos} after it was read. */
    public void parkEnded(long bytes, long parkedNanos) {
        waited(parkedNanos);
        counts.add(Count.PARKED_BYTES_ENDED, bytes);
        one(Count.PARKS_ENDED);
    }

    /** A reply began to wait for replicas to hold what it tells of. */
    public void replicasAwaited() {
        one(Count.REPLICA_WAITS_BEGUN);
    }

    /** It waits no longer, released or replaced. */
    public void replicaWaitEnded(long waitedNanos) {
        counts.add(Count.REPLICA_WAIT_NANOS, waitedNanos);
    }

    /** A command that had provably not run was sent again. */
    public void replayed() {
        one(Count.REPLAYED);
    }

    /** What a client had sent in vain is proven to be no part of the data any more, and is sent again. */
    public void gone() {
        one(Count.GONE);
    }

    /** The first bytes of a request that is not kept were sent. */
    public void uploadBegun() {
        one(Count.UPLOADS);
    }

    /** So many more bytes of such a request were sent. */
    public void uploaded(long bytes) {
        counts.add(Count.UPLOADED_BYTES, bytes);
    }

    /** So many reads were given up on a connection with a big reply in front of them, and are asked again elsewhere. */
    public void moved(int commands) {
        counts.add(Count.MOVED, commands);
    }

    /** An error that may be answered, shown from the start. */
    public void mayAnswer(String label) {
        errors.show(label);
    }

    /** The proxy answered an error of its own. */
    public void errorAnswered(String label) {
        errors.one(label);
    }

    /** A server answered an error that it gives before executing a command, and the command may be sent again. */
    public void refused(String label) {
        refusals.one(label);
    }

    private void one(Count count) {
        counts.add(count, 1);
    }

    private void waited(long nanos) {
        recentWaitNanosMax.accumulateAndGet(nanos, Math::max);
    }

    long count(Count count) {
        return counts.get(count);
    }

    /** What began and has not ended. */
    long open(Count begun, Count ended) {
        long finished = count(ended);
        return Math.max(0, count(begun) - finished);
    }

    /** The longest of the holds and parks that ended since this was last asked. */
    long takeLongestWaitNanos() {
        return recentWaitNanosMax.getAndSet(0);
    }

    /** When a hold ended last. */
    long lastHoldEndNanos() {
        return lastHoldEndNanos;
    }

    /** So many writes were sent over a connection opened under this claim. */
    public void writesSent(long epoch, int count) {
        tally(epoch).add(WriteTally.Count.SENT, count);
    }

    /**
     * Replies to writes were passed on to a client: to so many at least, at most.
     *
     * @return whether {@link #firstWriteTold} is to be called, since these are the first of their claim
     */
    public boolean writesTold(long epoch, int least, int most) {
        WriteTally tally = tally(epoch);
        tally.add(WriteTally.Count.TOLD_LEAST, least);
        tally.add(WriteTally.Count.TOLD_MOST, most);
        return tally.firstToldNanos() == Instants.UNKNOWN;
    }

    public void firstWriteTold(long epoch, long nowNanos) {
        tally(epoch).firstTold(nowNanos);
    }

    /** The tally to count a write of this claim in: while writes are sent ahead those of two claims are counted. */
    private WriteTally tally(long epoch) {
        WriteTally latest = writes;
        if (latest.epoch < epoch) {
            latest = latest.next(epoch);
            writes = latest;
        }
        WriteTally own = latest.of(epoch);
        return own == null ? latest : own;
    }

    /** What was counted under this claim; null if nothing was, or that is too long ago. */
    @Nullable WriteTally writes(long epoch) {
        return writes.of(epoch);
    }

    long requests(ReadLevel.Kind level) {
        return requests.get(level);
    }

    LabelCounters errors() {
        return errors;
    }

    LabelCounters refusals() {
        return refusals;
    }

    /** What went to each node. */
    NodeStats nodes() {
        return nodes;
    }

    /** How late the loop was; the first histogram. */
    Histograms delays() {
        return delays;
    }
}
