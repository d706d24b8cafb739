package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The claim in use, with the process and the history that stand for it, and what came before.
 *
 * <p>Invariants: I1, the epoch in use never goes back; I2, one epoch is used with one node only. Both hold because
 * {@link #use} takes nothing but a higher epoch.
 */
final class Claims {
    private @Nullable Claim used;
    private @Nullable History history;
    private @Nullable String formerHistory;
    private long formerHistoryEnd = -1;
    private boolean oneHistory;
    private final Set<String> lineage = new LinkedHashSet<>();
    private final Map<NodeAddress, String> replaced = new LinkedHashMap<>();

    @Nullable Claim used() {
        return used;
    }

    @Nullable NodeAddress primary() {
        return used == null ? null : used.primary();
    }

    long epoch() {
        return used == null ? RoutingTable.NO_EPOCH : used.epoch();
    }

    /** The history of the claim in use; null before the first claim. */
    @Nullable History history() {
        return history;
    }

    /** The run id of the process that the claim in use is about; empty before the first claim. */
    String runId() {
        return history == null ? "" : history.runId();
    }

    /** Uses {@code claim} from now on, on the word of the primary it names. */
    void use(Claim claim, ReplicationInfo primary) {
        if (claim.epoch() <= epoch()) {
            throw new IllegalStateException("epoch: " + claim.epoch() + " (expected: > " + epoch() + ")");
        }
        if (used != null && history != null && !used.primary().equals(claim.primary())) {
            supersede(used.primary(), history.id());
        }
        replaced.remove(claim.primary());
        used = claim;
        lineage.clear();
        begin(primary).seen(primary.offset());
        oneHistory = true;
    }

    /** The primary's process or its history changed under the same claim: all offsets so far are void. */
    History begin(ReplicationInfo primary) {
        History begun = new History(primary.runId(), primary.history());
        oneHistory = !runId().equals(primary.runId());
        history = begun;
        formerHistory = primary.formerHistory();
        formerHistoryEnd = primary.formerHistoryEnd();
        lineage.add(primary.history());
        if (lineage.size() > Limits.REMEMBERED_MAX) {
            forgetOldest(lineage);
        }
        return begun;
    }

    /** True if {@code primary} branched off a history that the claim in use has had: it was promoted from its replica. */
    boolean isAncestorOf(ReplicationInfo primary) {
        return primary.formerHistory() != null && lineage.contains(primary.formerHistory());
    }

    /** True if data of {@code id} up to {@code offset} are a beginning of the history in use. */
    boolean sharesFormer(String id, long offset) {
        return id.equals(formerHistory) && offset < formerHistoryEnd;
    }

    boolean isOwnHistory(ReplicationInfo info) {
        return lineage.contains(info.history());
    }

    /** True if the process of the claim in use has had one history, without a break, as long as it has been that. */
    boolean hadOneHistory() {
        return oneHistory;
    }

    /** True if the claim in use has had no other history than this. */
    boolean isOnlyHistory(ReplicationInfo info) {
        return lineage.size() == 1 && lineage.contains(info.history());
    }

    /** True if {@code primary} branched off the history that the claim in use has now: it lacks no more than that one's end. */
    boolean isLeftBy(ReplicationInfo primary) {
        History current = history;
        return current != null && current.id().equals(primary.formerHistory());
    }

    /**
     * True if the claim in use and {@code primary} are known to have begun as one: the claim's history branched off that
     * one, or both off a third.
     */
    boolean isRelatedTo(ReplicationInfo primary) {
        return formerHistory != null
                && (formerHistory.equals(primary.history()) || formerHistory.equals(primary.formerHistory()));
    }

    /** This node, with this history, is not used though it may say primary: a claim, or an operator, decided against it. */
    void supersede(NodeAddress node, String itsHistory) {
        replaced.remove(node);
        replaced.put(node, itsHistory);
        if (replaced.size() > Limits.REMEMBERED_MAX) {
            forgetOldest(replaced.keySet());
        }
    }

    /** True if it was decided against this node, and it has not been a replica since. */
    boolean isReplaced(NodeAddress node) {
        return replaced.containsKey(node);
    }

    /** True if it still has the history with which it was decided against. */
    boolean isReplaced(NodeAddress node, ReplicationInfo primary) {
        return primary.history().equals(replaced.get(node));
    }

    /** The node follows the claim in use, so should it ever say primary again, that is news. */
    void rejoined(NodeAddress node) {
        replaced.remove(node);
    }

    /** It took up the claim's history since, and left it as a primary: whatever it says next is news, too. */
    void overtaken(NodeAddress node) {
        replaced.remove(node);
    }

    private static void forgetOldest(Set<?> memory) {
        Iterator<?> oldest = memory.iterator();
        oldest.next();
        oldest.remove();
    }

    /** For messages: the claim in use, or that there is none. */
    @Override
    public String toString() {
        return used == null ? "no claim" : used.toString();
    }
}
