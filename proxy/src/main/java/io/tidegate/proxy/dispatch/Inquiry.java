package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.upstream.Run;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is being found out before the command at one position of a session can be answered: of the primary, by a command
 * of the proxy's own, or of all event loops. Each is asked once.
 */
final class Inquiry {
    private static final int BEGIN_BYTES_MAX = 256;

    final long position;
    /** The proxy's own command, on its way to the primary. */
    @Nullable Run run;
    /** The first line of the primary's reply, its type included. */
    @Nullable String reply;
    /** The first bytes of it, as many as fit. */
    String begin = "";
    /** Whether the command itself is tried, as one that only reads ({@link PausedFunctions}). */
    boolean asRead;
    /** Of the command's words so many are done with, if it does more than one thing. */
    int wordsDone;
    /** Whether it was asked whether there are messages that came before. */
    boolean heardAll;
    /** The same of redirected invalidations. */
    boolean invalidationsHeard;
    /** Whether the loops were asked. */
    boolean spread;
    /** What they answered, when all have. */
    @Nullable List<?> answers;

    Inquiry(long position) {
        this.position = position;
    }

    /** Whether it is its run that was replied to: runs are used again, so an earlier inquiry may know it by another use. */
    boolean askedBy(Run replied) {
        return run == replied && replied.startPosition() == position;
    }

    /** The primary's reply is the frame in {@code bytes} from {@code from} to {@code to}. */
    void replied(ByteBuf bytes, int from, int to) {
        int end = bytes.indexOf(from, to, (byte) '\r');
        reply = bytes.toString(from, (end < 0 ? to : end) - from, StandardCharsets.UTF_8);
        begin = bytes.toString(from, Math.min(to - from, BEGIN_BYTES_MAX), StandardCharsets.UTF_8);
    }
}
