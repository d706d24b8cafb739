package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;
import org.jspecify.annotations.Nullable;

/**
 * Where the command of a run begins that was looked at last. A run knows only where it begins itself; replies come in
 * order, so whoever looks at one command after the other walks over the run's bytes once, not once for each.
 */
final class RunCursor {
    private @Nullable Run run;
    private long runStart;
    private int index;
    private long position;

    /** Whether it stands at a command of {@code wanted} that is not behind command {@code upTo}. */
    boolean reaches(Run wanted, int upTo) {
        return run == wanted && runStart == wanted.startPosition() && index <= upTo;
    }

    int index() {
        return index;
    }

    long position() {
        return position;
    }

    /** Command {@code commandIndex} of {@code newRun} begins at {@code commandPosition}. */
    void at(Run newRun, int commandIndex, long commandPosition) {
        run = newRun;
        runStart = newRun.startPosition();
        index = commandIndex;
        position = commandPosition;
    }

    /** Runs were cut: they, or others in their place, may hold other commands. */
    void clear() {
        run = null;
    }
}
