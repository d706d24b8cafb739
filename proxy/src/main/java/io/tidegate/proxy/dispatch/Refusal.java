package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;
import org.jspecify.annotations.Nullable;

/**
 * A command of a session that the server refused before executing it, and the replies behind it, kept back until it is
 * known whether the whole tail may be sent again: only if no write behind the refused command ran.
 */
final class Refusal {
    private @Nullable Run run;
    private int commandIndex;
    private long position;
    private int keptBytesBefore;
    private boolean unblocked;

    /** {@code wasUnblocked}: it had waited for data, and is to wait on. */
    void begin(Run refusedRun, int index, long commandPosition, boolean wasUnblocked) {
        run = refusedRun;
        unblocked = wasUnblocked;
        commandIndex = index;
        position = commandPosition;
        keptBytesBefore = refusedRun.keptWholeBytes();
    }

    void clear() {
        run = null;
    }

    boolean active() {
        return run != null;
    }

    /** Whether this run holds the refused command or lies behind it. */
    boolean holdsBack(Run candidate) {
        return run != null && candidate.endPosition() > position;
    }

    @Nullable Run run() {
        return run;
    }

    int commandIndex() {
        return commandIndex;
    }

    boolean unblocked() {
        return unblocked;
    }

    long position() {
        return position;
    }

    /** Bytes of the run's kept replies that came before the refusal and stay valid. */
    int keptBytesBefore() {
        return keptBytesBefore;
    }
}
