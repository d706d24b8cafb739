package io.tidegate.routing.sim;

/** What a data plane can get wrong, one at a time, to see whether anybody notices. */
enum Slip {
    NONE,

    /** Replies of the primary do not wait for their evidence. */
    RELEASES_UNPROVEN,

    /** Replies wait for evidence, be it of another claim. */
    RELEASES_UNDER_ANY_CLAIM,

    /** As strong reads do. */
    READS_UNDER_ANY_CLAIM,

    /** A strong read is content with what its replica held some time before it arrived. */
    INDEX_BEFORE_THE_ARRIVAL,

    /** A reply counts from when its request was sent. */
    STAMPS_BEFORE_THE_READ,

    /** Writes whose connection ended unanswered are sent again. */
    REPLAYS_UNCERTAIN,

    /** They are sent again as soon as somebody else is primary, whatever that one holds. */
    CALLS_UNCERTAIN_GONE,

    /** What the network holds up on its way to a replaced primary may arrive there yet. */
    ENDS_WITHOUT_RESET,

    /** They are called failed. */
    REFUSES_UNCERTAIN,

    /** They are called done. */
    ACKNOWLEDGES_UNCERTAIN,

    /** Nobody hears of them again. */
    FORGETS_UNCERTAIN,

    /** Writes are sent whatever the gate says. */
    IGNORES_THE_GATE,

    /** What is held stays held when it is sent. */
    SENDS_HELD_AGAIN,

    /** What replicas answer is passed on, whatever they have said meanwhile. */
    HEARS_THE_SILENT,

    /** Nor is it asked of a primary whether it is one still. */
    TRUSTS_THE_DOUBTED,

    /** A session's reads are not remembered. */
    FORGETS_READS,

    /** Nor its writes. */
    FORGETS_WRITES,

    /** What replicas hold is compared with when a write was sent: it may run after that. */
    REPLICAS_ASKED_BEFORE_THE_REPLY,

    /** All replicas but one are enough. */
    ALL_BUT_ONE
}
