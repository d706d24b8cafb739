package io.tidegate.routing.engine;

import java.util.Locale;

/**
 * What can be wrong with a shard, as an operator has to know it. One name for each: in the log, in the metrics' label
 * {@code kind}, in {@code /topology}, {@code PROXY TOPOLOGY} and {@code tidegate check --live}.
 *
 * <p>None of them moves a write: what is odd can only make proofs rarer.
 */
public enum WarningKind {
    SENTINEL_UNREACHABLE("start the sentinel, or mend the way to it"),
    SENTINEL_CREDENTIALS("set upstream.sentinel.username and password to what the sentinel takes (requirepass, ACL)"),
    SENTINEL_WITHOUT_RESP3("Redis 6.0 or later is needed; do not rename HELLO"),
    NOT_A_SENTINEL("the port is probably that of a Redis server; a sentinel's is 26379 by default"),
    GHOST_SENTINEL("if it is gone for good: SENTINEL RESET <name> on the sentinels that list it, one after the other"),
    UNKNOWN_NAME("compare upstream.sentinel.master with the name in 'sentinel monitor'"),
    SHARED_IDENTITY(
            "two copies of one sentinel.conf: delete the line 'sentinel myid' of one, and restart that sentinel"),
    TOO_FEW_SENTINELS("no claim can be confirmed, so no write is acknowledged: bring sentinels back"),
    NO_LEASE("each write waits for the sentinels: bring sentinels back, or set quorum to a majority"),
    QUORUM_ONE("set quorum to a majority of the sentinels"),
    SHORT_DOWN_AFTER("set down-after-milliseconds to 2000 or more"),
    PRIMARIES_DISAGREE("take those that watch another shard out of upstream.sentinel.nodes, or SENTINEL RESET them"),
    EPOCH_BEHIND("it lost its state, cannot hear the others, or watches another shard under the same name"),
    EPOCHS_LOST("make a majority of the sentinels reach the epoch again, or start this proxy anew"),
    LEADER_UNHEARD(
            "start the sentinel, and it says whether it goes on; if it has ended and no other node is primary, PROXY FENCE"
                    + " RELEASE <the primary>"),
    NODE_UNREACHABLE("start the node, or have it announce an address that this proxy reaches (replica-announce-ip)"),
    NODE_CREDENTIALS("set upstream.username and upstream.password to what the node takes"),
    NOT_A_NODE("the port is probably that of a sentinel"),
    /** The primary's replication id changed though its process is the same. */
    HISTORY_CHANGED(),
    /** The primary's replication offset went back within one history. */
    OFFSET_WENT_BACK(),
    /** A vote or a failover is no longer waited for, though nobody denied it. */
    ABANDONED(),
    /** More nodes or sentinels are named than are watched. */
    TOO_MANY();

    private final boolean stands;
    private final String remedy;

    /** Something that stands until it is mended. */
    WarningKind(String remedy) {
        this.stands = true;
        this.remedy = remedy;
    }

    /** Something that happened. */
    WarningKind() {
        this.stands = false;
        this.remedy = "";
    }

    /** True if such a warning stands until a {@link Notice.WarningEnded} takes it back. */
    public boolean stands() {
        return stands;
    }

    /** What an operator can do; empty for what merely happened. */
    public String remedy() {
        return remedy;
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True if it says no more than {@link Notice.SentinelLinkChanged} or {@link Notice.NodeLinkChanged} did. */
    public boolean ofLink() {
        return switch (this) {
            case SENTINEL_UNREACHABLE,
                    SENTINEL_CREDENTIALS,
                    SENTINEL_WITHOUT_RESP3,
                    NOT_A_SENTINEL,
                    GHOST_SENTINEL,
                    NODE_UNREACHABLE,
                    NODE_CREDENTIALS,
                    NOT_A_NODE -> true;
            default -> false;
        };
    }

    /** True if every failover passes through it, so that it is news only once it lasts. */
    boolean passing() {
        return switch (this) {
            case SENTINEL_UNREACHABLE,
                    GHOST_SENTINEL,
                    NODE_UNREACHABLE,
                    PRIMARIES_DISAGREE,
                    EPOCH_BEHIND,
                    TOO_FEW_SENTINELS,
                    NO_LEASE,
                    LEADER_UNHEARD -> true;
            default -> false;
        };
    }
}
