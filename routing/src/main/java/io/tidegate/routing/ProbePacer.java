package io.tidegate.routing;

/**
 * When to probe the nodes next: as often as somebody needs it, not more. As-of advances by probing alone, so the
 * interval is what a read at some level can gain from it:
 *
 * <ul>
 *   <li>nobody reads, or level {@code strong}: {@link #IDLE_NANOS}, or less where {@code max-lag} / 4 or
 *       {@code silence-max} / 2 is: a healthy replica is not to be taken for a silent one
 *   <li>{@code eventual}: the same, since four probes within {@code max-lag} keep a healthy replica within it
 *   <li>{@code bounded(d)}: d / 4
 *   <li>{@code session}: {@link #SESSION_NANOS} while some session finds no replica that holds its last write; it reads
 *       from the primary until the next round
 *   <li>somebody settles, or the reply to a write waits for replicas: at once
 * </ul>
 *
 * and never more often than round trips allow. Jitter shortens an interval by up to an eighth, so that many proxies do not
 * probe in step and bounds still hold.
 */
public final class ProbePacer {
    /** The longest time between two rounds. */
    public static final long IDLE_NANOS = 1_000_000_000L;

    /** The time between two rounds while sessions want more: what a session's own write costs the primary in reads. */
    public static final long SESSION_NANOS = 10_000_000L;

    private final long idleNanos;

    /**
     * For replicas that may serve while they are within {@code lagNanosMax} and have answered within
     * {@code silenceNanosMax}.
     */
    public ProbePacer(long lagNanosMax, long silenceNanosMax) {
        idleNanos = Math.min(IDLE_NANOS, Math.min(lagNanosMax / 4, silenceNanosMax / 2));
    }

    /**
     * What the data plane wants of the next round.
     *
     * @param intervalNanos the least of {@link #intervalNanos} over the levels read at of late
     * @param lastNanos when a read at such a level was last routed; {@link Instants#UNKNOWN} if never
     * @param settling whether a request waits for a replica at this moment
     */
    public record Demand(long intervalNanos, long lastNanos, boolean settling) {}

    /** The time between two rounds that reads of this level need. */
    public long intervalNanos(ReadLevel level) {
        return switch (level.kind()) {
            case EVENTUAL, STRONG -> idleNanos;
            case BOUNDED -> Math.min(idleNanos, level.boundNanos() / 4);
            case SESSION -> Math.min(idleNanos, SESSION_NANOS);
        };
    }

    /**
     * The instant from which the next round may be written; in the past if it is overdue. A round that nobody has
     * answered yet is the caller's to wait for or to give up.
     *
     * @param sentNanos when the last round was written
     * @param roundTripNanos how long the slowest node took for its last answer
     * @param lot any random number, drawn once per round, so that asking twice gives the same answer
     */
    public long dueNanos(Demand demand, long sentNanos, long roundTripNanos, long lot, long nowNanos) {
        boolean wanted = demand.lastNanos() != Instants.UNKNOWN && nowNanos - demand.lastNanos() < IDLE_NANOS;
        long interval = wanted ? demand.intervalNanos() : idleNanos;
        interval -= new RandomSource(lot).next((int) (interval / 8) + 1);
        return sentNanos + Math.max(demand.settling() ? 0 : interval, roundTripNanos);
    }
}
