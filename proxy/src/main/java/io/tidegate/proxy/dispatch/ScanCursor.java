package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.routing.command.CommandArgs;

/**
 * What a client gets in place of a server's cursor: the same number with a mark of the process that gave it above it.
 *
 * <p>A server's cursor is a place in one of its hash tables: as many bits as the larger half of the table's index has
 * (Redis' {@code dictScan}; Valkey's {@code hashtableScan}), where every process hashes with a key of its own. So a table of
 * up to 2^30 buckets, some two milliards of elements, leaves room enough below 2^53, up to where JavaScript has whole
 * numbers; larger ones get a wider form, below 2^63, as clients keep cursors in a signed long:
 *
 * <pre>
 *             highest bit   mark      the server's cursor
 * narrow      2^52          22 bits   30 bits
 * wide        2^62          22 bits   40 bits
 * </pre>
 *
 * <p>The highest bit says which. No server gives such a number: the buckets alone of a table whose cursors reach 2^40 are
 * 8 TiB; a cursor that is no less is passed on as it is. The mark is a hash of the run id, so that all proxies in front of
 * the same servers, and those that come after them, agree on it without a word. Two processes may share one: that is for
 * {@link Scans} to notice of those that live; that a process has the mark of one that is gone happens once in four millions.
 */
final class ScanCursor {
    /** No number that was ever given to a client: what it means the server has to say. */
    static final long NONE = -1;

    private static final int MARK_BITS = 22;
    private static final int NARROW_BITS = 30;
    private static final int WIDE_BITS = 40;

    private ScanCursor() {}

    /** The mark of the process with this run id: 0 to 2^22 - 1. */
    static int markOf(String runId) {
        // Strings hash alike in every JVM, and remember it; the golden ratio carries all bits to the top.
        return (runId.hashCode() * 0x9E3779B9) >>> (Integer.SIZE - MARK_BITS);
    }

    /** The cursor for a client, of a server's; that itself if it says that the scan is at its end, or is too large. */
    static long withMark(int mark, long cursor) {
        if (cursor <= 0 || cursor >= 1L << WIDE_BITS) {
            return cursor;
        }
        int below = cursor < 1L << NARROW_BITS ? NARROW_BITS : WIDE_BITS;
        return (1L << MARK_BITS | mark) << below | cursor;
    }

    /** Whether it is of the form that {@link #withMark} gives. */
    static boolean marked(long cursor) {
        int below = bitsBelowMark(cursor);
        return below == NARROW_BITS || below == WIDE_BITS;
    }

    /** Of one that is marked. */
    static int mark(long cursor) {
        return (int) (cursor >>> bitsBelowMark(cursor)) & ((1 << MARK_BITS) - 1);
    }

    /** What the server gave, of one that is marked. */
    static long withoutMark(long cursor) {
        return cursor & ((1L << bitsBelowMark(cursor)) - 1);
    }

    private static int bitsBelowMark(long cursor) {
        return Long.SIZE - Long.numberOfLeadingZeros(cursor) - MARK_BITS - 1;
    }

    /** The cursor that this argument spells in digits, leading zeros or not; {@link #NONE} for all else that it may be. */
    static long read(CommandArgs args, int arg) {
        if (arg >= args.count() || args.length(arg) == 0) {
            return NONE;
        }
        long cursor = 0;
        for (int i = 0; i < args.length(arg); i++) {
            cursor = append(cursor, args.byteAt(arg, i));
        }
        return cursor;
    }

    /** The cursor that [from, to) spells, likewise. */
    static long read(ByteBuf bytes, int from, int to) {
        long cursor = from < to ? 0 : NONE;
        for (int i = from; i < to; i++) {
            cursor = append(cursor, bytes.getByte(i));
        }
        return cursor;
    }

    private static long append(long cursor, byte character) {
        int digit = character - '0';
        boolean fits = cursor >= 0 && digit >= 0 && digit <= 9 && cursor <= (Long.MAX_VALUE - digit) / 10;
        return fits ? cursor * 10 + digit : NONE;
    }
}
