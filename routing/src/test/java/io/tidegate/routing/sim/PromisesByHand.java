package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.Role;
import io.tidegate.routing.sim.Violation.Invariant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one proxy is held to where nobody votes. I3: writes move to another node only if an operator said so, or if the node
 * is of the history in use and the one before is out of reach or said replica. I4: nothing is acknowledged that was replied
 * after a node was heard to be primary out of that history, or the one in use to be a replica.
 */
final class PromisesByHand {
    private final EventQueue queue;
    private final Map<NodeAddress, Word> words = new HashMap<>();

    /** When each node was first heard that contends with the claim in use, which may be itself. */
    private final Map<NodeAddress, Long> contested = new HashMap<>();

    /** With which history each was when it was decided against it: by an operator, or by a claim that replaced its own. */
    private final Map<NodeAddress, String> decidedAgainst = new HashMap<>();

    private long epoch = RoutingTable.NO_EPOCH;
    private @Nullable NodeAddress primary;
    private boolean released;

    /** What would be odd if no operator said so, and against what it would be. */
    private @Nullable String odd;

    private Invariant against = Invariant.I3_NO_WRITE_ACROSS_FENCE;

    /** The last word of a node. */
    private static final class Word {
        private boolean primary;
        private @Nullable NodeAddress follows;
        private @Nullable ReplicationInfo info;
        private @Nullable ReplicationInfo infoAsPrimary;

        /** The history that it said it has as a replica that is connected, if it has said nothing else since. */
        private @Nullable String inSyncWith;

        private long heardNanos;
    }

    PromisesByHand(EventQueue queue) {
        this.queue = queue;
    }

    /** Right before the engine hears it. */
    void hears(Event event) {
        released = false;
        heard();
        if (event instanceof Event.NodeInfo it) {
            Word word = heard(it.node(), it.info().primary());
            word.info = it.info();
            word.inSyncWith =
                    !it.info().primary() && it.info().linkUp() ? it.info().history() : null;
            word.follows = it.info().follows();
            if (it.info().primary()) {
                word.infoAsPrimary = it.info();
            }
            contest(it.node(), it.info());
        } else if (event instanceof Event.NodeRole it) {
            boolean says = it.role() instanceof Role.Primary;
            Word word = heard(it.node(), says);
            boolean asBefore = it.role() instanceof Role.Replica replica
                    && replica.connected()
                    && Objects.equals(replica.primary(), word.follows);
            word.inSyncWith = asBefore ? word.inSyncWith : null;
            word.follows = it.role() instanceof Role.Replica replica ? replica.primary() : null;
            if (!says) {
                contest(it.node(), word.info);
            }
        }
    }

    private Word heard(NodeAddress node, boolean says) {
        Word word = words.computeIfAbsent(node, ignored -> new Word());
        word.primary = says;
        word.heardNanos = queue.nowNanos();
        return word;
    }

    private void contest(NodeAddress node, @Nullable ReplicationInfo info) {
        Word word = words.get(node);
        Word used = primary == null ? null : words.get(primary);
        if (word == null || used == null) {
            return;
        }
        boolean own = node.equals(primary);
        boolean contends =
                own ? !word.primary : word.primary && info != null && info.primary() && isHeir(node, used, info);
        if (contends) {
            contested.putIfAbsent(node, queue.nowNanos());
        } else if (own || !word.primary) {
            contested.remove(node);
        }
    }

    private boolean isHeir(NodeAddress node, Word used, ReplicationInfo info) {
        ReplicationInfo history = used.infoAsPrimary;
        return history != null
                && history.history().equals(info.formerHistory())
                && !info.history().equals(decidedAgainst.get(node));
    }

    void released() {
        released = true;
        contested.clear();
        words.forEach((node, word) -> {
            if (word.infoAsPrimary != null) {
                decidedAgainst.put(node, word.infoAsPrimary.history());
            }
        });
    }

    void published(RoutingTable table) {
        Node next = table.primary();
        if (table.epoch() == epoch || next == null) {
            return;
        }
        NodeAddress before = primary;
        primary = next.address();
        epoch = table.epoch();
        contested.clear();
        if (before != null && !before.equals(primary) && !released) {
            Word old = words.get(before);
            Word heir = words.get(primary);
            if (old != null && old.infoAsPrimary != null) {
                decidedAgainst.put(before, old.infoAsPrimary.history());
            }
            boolean left = old == null || !old.primary || queue.nowNanos() - old.heardNanos >= Simulation.SILENCE_NANOS;
            if (!left) {
                against = Invariant.I3_NO_WRITE_ACROSS_FENCE;
                odd = "writes moved from " + before + ", which is primary";
            }
            boolean related = old == null
                    || old.infoAsPrimary == null
                    || heir == null
                    || heir.infoAsPrimary == null
                    || old.infoAsPrimary.history().equals(heir.infoAsPrimary.formerHistory())
                    || follows(old, primary, heir.infoAsPrimary);
            if (!related) {
                against = Invariant.I3_NO_WRITE_ACROSS_FENCE;
                odd = "writes moved from " + before + " to " + primary + ", which is of another history";
            }
        }
    }

    /** Right after the engine heard it, and all that it wanted was done: an operator is answered behind the table. */
    void heard() {
        String found = odd;
        odd = null;
        check(found == null || released, against, () -> String.valueOf(found));
    }

    private static boolean follows(Word old, @Nullable NodeAddress heir, ReplicationInfo word) {
        return (heir != null && heir.equals(old.follows)) || word.history().equals(old.inSyncWith);
    }

    /** A reply of the claim of this epoch was passed on. */
    void acknowledged(long ofEpoch, Request request) {
        if (ofEpoch == epoch) {
            contested.forEach((node, sinceNanos) -> {
                if (request.repliedNanos > sinceNanos) {
                    against = Invariant.I4_NO_ACK_AFTER_SUPERSESSION;
                    odd = request + " was acknowledged for " + primary + " though " + node + " contends since "
                            + sinceNanos;
                }
            });
        }
    }

    private static void check(boolean holds, Invariant invariant, Supplier<String> what) {
        if (!holds) {
            throw new Violation(invariant, what.get());
        }
    }
}
