package io.tidegate.proxy.dispatch;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Fork;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How far a session's commands have come, as positions of its input: what is delivered, what was sent on a connection
 * that is lost, what is sent once more although the client has the reply. They say what becomes of a command that is
 * looked at again, and outlive the runs.
 *
 * <p>Invariants: {@code deliveredUpTo} only grows. {@code lostUpTo} only grows: what one loss left uncertain stays so,
 * however often the session goes back to before it. {@code swallowUpTo} grows with each transaction that is sent again,
 * and falls only to {@code deliveredUpTo}, when replies that were parked are not delivered after all.
 *
 * <p>Of what lies between the session's position and {@code lostUpTo} nothing is sent twice unless it is proven
 * gone for the claim in use: to which process it was sent, under which claim, and when at the earliest is kept for that.
 */
final class Marks {
    private long deliveredUpTo;
    private long lostUpTo;
    private long swallowUpTo;
    private ErrorReply lostReply = ErrorReply.UNCERTAIN;
    /** The claim under which all before {@link #lostUpTo} that is undecided was sent, and the process. */
    private long lostEpoch = RoutingTable.NO_EPOCH;

    private String lostProcess = "";
    /** Whom any of it was ever sent to: a process for each claim that it was tried under, so few. */
    private List<String> processes = List.of();
    /** Before any of it was sent; {@link Instants#UNKNOWN} if nothing can be proven of it. */
    private long lostSentNanos = Instants.UNKNOWN;

    /** The claim whose data provably hold nothing of it; {@link RoutingTable#NO_EPOCH} if there is none. */
    private long goneEpoch = RoutingTable.NO_EPOCH;
    /** Where the latest loss sent the session back to; -1 before the first. */
    private long lostAt = -1;
    /** When that was. */
    private long lostNanos = Instants.UNKNOWN;
    /** The replicas that were lost in a row with the command there. */
    private final LostReplicas losses = new LostReplicas();

    /** Replies to commands before {@code position} are out: those behind may be parked, and get lost there. */
    void delivered(long position) {
        deliveredUpTo = Math.max(deliveredUpTo, position);
    }

    /** Replies to commands before this position are out. */
    long deliveredUpTo() {
        return deliveredUpTo;
    }

    /**
     * A loss sends the session back to {@code position}. Call before {@link #sentInVain}.
     *
     * @param sentNanos before any command from there on was sent, all of them to {@code process} under the claim of
     *     {@code epoch}; {@link Instants#UNKNOWN} if not all were
     */
    void sentTo(long epoch, String process, long sentNanos, long position) {
        boolean undecided = lostUpTo > position && goneEpoch != epoch;
        boolean same = lostEpoch == epoch && lostProcess.equals(process);
        Stream<String> before = lostUpTo > position ? processes.stream() : Stream.empty();
        processes = Stream.concat(before, Stream.of(process)).distinct().toList();
        if (!undecided) {
            lostSentNanos = sentNanos;
        } else {
            lostSentNanos = same ? Math.min(lostSentNanos, sentNanos) : Instants.UNKNOWN;
        }
        lostEpoch = epoch;
        lostProcess = process;
        goneEpoch = RoutingTable.NO_EPOCH;
    }

    /** Whether something from {@code position} on was sent in vain that this table may prove gone. */
    boolean undecidedAt(long position, RoutingTable table) {
        return position < lostUpTo && lostSentNanos != Instants.UNKNOWN && goneEpoch != table.epoch();
    }

    /** Whether a claim after that of {@code epoch}, the one in use, may prove it. */
    boolean mayTurnOutGone(long epoch) {
        return lostSentNanos != Instants.UNKNOWN && (lostEpoch == epoch || goneEpoch == epoch);
    }

    /**
     * Whether everything that was sent in vain is no part of the data of the claim in use. If it was none of those of the
     * claim before, and waited to be sent again when that was replaced by one that branched off it, it still is none. Nothing
     * is proven of a process that it was sent to itself: that may have been promoted once more before it arrived.
     *
     * @param repeatable whether it could be sent again if so; if not, nothing of it is
     * @return whether that is news
     */
    boolean provenGone(RoutingTable table, boolean repeatable) {
        Fork fork = table.fork();
        boolean proven = fork.leaves(lostEpoch, lostProcess, lostSentNanos);
        boolean still = goneEpoch != RoutingTable.NO_EPOCH && goneEpoch == fork.epoch();
        if ((!proven && !still) || mayHaveReached(table.primary())) {
            return false;
        }
        if (!repeatable) {
            lostSentNanos = Instants.UNKNOWN;
            return false;
        }
        goneEpoch = table.epoch();
        return proven;
    }

    private boolean mayHaveReached(RoutingTable.@Nullable Node primary) {
        return primary != null && processes.contains(primary.runId());
    }

    /**
     * Whether that is proven of the node that writes go to now. Of one claim's only: the next one's primary, and the
     * successor that is sent writes before its claim is used, may be of the branch that was left, and hold all of it.
     */
    boolean gone(RoutingTable table) {
        return goneEpoch != RoutingTable.NO_EPOCH
                && goneEpoch == table.epoch()
                && table.writes().open();
    }

    /** Commands before {@code position} were sent on a connection that is lost. */
    void sentInVain(long position) {
        lostUpTo = Math.max(lostUpTo, position);
    }

    /** Whether the command at {@code position} was sent on a connection that is lost: if it is a write it may have run. */
    boolean sentInVainAt(long position) {
        return position < lostUpTo;
    }

    /** The answer to such a write. */
    ErrorReply lostReply() {
        return lostReply;
    }

    /**
     * A loss sends the session back to {@code position}.
     *
     * @param reply what writes get from now on that were sent in vain
     * @return whether the latest loss had sent it somewhere else
     */
    boolean lostAt(long position, ErrorReply reply, long nowNanos) {
        lostReply = reply;
        lostNanos = nowNanos;
        if (position == lostAt) {
            return false;
        }
        lostAt = position;
        losses.clear();
        return true;
    }

    /** When the latest loss was noticed. */
    long lostNanos() {
        return lostNanos;
    }

    /** Which replicas were lost with the read to which the latest loss sent the session back. */
    LostReplicas losses() {
        return losses;
    }

    /** Whether the read at {@code position} was lost so often that it is itself suspected of what became of them. */
    boolean lostTooOften(long position) {
        return position == lostAt && losses.tooMany();
    }

    /** Replies to commands before {@code position} were delivered before: drop them. */
    void swallow(long position) {
        swallowUpTo = Math.max(swallowUpTo, position);
    }

    /** Whether the reply to the command at {@code position} was delivered before. */
    boolean swallows(long position) {
        return position < swallowUpTo;
    }

    /** Replies that were parked are not delivered after all. */
    void swallowDeliveredOnly() {
        swallowUpTo = Math.min(swallowUpTo, deliveredUpTo);
    }
}
