package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.engine.Notice.StreamAtRisk;

/**
 * How many writes of clients had been sent and acknowledged under one claim, and by when: counts taken now and then, from
 * which follows how many acknowledged writes a failover may have lost. The derivation is in the package's description.
 *
 * <p>The number of counts kept is bounded; thinning drops inner ones, which can make the interval wider, never wrong. One
 * thread uses it.
 */
public final class Acknowledged {
    /** As many as samples of a primary: {@link Limits#SAMPLES_MAX}. */
    private final Writes[] counts = new Writes[Limits.SAMPLES_MAX];

    private int size;

    /**
     * What was counted under one claim, between two instants of the proxy's clock. A write is a request that may change
     * data; one that changed nothing counts all the same, since nobody can tell, and so does each of a transaction.
     *
     * @param beforeNanos before the counters were read: {@code sent} has all that were sent by then
     * @param sent writes on their way to the primary, and those that were
     * @param toldLeast writes whose reply was certainly passed on to the client
     * @param toldMost writes whose reply may have been: replies to a pipeline are told in pieces
     * @param afterNanos after the counters were read: every reply that {@code toldLeast} counts was read by then
     */
    public record Writes(long beforeNanos, long sent, long toldLeast, long toldMost, long afterNanos) {
        public Writes {
            if (toldLeast > toldMost || beforeNanos > afterNanos) {
                throw new IllegalArgumentException("told: " + toldLeast + ".." + toldMost + ", between " + beforeNanos
                        + " and " + afterNanos + " (expected: ascending)");
            }
        }

        private boolean sameCounts(Writes other) {
            return sent == other.sent && toldLeast == other.toldLeast && toldMost == other.toldMost;
        }
    }

    /**
     * The acknowledged writes that a new primary lacks.
     *
     * @param least so many at least
     * @param most so many at most; {@link Instants#FOREVER} if that is not known
     * @param afterNanos none of them was acknowledged before this instant; {@link Instants#UNKNOWN} if that is not known
     * @param beforeNanos none of them was acknowledged after this instant
     */
    public record Loss(long least, long most, long afterNanos, long beforeNanos) {
        public boolean bounded() {
            return most != Instants.FOREVER;
        }
    }

    /** Takes in the next count. */
    public void counted(Writes writes) {
        // Of equal counts the first says by when so many were told, the last until when no more were: two are enough.
        if (size > 1 && counts[size - 1].sameCounts(writes) && counts[size - 2].sameCounts(writes)) {
            counts[size - 1] = writes;
            return;
        }
        if (size == counts.length) {
            thin();
        }
        counts[size++] = writes;
    }

    /**
     * What was lost.
     *
     * @param end what was counted when nothing more could be acknowledged under the claim
     */
    public Loss lossOf(StreamAtRisk risk, Writes end) {
        boolean bounded = risk.survivedNanos() != Instants.UNKNOWN;
        long most = bounded ? end.toldMost - toldBy(risk.survivedNanos()) : Instants.FOREVER;
        long least = Math.max(0, end.toldLeast - sentBy(risk.passedNanos(), end));
        // What changed nothing may have been sent after the one instant and told before the other.
        return new Loss(Math.min(least, most), most, risk.survivedNanos(), allToldNanos(end));
    }

    /** No fewer than were sent by {@code nanos}. */
    private long sentBy(long nanos, Writes end) {
        for (int i = 0; i < size; i++) {
            if (counts[i].beforeNanos >= nanos) {
                return counts[i].sent;
            }
        }
        return end.sent;
    }

    /** No more than those whose reply had been read by {@code nanos}. */
    private long toldBy(long nanos) {
        for (int i = size - 1; i >= 0; i--) {
            if (counts[i].afterNanos <= nanos) {
                return counts[i].toldLeast;
            }
        }
        return 0;
    }

    /** By when everything was told that ever was. */
    private long allToldNanos(Writes end) {
        for (int i = 0; i < size; i++) {
            if (counts[i].toldLeast == end.toldMost) {
                return counts[i].afterNanos;
            }
        }
        return end.afterNanos;
    }

    /** Keeps every second count of the older half. */
    private void thin() {
        int half = size / 2;
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (i >= half || i % 2 == 0) {
                counts[kept++] = counts[i];
            }
        }
        size = kept;
    }
}
