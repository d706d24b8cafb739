package io.tidegate.routing.engine;

/** The fixed bounds of this package, each with its reason. */
final class Limits {
    /**
     * How long a sentinel must have been heard without a break before its word counts towards a lease: an old
     * down-answer is remembered for 5 s by whoever asked, and a failover begun on the strength of it is given up at most
     * 1 s of desynchronisation and 10 s of election later. Each of the two may be judged 2 s late, by a sentinel that was
     * held up for hardly less than what triggers its TILT; and 2 s are for the answer's way and for timers: 5 + 2 + 10 +
     * 1 + 2 + 2. See the derivation in the package's description.
     */
    static final long CHAIN_NANOS = 22_000_000_000L;

    /**
     * {@code abandoned-vote}: how long a vote or a failover of a sentinel that cannot be asked is held against the claim
     * in use at the least. Sentinel's own default for {@code failover-timeout}.
     */
    static final long ABANDONED_NANOS = 180_000_000_000L;

    /**
     * How long after its vote a leader may still be elected, and turn to the promotion, which it may try for as long as its
     * {@code failover-timeout}: 1 s of desynchronisation and 10 s of election, each judged up to 2 s late.
     */
    static final long ELECTION_NANOS = 15_000_000_000L;

    /**
     * How long after a replica of the claim's history turned primary the sentinels' word for the claim is not taken: the
     * leader of a failover learns of the promotion within 1 s and tells the others at once, by the slowest way within 2 s.
     */
    static final long PROMOTION_SETTLE_NANOS = 5_000_000_000L;

    /**
     * A node that was promoted is sent writes for so long before enough sentinels name it. Those that hear its leader do
     * within 150 ms; if they do not hear it, whatever is sent would most likely be lost.
     */
    static final long AHEAD_NANOS = 2_000_000_000L;

    /** A lease reaches at most so many ticks ahead, so that a process that was stopped wakes up without one. */
    static final int LEASE_TICKS_AHEAD = 2;

    /**
     * While a lease stands, what only the passing of time changes (a silence, a probation, a limit) is looked at with every
     * so many ticks at the latest.
     */
    static final int TICKS_UNSETTLED_MAX = 4;

    /** What every failover passes through, such as sentinels that name two primaries, is odd only once it lasts so long. */
    static final long PASSING_NANOS = 5_000_000_000L;

    /** A node or sentinel that no list has named for so long is forgotten. */
    static final long FORGET_NANOS = 60_000_000_000L;

    /** Primary samples kept for as-of, of which the older half is thinned out when they are too many. */
    static final int SAMPLES_MAX = 1_024;

    /** Primary samples waiting for evidence; thinned out likewise, those first that say no more than their neighbours. */
    static final int PENDING_SAMPLES_MAX = 256;

    /** Offsets kept of a process, and when it had reached them, for what its successor lacks; thinned out likewise. */
    static final int SIGHTINGS_MAX = 256;

    /** Unsettled votes remembered of one sentinel; more are merged into one of unknown leader. */
    static final int BALLOTS_MAX = 8;

    /** How long an operator waits for the node to say that it is primary before the release is refused. */
    static final long RELEASE_NANOS_MAX = 2_000_000_000L;

    /**
     * {@code active-fence}: how long a replaced primary must have said primary before it is demoted. Sentinels demote by
     * themselves, after 8 s and the time to their next INFO; an operator may be about to say otherwise.
     */
    static final long DEMOTE_AFTER_NANOS = 15_000_000_000L;

    /**
     * How long a second primary may be no more than the course of a failover: sentinels let a replaced one say primary for
     * 8 s, and hear it with their next INFO, within 10 s; 2 s are for ways and timers.
     */
    static final long DEMOTED_NANOS = 20_000_000_000L;

    /** For how long writes of a replaced primary are paused at a time: a proxy that ends leaves no more behind. */
    static final long PAUSE_NANOS = 3_000_000_000L;

    /** How often that is renewed, and a demotion that had no effect tried again. */
    static final long PAUSE_AGAIN_NANOS = 1_000_000_000L;

    /** Replaced primaries and former histories remembered; the oldest are forgotten first. */
    static final int REMEMBERED_MAX = 64;

    private Limits() {}
}
