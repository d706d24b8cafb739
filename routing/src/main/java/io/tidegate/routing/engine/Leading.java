package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import org.jspecify.annotations.Nullable;

/**
 * The failover that one sentinel leads, as far as it has told: in which epoch, to which node, and whether the claim in use may
 * still lose by it. The package's description derives why, under "Opposition".
 */
final class Leading {
    /** The epoch of a failover of which it is not known. */
    static final long ANY_EPOCH = Long.MAX_VALUE;

    private boolean leads;

    /** The latest epoch that was heard of over this connection; the failover's is none above {@link #epoch}. */
    private long knownEpoch = ANY_EPOCH;

    private long epoch = ANY_EPOCH;

    /** Whom it promotes, once it has said so over this connection. */
    private @Nullable NodeAddress chosen;

    /** A claim is in use that this failover, however it goes on, takes nothing from. */
    private boolean overtaken;

    /** The sentinel is heard over another connection, and may have begun another failover before. */
    void connected() {
        leads = against(false);
        overtaken = false;
        knownEpoch = ANY_EPOCH;
        epoch = ANY_EPOCH;
        chosen = null;
    }

    /** It knows of this epoch; of the one that it fails over in, it says so before it says that it does. */
    void knowsEpoch(long known) {
        knownEpoch = known;
    }

    /** It fails over, to this node; null while it has not said to which. */
    void begun(@Nullable NodeAddress node) {
        leads = true;
        overtaken = false;
        epoch = knownEpoch;
        chosen = node;
    }

    void ended() {
        leads = false;
    }

    /** Its report says whether it leads one; one that is not {@code current} was asked for too early to take a word back. */
    void reported(boolean failingOver, boolean current) {
        leads = failingOver || (leads && !current);
    }

    /**
     * This claim is in use. A failover may be against it, unless it is to the same node, or of an older epoch, under which no
     * other sentinel will name whomever it may still promote.
     */
    void claimed(Claim claim) {
        overtaken = epoch < claim.epoch() || claim.primary().equals(chosen);
    }

    /** True if it leads one, for all that is known. */
    boolean leads() {
        return leads;
    }

    /** True if the claim in use may lose by it. While the sentinel can be asked, its own word decides. */
    boolean against(boolean heard) {
        return leads && (heard || !overtaken);
    }
}
