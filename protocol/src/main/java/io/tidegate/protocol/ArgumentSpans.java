package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;

/**
 * Where the arguments of a command are: the first ones are noted in passing, the others found again when somebody asks.
 *
 * <p>A span is one word, the argument's length below its offset, relative to the command's first byte.
 */
final class ArgumentSpans {
    /** Arguments whose place is noted. */
    static final int NOTED = 16;

    private final long[] noted = new long[NOTED];

    // Of the other arguments the one found last. Invariant: found >= NOTED - 1.
    private int found = NOTED - 1;
    private long foundSpan;

    static int offset(long span) {
        return (int) (span >>> Integer.SIZE);
    }

    static int length(long span) {
        return (int) span;
    }

    private static long span(int offset, int length) {
        return (long) offset << Integer.SIZE | length;
    }

    /** Another command begins. Not needed of one that has no more than {@link #NOTED} arguments. */
    void forget() {
        found = NOTED - 1;
    }

    void note(int index, int offset, int length) {
        noted[index] = span(offset, length);
    }

    long noted(int index) {
        return noted[index];
    }

    /**
     * The span of an argument that was not noted, of a command known to be well-formed: goes from header to header.
     *
     * @param base absolute index of the command's first byte
     */
    long find(int index, ByteBuf buf, int base) {
        if (index < found || found < NOTED) {
            found = NOTED - 1;
            foundSpan = noted[NOTED - 1];
        }
        for (; found < index; found++) {
            int i = base + offset(foundSpan) + length(foundSpan) + 3;
            int length = 0;
            for (byte digit; (digit = buf.getByte(i)) != '\r'; i++) {
                length = length * 10 + digit - '0';
            }
            foundSpan = span(i + 2 - base, length);
        }
        return foundSpan;
    }
}
