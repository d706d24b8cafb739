package io.tidegate.proxy.upstream;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one connection whose last reply has not arrived, in order of sending, and their share of the node's load.
 * An intrusive list. Confined to the connection's event loop.
 */
final class PendingRuns {
    private final Upstreams owner;
    private final int nodeId;

    private @Nullable Run head;
    private @Nullable Run tail;
    /** Their commands without a reply, but for those that are written off. */
    private int outstanding;

    PendingRuns(Upstreams owner, int nodeId) {
        this.owner = owner;
        this.nodeId = nodeId;
    }

    @Nullable Run head() {
        return head;
    }

    boolean isEmpty() {
        return head == null;
    }

    /** Whether a write is among them. */
    boolean owesWrites() {
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (run.write()) {
                return true;
            }
        }
        return false;
    }

    void add(Run run) {
        Run last = tail;
        if (last == null) {
            head = run;
        } else {
            last.nextInConnection = run;
        }
        tail = run;
        outstanding += run.commands();
        owner.loads().sent(nodeId, run.commands());
        owner.loads().spilled(run.spilled());
    }

    /**
     * {@code frames} more replies of the head arrived. One whose last reply this is leaves the queue, so that its session
     * may send at once.
     *
     * @param timed whether what it took says something of the node
     */
    void answered(Run run, int frames, long readNanos, boolean timed) {
        run.replied(frames, readNanos);
        boolean last = run.answered();
        if (last) {
            head = run.nextInConnection;
            if (head == null) {
                tail = null;
            }
        }
        if (run.writtenOff()) {
            return;
        }
        outstanding -= frames;
        if (last && timed) {
            owner.loads().answered(nodeId, frames, readNanos - run.sentNanos());
        } else if (frames > 0) {
            owner.loads().answered(nodeId, frames);
        }
        if (last) {
            owner.unspilled(run.spilled());
        }
    }

    /** Empties the queue; the sessions in it, each once for a row of runs. */
    List<ReplySink> leaveAll() {
        owner.loads().lost(nodeId, outstanding);
        List<ReplySink> sinks = new ArrayList<>();
        Run run = head;
        head = null;
        tail = null;
        outstanding = 0;
        while (run != null) {
            Run next = run.nextInConnection;
            if (sinks.isEmpty() || sinks.get(sinks.size() - 1) != run.sink()) {
                sinks.add(run.sink());
            }
            if (!run.writtenOff()) {
                owner.unspilled(run.spilled());
            }
            run.leaveConnection();
            run = next;
        }
        return sinks;
    }

    /** Whether all that is in it was sent for {@code sink}, or nobody waits for it any more. */
    boolean allOf(ReplySink sink) {
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (run.sink() != sink && !run.unwanted()) {
                return false;
            }
        }
        return true;
    }

    /** Asks each session in it, once, who hears of its commands from now on. */
    void retire(UpstreamConnection connection) {
        IdentityHashMap<ReplySink, ReplySink> heirs = new IdentityHashMap<>();
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (!run.unwanted()) {
                ReplySink heir = heirs.computeIfAbsent(run.sink(), sink -> sink.onRetired(connection));
                if (!run.unwanted()) {
                    run.passTo(heir);
                }
            }
        }
    }

    /** Whether nobody waits for anything in it. */
    boolean unwanted() {
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (!run.unwanted()) {
                return false;
            }
        }
        return true;
    }

    /** Whether nobody waits for anything in it, and nothing in it changes data. */
    boolean pointless() {
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (!run.unwanted() || run.write()) {
                return false;
            }
        }
        return true;
    }

    /** All behind the head's session are told that they need not wait on {@code blocked}. */
    void makeWay(UpstreamConnection blocked) {
        ReplySink served = head == null ? null : head.sink();
        Set<ReplySink> behind = new LinkedHashSet<>();
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (!run.unwanted() && run.sink() != served) {
                behind.add(run.sink());
            }
        }
        for (ReplySink sink : behind) {
            sink.onBlocked(blocked);
        }
        writeOffUnwanted();
    }

    /** What nobody waits for does not count for the node's load any more: its replies may take long. */
    private void writeOffUnwanted() {
        for (Run run = head; run != null; run = run.nextInConnection) {
            if (run.unwanted() && !run.writtenOff()) {
                run.writeOff();
                outstanding -= run.unanswered();
                owner.loads().lost(nodeId, run.unanswered());
                owner.unspilled(run.spilled());
            }
        }
    }
}
