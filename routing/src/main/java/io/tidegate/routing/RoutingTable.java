package io.tidegate.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that the data plane knows of a shard, as one immutable value published through one volatile field. The engine
 * makes a new one for every change, event loops read it once per batch.
 *
 * @param generation counts the tables; a later one is larger
 * @param epoch the epoch of the claim in use, {@link #NO_EPOCH} before the first; never goes back
 * @param primary the node that the claim names; null while none is proven
 * @param writes whether a write may be sent now, and if not, why
 * @param evidenceNanos replies of {@link #primary} read at or before this instant are proven to come from a primary
 *     that nobody had replaced (the later of lease and confirmation); a reply read later is parked
 * @param replicas every known replica with its freshness, eligible or not, in the engine's stable order
 * @param primaryLost true while no primary answers: as-of can then not advance, and {@code eventual} falls back on the
 *     freshest replicas there are
 * @param fork what of the primary of the claim before this one provably lives on, and what provably does not
 * @param successor the node that is about to replace {@link #primary}, once it is known while {@link
 *     WriteGate#CUTTING_OVER}: it may be sent writes, whose replies are parked until its claim is the one in use; else null
 */
public record RoutingTable(
        long generation,
        long epoch,
        @Nullable Node primary,
        WriteGate writes,
        long evidenceNanos,
        List<Replica> replicas,
        boolean primaryLost,
        Fork fork,
        @Nullable Successor successor) {

    public static final long NO_EPOCH = -1;

    /** What is known before the first answer of anybody: nothing. */
    public static final RoutingTable EMPTY =
            new RoutingTable(0, NO_EPOCH, null, WriteGate.NO_CLAIM, Instants.UNKNOWN, List.of(), true);

    /** A table under which nothing is known of the claim before, {@link Fork#NONE}, nor of one to come. */
    public RoutingTable(
            long generation,
            long epoch,
            @Nullable Node primary,
            WriteGate writes,
            long evidenceNanos,
            List<Replica> replicas,
            boolean primaryLost) {
        this(generation, epoch, primary, writes, evidenceNanos, replicas, primaryLost, Fork.NONE, null);
    }

    public RoutingTable {
        replicas = replicas instanceof Lineup lineup ? lineup : new Lineup(replicas);
    }

    /** The replicas as the router meets them. */
    Lineup lineup() {
        return (Lineup) replicas;
    }

    /** Whether this is a {@linkplain Replica#silent silent} replica. */
    public boolean silent(int nodeId) {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).node().id() == nodeId) {
                return replicas.get(i).silent();
            }
        }
        return false;
    }

    /** Whether this is no primary, and answers. */
    public boolean answersBeside(int nodeId) {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).node().id() == nodeId) {
                return replicas.get(i).health() != RouteReason.NO_LINK;
            }
        }
        return false;
    }

    /** The as-of of this replica; {@link Instants#UNKNOWN} if it is none. */
    public long asOfNanos(int nodeId) {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).node().id() == nodeId) {
                return replicas.get(i).asOfNanos();
            }
        }
        return Instants.UNKNOWN;
    }

    /** Whom this replica said last that it replicates; null if it did not, or is none. */
    public @Nullable NodeAddress follows(int nodeId) {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).node().id() == nodeId) {
                return replicas.get(i).follows();
            }
        }
        return null;
    }

    /** Whether the claim in use names this node. */
    public boolean isPrimary(int nodeId) {
        return primary != null && primary.id() == nodeId;
    }

    /** The node that a write may be sent to now; null if writes are held. */
    public @Nullable Node writable() {
        if (writes.open()) {
            return primary;
        }
        return successor != null && successor.open() ? successor.node() : null;
    }

    /** Whether a write may be sent to this node now. */
    public boolean isWritable(int nodeId) {
        Node node = writable();
        return node != null && node.id() == nodeId;
    }

    /** Whether connections to this node are meant for the commands of a primary: it is the claim's, or the successor. */
    public boolean servesAsPrimary(int nodeId) {
        return isPrimary(nodeId) || isSuccessor(nodeId);
    }

    /** The epoch of the claim that a connection to this node belongs to, if it is opened now. */
    public long epochOf(int nodeId) {
        return successor != null && isSuccessor(nodeId) ? successor.epoch() : epoch;
    }

    /** Whether replies of this process under this claim may still be proven: it is in use, or about to be. */
    public boolean mayProve(long claimEpoch, Node process) {
        Node claimed = claimEpoch == epoch ? primary : expected(claimEpoch);
        return claimed != null && Causality.sameProcess(claimed, process);
    }

    /**
     * Whether a reply of this process under this claim may be passed on though its rule asks for no evidence: the claim is in
     * use, and nothing speaks against it, or its node says at least that it is primary. Else the reply may have been found in
     * another one's data, and waits for evidence like all that must be proven.
     */
    public boolean vouchesFor(long claimEpoch, Node process) {
        return claimEpoch == epoch
                && (writes.open() || !primaryLost)
                && primary != null
                && Causality.sameProcess(primary, process);
    }

    private @Nullable Node expected(long claimEpoch) {
        return successor != null && successor.epoch() == claimEpoch ? successor.node() : null;
    }

    private boolean isSuccessor(int nodeId) {
        return successor != null && successor.node().id() == nodeId;
    }

    /** The node of this id; null if it is not part of the shard (any more). */
    public @Nullable Node node(int nodeId) {
        if (primary != null && primary.id() == nodeId) {
            return primary;
        }
        if (successor != null && isSuccessor(nodeId)) {
            return successor.node();
        }
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).node().id() == nodeId) {
                return replicas.get(i).node();
            }
        }
        return null;
    }

    /** How many replicas may be promoted, heard or not. */
    public int promotable() {
        return lineup().promotable();
    }

    /** How many of them hold everything that the primary had executed before {@code nanos}. */
    public int holders(long nanos) {
        return lineup().holders(nanos);
    }

    /**
     * Whether a reply read at {@code readNanos} on a connection opened under {@code claimEpoch} to {@code process} may be
     * released. The process is compared: another node that was only expected may have shared the epoch of the one that is
     * used, and what replied may have been started anew since, with less than it had.
     */
    public boolean proves(long claimEpoch, Node process, long readNanos) {
        return claimEpoch == epoch
                && readNanos <= evidenceNanos
                && primary != null
                && Causality.sameProcess(primary, process);
    }

    /**
     * One Redis process as the data plane addresses it.
     *
     * @param id small, dense, never used again for another address in the life of this proxy
     * @param runId the {@code run_id} of the process that the evidence in this table is about; a connection to another
     *     process at the same address must not use it
     * @param sameZone whether the node is in this proxy's own zone (true where no zones are configured)
     */
    public record Node(int id, NodeAddress address, String runId, boolean sameZone) {}

    /**
     * A replica and how fresh it is proven to be.
     *
     * @param asOfNanos the latest instant such that the replica holds everything that the primary had executed before
     *     it; {@link Instants#UNKNOWN} if not known
     * @param health {@link RouteReason#ELIGIBLE} or why it serves nothing at any level
     * @param promotable false only while it says, over its connection of now, that its priority is 0
     * @param unverified whether it serves nothing and is not known to have data of the claim's history, be it for want of a
     *     word of its own: those that it gets next may be another primary's
     * @param follows whom it said last that it replicates; null if it did not
     * @param dataSet another number whenever it may have been given other data than it had, be they of the same history: those
     *     may be older than what it has shown
     */
    public record Replica(
            Node node,
            long asOfNanos,
            RouteReason health,
            boolean promotable,
            boolean unverified,
            @Nullable NodeAddress follows,
            int dataSet) {
        /** One that may be promoted, as any may that has not said otherwise. */
        public Replica(Node node, long asOfNanos, RouteReason health) {
            this(node, asOfNanos, health, true, false, null, 0);
        }

        /**
         * Whether it has nothing more to say for the claim in use, and what is on its way to it had better be asked elsewhere:
         * it does not answer, or it has said that its data are, or are about to be, those of another primary. What it answers
         * now may have been found in these.
         */
        public boolean silent() {
            return switch (health) {
                case NO_LINK, LOADING, NOT_A_REPLICA, FOREIGN_HISTORY, OTHER_PRIMARY -> true;
                default -> unverified;
            };
        }
    }

    /**
     * A node that was promoted and that not enough sentinels name yet.
     *
     * @param epoch of the claim that is about to be used, above the one in use
     * @param open whether it may be sent writes; what it answers to those that it was sent waits, open or not
     */
    public record Successor(Node node, long epoch, boolean open) {}

    /**
     * Where the successor in use parted from the history of the claim before it, told by two instants. A reply that the
     * replaced process gave by {@code keptUntilNanos} is about data that the successor has, too, and was true of them: it
     * may be passed on. A write sent to that process at or after {@code goneSinceNanos} may have run there, but not where
     * it would still count: to send it again is no second time. What lies between may be either. The proofs are in the
     * engine's essay.
     *
     * @param epoch of the claim that was replaced
     * @param runId the process that stood for it
     * @param keptUntilNanos what that process had executed by then the successor holds, and nobody had been promoted in its
     *     place yet; {@link Instants#UNKNOWN} if no such instant is known
     * @param goneSinceNanos an instant by which the process had provably come to the fork; {@link Instants#FOREVER} if none
     *     is known
     */
    public record Fork(long epoch, String runId, long keptUntilNanos, long goneSinceNanos) {
        public static final Fork NONE = new Fork(NO_EPOCH, "", Instants.UNKNOWN, Instants.FOREVER);

        /**
         * Whether a reply is provably part of what lives on, though its claim has moved on.
         *
         * @param readNanos an instant after the reply was read, of {@code process} on a connection opened under {@code
         *     claimEpoch}
         */
        public boolean keeps(long claimEpoch, String process, long readNanos) {
            return claimEpoch == epoch && readNanos <= keptUntilNanos && process.equals(runId);
        }

        /**
         * Whether a write is provably not part of the data any more.
         *
         * @param sentNanos an instant before its first byte was written, to {@code process} on a connection opened under
         *     {@code claimEpoch}
         */
        public boolean leaves(long claimEpoch, String process, long sentNanos) {
            return claimEpoch == epoch && sentNanos >= goneSinceNanos && process.equals(runId);
        }

        /** The same when the successor does not hold any more what it did: nothing is known to be kept. */
        public Fork keepingNothing() {
            return keptUntilNanos == Instants.UNKNOWN ? this : new Fork(epoch, runId, Instants.UNKNOWN, goneSinceNanos);
        }
    }

    /** Whether writes may be sent, and if not, why they are held. */
    public enum WriteGate {
        OPEN,
        /** No node is proven to be primary yet. */
        NO_CLAIM,
        /** There is evidence against the claim (a vote, a failover under way, a role that changed). */
        FENCED,
        /** Another node is being promoted and is not yet confirmed. */
        CUTTING_OVER,
        /** Two nodes have a claim and nobody can tell which is right. */
        SPLIT;

        public boolean open() {
            return this == OPEN;
        }
    }
}
