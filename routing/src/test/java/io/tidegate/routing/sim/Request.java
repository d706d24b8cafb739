package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One command of a client: a write with its number, or a read at a level. */
final class Request {
    final SimClient client;
    final int write;
    final ReadLevel level;
    final long arrivalNanos;

    /** What had been acknowledged to anybody or shown by a strong read, and to the causal scope, when this arrived. */
    final Acknowledgements.Before acknowledgedBefore;

    final Acknowledgements.Before scopeBefore;

    /** When to stop waiting for a home; 0 while it does not. */
    long settleUntilNanos;

    long sentNanos;

    /** The processes that it was sent to. */
    final Set<String> sentTo = new HashSet<>();

    /** Whether the node that it was sent to had said last that it is primary. */
    boolean sentToBelieved;

    /** The table that it was last sent under. */
    RoutingTable routed = RoutingTable.EMPTY;

    /** The claim whose primary it is answered relative to. */
    Invariants.Claim under = Invariants.Claim.NONE;

    /** The claim under which it is provably no part of the data, wherever it ran before; none while that is not known. */
    long goneEpoch = RoutingTable.NO_EPOCH;

    /** When the reply was read, as the data plane has it. */
    long readNanos;

    /** And as it was. */
    long repliedNanos;

    Log.@Nullable Snapshot seen;

    /** Whether the node that answered was primary then, and with {@linkplain SimNode#dataSet which data}. */
    boolean servedAsPrimary;

    int servedDataSet;

    boolean answered;

    Request(
            SimClient client,
            int write,
            ReadLevel level,
            long arrivalNanos,
            Acknowledgements.Before acknowledgedBefore) {
        this.client = client;
        this.write = write;
        this.level = level;
        this.arrivalNanos = arrivalNanos;
        this.acknowledgedBefore = acknowledgedBefore;
        this.scopeBefore = client.scope.writes.before();
    }

    /** Whether it was sent in vain, and may be sent again under one claim. */
    boolean gone() {
        return goneEpoch != RoutingTable.NO_EPOCH;
    }

    /** Whether nothing of it is left in what the claim in use took over. */
    boolean provenGone(RoutingTable table, Upstream lost) {
        boolean proven = table.fork().leaves(lost.epoch, lost.node.runId(), sentNanos) && !mayHaveReached(table);
        if (proven) {
            goneEpoch = table.epoch();
        }
        return proven;
    }

    /** Whether it still is none under a claim that branched off the one that it was none of the data of. */
    boolean stillGone(RoutingTable table) {
        if (goneEpoch == table.fork().epoch() && !mayHaveReached(table)) {
            goneEpoch = table.epoch();
        }
        return goneEpoch == table.epoch();
    }

    private boolean mayHaveReached(RoutingTable table) {
        RoutingTable.Node primary = table.primary();
        return primary != null && sentTo.contains(primary.runId());
    }

    /**
     * Whether nobody can know that this answer is of other data than were asked for: {@code from} was made a replica, or, as
     * a replica, was given the data of another primary, after all that the proxy has heard of it by now.
     */
    boolean answeredUnawares(SimProxy proxy, Upstream from) {
        NodeAddress node = from.node.address();
        return from.primary
                ? sentToBelieved && !servedAsPrimary && proxy.believes(node)
                : proxy.isToHearOf(node, servedDataSet);
    }

    boolean isWrite() {
        return write != Log.NO_WRITE;
    }

    /** How a request ends. */
    enum Outcome {
        DONE,
        UNCERTAIN,
        NOT_EXECUTED
    }

    @Override
    public String toString() {
        return isWrite() ? "write " + write : "read " + level;
    }
}
