package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Something that runs on a host of its own: can crash (memory is gone, peers hear it), start again, be frozen (SIGSTOP: the
 * kernel goes on accepting connections and bytes, nothing is answered, no timer fires) and thawed (all of it at once).
 */
abstract class SimProcess {
    final NodeAddress address;
    final EventQueue queue;

    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private boolean alive = true;
    private boolean frozen;
    private long frozenNanos;
    private int life;

    SimProcess(NodeAddress address, EventQueue queue) {
        this.address = address;
        this.queue = queue;
    }

    final boolean alive() {
        return alive;
    }

    final boolean frozen() {
        return frozen;
    }

    /** Counts the processes that this host has had; what was meant for an earlier one must not reach a later one. */
    final int life() {
        return life;
    }

    final void freeze() {
        frozen = true;
        frozenNanos = queue.nowNanos();
    }

    final void thaw() {
        frozen = false;
        woke(queue.nowNanos() - frozenNanos);
        while (!waiting.isEmpty() && !frozen) {
            waiting.remove().run();
        }
    }

    /** Before it does anything else. */
    void woke(long stoppedNanos) {}

    void crash() {
        alive = false;
        frozen = false;
        life++;
        waiting.clear();
    }

    void restart() {
        alive = true;
    }

    /** Runs {@code what} inside this process if it is still the one of that life: now, or when it thaws. */
    final void inside(int ofLife, Runnable what) {
        if (!alive || life != ofLife) {
            return;
        }
        if (frozen) {
            waiting.add(() -> inside(ofLife, what));
        } else {
            what.run();
        }
    }

    /** A timer of this process. */
    final void later(long delayNanos, Runnable what) {
        int ofLife = life;
        queue.after(delayNanos, () -> inside(ofLife, what));
    }

    @Override
    public String toString() {
        return address.host();
    }
}
