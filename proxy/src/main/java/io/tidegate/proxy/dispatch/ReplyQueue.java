package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The runs of one session whose replies are not delivered yet, in the order of their commands: an intrusive list, so
 * that a command costs no node. Invariant: positions ascend, and remote runs in it are all on one connection, but for
 * answered ones at the front that wait for evidence.
 */
final class ReplyQueue {
    /** How many clients wait for what others do; of them those count here whose command may take for ever. */
    private final AtomicInteger blocked;

    private @Nullable Run head;
    private @Nullable Run tail;
    private int size;

    ReplyQueue(AtomicInteger blocked) {
        this.blocked = blocked;
    }

    void add(Run run) {
        size++;
        Run last = tail;
        if (last == null) {
            head = run;
        } else {
            last.nextInSession = run;
        }
        tail = run;
    }

    @Nullable Run head() {
        return head;
    }

    boolean isEmpty() {
        return head == null;
    }

    /** Takes out the head and lets go of it. */
    void pop() {
        Run first = head;
        if (first != null) {
            head = first.nextInSession;
            if (head == null) {
                tail = null;
            }
            size--;
            let(first);
        }
    }

    private void let(Run run) {
        if (run.patient()) {
            blocked.decrementAndGet();
        }
        run.leaveSession();
    }

    int size() {
        return size;
    }

    /** The run added last is of one command that may take for ever. */
    void beLastPatient() {
        if (tail != null) {
            tail.bePatient();
            blocked.incrementAndGet();
        }
    }

    /** Whether something in it may take for ever. */
    boolean patient() {
        boolean patient = false;
        for (Run run = head; run != null; run = run.nextInSession) {
            patient |= run.patient() && !run.answered();
        }
        return patient;
    }

    /** Whether nothing in it may change data. */
    boolean onlyReads() {
        boolean reads = true;
        for (Run run = head; run != null; run = run.nextInSession) {
            reads &= !run.write();
        }
        return reads;
    }

    /** The first run with a command that has no reply, null if all are answered. */
    @Nullable Run firstUnanswered() {
        Run run = head;
        while (run != null && run.answered()) {
            run = run.nextInSession;
        }
        return run;
    }

    /** The run with the most reply bytes kept back, null if the queue is empty. */
    @Nullable Run largestKept() {
        Run largest = head;
        for (Run run = head; run != null; run = run.nextInSession) {
            if (largest == null || run.keptBytes() > largest.keptBytes()) {
                largest = run;
            }
        }
        return largest;
    }

    /** Lets go of every run behind {@code last}; of all if it is null. */
    void dropBehind(@Nullable Run last) {
        Run run = last == null ? head : last.nextInSession;
        if (last == null) {
            head = null;
        } else {
            last.nextInSession = null;
        }
        tail = last;
        while (run != null) {
            Run next = run.nextInSession;
            size--;
            let(run);
            run = next;
        }
    }

    /** The run before {@code run}, null if it is the head. */
    @Nullable Run before(Run run) {
        Run previous = null;
        for (Run at = head; at != null && at != run; at = at.nextInSession) {
            previous = at;
        }
        return previous;
    }
}
