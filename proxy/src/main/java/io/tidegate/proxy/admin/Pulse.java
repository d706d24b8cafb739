package io.tidegate.proxy.admin;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Whether threads get on. With every beat each thread that has done the last task it was given is given another; one that
 * leaves a task undone for {@link #MISSED_MAX} beats is stuck. Beats are counted and not timed, on purpose: a process that
 * was stopped (its machine slept, a debugger held it) has missed none when it goes on, since whoever beats was stopped too.
 *
 * <p>Used by one thread; the tasks themselves run on the watched ones.
 */
final class Pulse {
    /** Whoever misses so many beats in a row is stuck. */
    static final int MISSED_MAX = 10;

    private final List<Watched> threads;

    private static final class Watched {
        final String name;
        final Executor thread;
        int missed;

        // Written by the watched thread, and by ours only while no task is under way.
        volatile boolean done = true;

        Watched(String name, Executor thread) {
            this.name = name;
            this.thread = thread;
        }
    }

    Pulse(Map<String, Executor> threads) {
        this.threads = threads.entrySet().stream()
                .map(entry -> new Watched(entry.getKey(), entry.getValue()))
                .toList();
    }

    void beat() {
        for (Watched each : threads) {
            if (!each.done) {
                each.missed++;
                continue;
            }
            each.missed = 0;
            each.done = false;
            try {
                each.thread.execute(() -> each.done = true);
            } catch (RejectedExecutionException e) {
                each.missed = MISSED_MAX; // it has ended, and does nothing any more
            }
        }
    }

    /** The names of those that do not get on. */
    List<String> stuck() {
        return threads.stream()
                .filter(each -> each.missed >= MISSED_MAX)
                .map(each -> each.name)
                .toList();
    }
}
