package io.tidegate.proxy.signals;

import io.tidegate.routing.NodeAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the data plane tells the control plane. Called from event loops, so an implementation returns at once: it
 * neither blocks nor does the work itself, and signals that come faster than they are worked off become one.
 */
public interface ControlSignals {

    /** Replies of the primary read up to {@code readNanos} are parked and wait for evidence that reaches that instant. */
    void evidenceWanted(long readNanos);

    /** A read waits for a replica whose as-of reaches {@code asOfNanos}: probe now, as fast as round trips allow. */
    void freshnessWanted(long asOfNanos);

    /**
     * Replies read up to {@code readNanos}, or a read by read-index, wait until replicas hold all that was executed
     * before: probe now, as fast as round trips allow, until they do. Repeated every few milliseconds for as long as
     * anybody waits.
     */
    void replicationWanted(long readNanos);

    /**
     * Replies read up to {@code readNanos} wait for their claim while writes are held, so that another may be about to take
     * its place: the primary and all replicas are asked once more, each that has not answered what it was asked since then.
     * What they say may prove that the successor took over what the replies are about. Repeated every few milliseconds for
     * as long as anybody waits.
     */
    void inheritanceWanted(long readNanos);

    /**
     * Commands wait whose connection is one to {@code replaced}, a primary of an earlier claim, for that to refuse them, as it
     * does once it is a replica. Repeated for as long as anybody waits.
     */
    void refusalWanted(NodeAddress replaced);

    /**
     * A connection opened under {@code epoch} did what that of a primary in good health does not.
     *
     * @param evidence what was seen, for the log: "connection closed", "READONLY", …; no data of clients
     */
    void suspect(NodeAddress node, long epoch, String evidence);

    /**
     * An operator asks how the fence stands, or says who is primary.
     *
     * @param release the node that is to be primary; null for a mere question
     * @param answer told once, whatever happens; on the control plane's thread or at once
     */
    void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer);

    /**
     * Whether the control plane speaks to servers from {@code address}, host and port as Redis writes them: what comes from there
     * no client has asked for.
     */
    default boolean speaksFrom(String address) {
        return false;
    }

    /** For operators who want another primary. */
    default SwitchoverSignals switchover() {
        return SwitchoverSignals.NONE;
    }
}
