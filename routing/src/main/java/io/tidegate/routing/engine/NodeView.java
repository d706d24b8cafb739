package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one node said about itself over its current connection. A new connection, recognised by its higher number, may
 * lead to another process: everything is forgotten but the instants at which the node last spoke as primary and as
 * replica, and INFO must name the process before its words count.
 */
final class NodeView {
    /** What became of an event: nothing (it came over an old connection), news, or news over a new connection. */
    enum Reception {
        LATE,
        HEARD,
        NEW_LINK
    }

    private static final long NO_LINK = -1;

    private final NodeAddress address;
    private final int id;
    private final boolean sameZone;
    private final AsOf asOf = new AsOf();
    private final ReplicaHealth health = new ReplicaHealth();

    private long link = NO_LINK;
    private boolean up;
    private boolean tried;
    private long namedNanos;
    private long heardNanos = Instants.UNKNOWN;
    private long lostNanos = Instants.UNKNOWN;
    private @Nullable Fault fault;
    private String lostReason = "";

    private @Nullable ReplicationInfo info;
    private boolean changedSinceInfo;
    private boolean joinedSinceInfo;
    private @Nullable Boolean primary;
    private long saidPrimaryNanos = Instants.UNKNOWN;
    private long toldAsPrimaryNanos = Instants.UNKNOWN;
    private long saidReplicaNanos = Instants.UNKNOWN;
    private @Nullable NodeAddress follows;
    private boolean replicationUp;
    private long offset = -1;
    private RoutingTable.@Nullable Node published;

    NodeView(NodeAddress address, int id, boolean sameZone, long nowNanos) {
        this.address = address;
        this.id = id;
        this.sameZone = sameZone;
        this.namedNanos = nowNanos;
    }

    Reception hear(Event.NodeInfo event) {
        Reception reception = enter(event.link(), event.readNanos());
        if (reception == Reception.LATE) {
            return reception;
        }
        ReplicationInfo said = event.info();
        if (!Objects.equals(said.follows(), follows) || (said.linkUp() && !replicationUp)) {
            asOf.mayBeReplaced();
        }
        info = said;
        changedSinceInfo = false;
        joinedSinceInfo = false;
        speak(said.primary(), event.writtenNanos());
        toldAsPrimaryNanos = said.primary() ? event.writtenNanos() : toldAsPrimaryNanos;
        follows = said.follows();
        replicationUp = said.linkUp();
        if (wentBack(said.offset())) {
            asOf.forget();
        }
        offset = said.offset();
        return reception;
    }

    Reception hear(Event.NodeRole event) {
        Reception reception = enter(event.link(), event.readNanos());
        if (reception == Reception.LATE) {
            return reception;
        }
        ReplicationInfo known = info;
        if (event.role() instanceof Role.Primary said) {
            changedSinceInfo |= known != null && !known.primary();
            speak(true, event.writtenNanos());
            offset = said.offset();
        } else if (event.role() instanceof Role.Replica said) {
            changedSinceInfo |= known != null && (known.primary() || !Objects.equals(said.primary(), known.follows()));
            speak(false, event.writtenNanos());
            boolean joined = said.connected() && !replicationUp;
            if (joined || !Objects.equals(said.primary(), follows)) {
                asOf.mayBeReplaced();
            }
            follows = said.primary();
            joinedSinceInfo |= joined;
            replicationUp = said.connected();
            if (said.offset() >= 0) {
                hearAppliedOffset(said.offset());
            }
        }
        return reception;
    }

    /**
     * True if that is news: a connection that was up is lost, or none could be had for a reason of another kind. A server
     * that refused us said more than the connection that breaks at the next attempt.
     */
    boolean lose(Event.NodeLost event, long nowNanos) {
        if (event.link() < link) {
            return false;
        }
        link = event.link();
        boolean news = fault == null || (event.fault() != fault && event.fault() != Fault.UNREACHABLE);
        tried = true;
        if (lostNanos == Instants.UNKNOWN) {
            lostNanos = nowNanos;
        }
        if (news) {
            fault = event.fault();
            lostReason = event.reason();
        }
        up = false;
        asOf.forget();
        return news;
    }

    private Reception enter(long eventLink, long readNanos) {
        if (eventLink < link || (eventLink == link && !up)) {
            return Reception.LATE;
        }
        tried = true;
        heardNanos = Math.max(heardNanos, readNanos);
        if (eventLink == link) {
            return Reception.HEARD;
        }
        link = eventLink;
        up = true;
        lostNanos = Instants.UNKNOWN;
        fault = null;
        info = null;
        changedSinceInfo = false;
        joinedSinceInfo = false;
        primary = null;
        follows = null;
        replicationUp = false;
        offset = -1;
        asOf.forget();
        return Reception.NEW_LINK;
    }

    /** It is there, over the connection that it was heard over before. */
    void hearBusy(Event.NodeBusy event) {
        if (up && event.link() == link) {
            heardNanos = Math.max(heardNanos, event.readNanos());
        }
    }

    private void speak(boolean asPrimary, long writtenNanos) {
        primary = asPrimary;
        if (info == null) {
            return; // which process speaks is not known
        }
        if (changedSinceInfo && asPrimary) {
            return; // nor of which data set it is primary
        }
        if (asPrimary) {
            saidPrimaryNanos = writtenNanos;
        } else {
            saidReplicaNanos = writtenNanos;
        }
    }

    /**
     * An applied offset that went back over one connection: the data set was replaced, so its history must be asked. INFO,
     * which tells that, too, voids no more than what was proven: a replica of the same history that is further behind may have
     * given its data.
     */
    private void hearAppliedOffset(long applied) {
        if (wentBack(applied)) {
            info = null;
            asOf.forget();
        }
        offset = applied;
    }

    private boolean wentBack(long said) {
        return said < offset;
    }

    /** True if the node answered over its current connection, and not too long ago. */
    boolean answers(long silenceNanosMax, long nowNanos) {
        return up && nowNanos - heardNanos <= silenceNanosMax;
    }

    /** True if the node is out of reach since before {@code silenceNanosMax}; a broken connection alone is not. */
    boolean gone(long silenceNanosMax, long nowNanos) {
        return up
                ? !answers(silenceNanosMax, nowNanos)
                : lostNanos != Instants.UNKNOWN && nowNanos - lostNanos >= silenceNanosMax;
    }

    /** True if INFO told of this node, over its current connection, a replica's verified membership in {@code history}. */
    boolean isOf(History history) {
        return up
                && info != null
                && !info.primary()
                && !changedSinceInfo
                && !joinedSinceInfo
                && info.history().equals(history.id());
    }

    /** True if ROLE told, once since the last INFO, of another role or another primary: the data set may be another. */
    boolean changedSinceInfo() {
        return changedSinceInfo;
    }

    /**
     * True if ROLE told since the last INFO that its link to its primary came up. It may have been given all data anew: those
     * of another history, though it follows whom it followed.
     */
    boolean joinedSinceInfo() {
        return joinedSinceInfo;
    }

    /** True if what INFO told last is no longer all there is to say: the node is worth asking again. */
    boolean infoOutdated() {
        ReplicationInfo said = info;
        return said == null
                || contradictsInfo()
                || said.loading()
                || said.syncing()
                || (!said.primary() && !replicationUp);
    }

    /** True if what the node said since contradicts its last INFO, or there was none yet. */
    boolean contradictsInfo() {
        ReplicationInfo said = info;
        return said == null
                || changedSinceInfo
                || joinedSinceInfo
                || (!said.primary() && said.linkUp() != replicationUp);
    }

    boolean saysPrimary() {
        return up && primary != null && primary;
    }

    boolean saysReplica() {
        return up && primary != null && !primary;
    }

    /** True if the last word of its role was "replica", over this connection or one before. */
    boolean saidReplicaLast() {
        return saysReplica() || saidReplicaNanos > saidPrimaryNanos;
    }

    /** The INFO of a node that is primary by that INFO and by all that it said since, else null. */
    @Nullable ReplicationInfo infoAsPrimary() {
        return saysPrimary() && info != null && info.primary() && !changedSinceInfo ? info : null;
    }

    /** False only if it says over its current connection that nobody may promote it: the unheard may be anything. */
    boolean promotable() {
        ReplicationInfo said = info;
        return !up || said == null || said.primary() || said.promotable();
    }

    void named(long nowNanos) {
        namedNanos = nowNanos;
    }

    NodeAddress address() {
        return address;
    }

    long namedNanos() {
        return namedNanos;
    }

    /** When the node was heard last; unknown before the first time. */
    long heardNanos() {
        return heardNanos;
    }

    /** The number of the current connection, or of the one that was lost last. */
    long link() {
        return link;
    }

    boolean up() {
        return up;
    }

    /** Since when the node has not been connected to; unknown while it is, and before the first attempt failed. */
    long lostNanos() {
        return lostNanos;
    }

    /** Why there is no connection to the node; null while there is one, and before the first attempt ended. */
    @Nullable Fault fault() {
        return fault;
    }

    String lostReason() {
        return lostReason;
    }

    /** True once the node answered or failed to. */
    boolean tried() {
        return tried;
    }

    /** The last INFO over the current connection, null before the first. */
    @Nullable ReplicationInfo info() {
        return info;
    }

    /** The instant before the last query was written to which this node answered as primary. */
    long saidPrimaryNanos() {
        return saidPrimaryNanos;
    }

    /** When it was last asked for the INFO by which it is primary: which process it is, and of which history. */
    long toldAsPrimaryNanos() {
        return toldAsPrimaryNanos;
    }

    long saidReplicaNanos() {
        return saidReplicaNanos;
    }

    @Nullable NodeAddress follows() {
        return follows;
    }

    boolean replicationUp() {
        return replicationUp;
    }

    /** The last offset that the node gave over its current connection; -1 if none. */
    long offset() {
        return offset;
    }

    AsOf asOf() {
        return asOf;
    }

    ReplicaHealth health() {
        return health;
    }

    RoutingTable.Node asNode(String runId) {
        RoutingTable.Node node = published;
        if (node == null || !node.runId().equals(runId)) {
            node = new RoutingTable.Node(id, address, runId, sameZone);
            published = node;
        }
        return node;
    }

    /** The node under the run id of its current process; an empty one while that is not known. */
    RoutingTable.Node asNode() {
        return asNode(info == null ? "" : info.runId());
    }

    int id() {
        return id;
    }
}
