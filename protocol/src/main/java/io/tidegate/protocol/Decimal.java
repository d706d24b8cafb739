package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;

/** Numbers of any length, as strict as Redis' {@code string2ll}: no sign but '-', no leading zero, no blank, no "-0". */
final class Decimal {
    /** No number. The one number that it could be taken for is read as its neighbour: no length or count is near. */
    static final long INVALID = Long.MIN_VALUE;

    /** The digits of {@code Long.MIN_VALUE} and its sign. */
    private static final int LENGTH_MAX = 20;

    private Decimal() {}

    /** The number that [from, to) spells, or {@link #INVALID}. */
    static long parse(ByteBuf buf, int from, int to) {
        int length = to - from;
        if (length == 0 || length > LENGTH_MAX) {
            return INVALID;
        }
        if (length == 1 && buf.getByte(from) == '0') {
            return 0;
        }
        boolean negative = buf.getByte(from) == '-';
        int first = negative ? from + 1 : from;
        if (first == to || buf.getByte(first) == '0') {
            return INVALID;
        }
        // Summed up below zero, where there is one number more.
        long value = 0;
        for (int i = first; i < to; i++) {
            int digit = buf.getByte(i) - '0';
            if (digit < 0 || digit > 9 || value < Long.MIN_VALUE / 10 || value * 10 < Long.MIN_VALUE + digit) {
                return INVALID;
            }
            value = value * 10 - digit;
        }
        if (negative) {
            return Math.max(value, INVALID + 1);
        }
        return value == Long.MIN_VALUE ? INVALID : -value;
    }
}
