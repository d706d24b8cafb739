package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Finds the boundaries of replies, RESP2 and RESP3, in what a server sends.
 *
 * <p>The input is a <em>stream</em> of chunks. No earlier chunk is needed to go on, so each can be passed on and
 * released as soon as it was scanned, and a reply of gigabytes needs no memory: what remains of a string, the digits of
 * a number so far and, per level of nesting, the elements still to come are all there is to remember. Strings are
 * hopped over, their bytes never visited.
 *
 * <p>Framing is checked, meaning is not: what stands in a line of text, an integer or a double is for the client to
 * judge, which gets the bytes as the server sent them. A reply that cannot be framed for certain is refused, since
 * everything behind it would be given to the wrong request. That includes RESP3's streamed strings and aggregates
 * ({@code $?}, {@code *?}), which no server sends.
 *
 * <p>An attribute ({@code |}) belongs to the value behind it, on top level and inside of aggregates. A push ({@code >})
 * inside another reply counts as an element: Redis puts the confirmation of a SUBSCRIBE in a transaction there.
 *
 * <p>The buffers are borrowed: neither retained nor released, their indices neither used nor moved. One thread.
 */
public final class ReplyScanner {
    private static final int NEWLINE = '\r' | '\n' << 8;

    /** The first five bytes of {@code $-1\r\n} and {@code *-1\r\n}. */
    private static final long NULL_MASK = 0xFF_FFFF_FFFFL;

    private static final long NULL_BULK = '$' | '-' << 8 | '1' << 16 | (long) NEWLINE << 24;
    private static final long NULL_ARRAY = '*' | '-' << 8 | '1' << 16 | (long) NEWLINE << 24;

    /** The first and the fifth byte of {@code $dd\r\n}. */
    private static final long STRING_MASK = 0xFF_0000_00FFL;

    private static final long STRING = '$' | (long) '\n' << 32;

    /** Any number of so many digits is a long. Limits are smaller. */
    private static final int DIGITS_MAX = 18;

    /** Deeper nesting than this is rare enough to grow for. */
    private static final int DEPTH_AT_FIRST = 8;

    // What a type byte begins. Everything else is zero: no type.
    private static final byte LINE = 1;
    private static final byte BULK = 2;
    private static final byte ARRAY = 3;
    private static final byte MAP = 4;
    private static final byte ATTRIBUTE = 5;

    private static final byte[] KINDS = new byte[256];

    static {
        kinds("+-:_#,(", LINE);
        kinds("$!=", BULK);
        kinds("*~>", ARRAY);
        kinds("%", MAP);
        kinds("|", ATTRIBUTE);
    }

    private enum Part {
        TYPE,
        /** A line, of which something was read. */
        LINE,
        /** The number of a length or a count, as far as {@code number} and {@code digits} say. */
        NUMBER,
        /** The line feed behind that number. */
        NUMBER_END,
        /** Of a string and its line end, {@code rest} bytes. */
        BULK,
        BROKEN
    }

    private final Limits limits;

    private Part part = Part.TYPE;
    private boolean complete;
    private byte type;
    private @Nullable String error;

    // Elements still to come, per level: pending[0] is 1 for the reply itself, and one more for
    // each attribute in front.
    // Invariant: pending[i] > 0 for i <= depth.
    private long[] pending = new long[DEPTH_AT_FIRST];
    private int depth;

    // Of the element in progress.
    private byte elementType;
    private long number;
    private int digits;
    private boolean negative;
    private long rest;
    private boolean afterCarriageReturn;

    public ReplyScanner(Limits limits) {
        this.limits = limits;
        pending[0] = 1;
    }

    /**
     * Reads on until the reply in progress (or, if there is none, the next one) ends, or the bytes do.
     *
     * @param from absolute index of the first byte that was not given before
     * @param to absolute index behind the last byte that may be read
     * @return if {@link #complete()}, the absolute index behind the reply; else {@code to}, and unless there is an
     *     {@link #error()} all these bytes belong to the reply in progress
     */
    public int next(ByteBuf buf, int from, int to) {
        complete = false;
        int at = from;
        while (at < to && !complete) {
            at = part == Part.TYPE ? element(buf, at, to) : resume(buf, at, to);
        }
        return at;
    }

    /** Whether the last call of {@link #next} came to the end of a reply. */
    public boolean complete() {
        return complete;
    }

    /**
     * The first byte of the reply in progress or, once complete, of the last one. An attribute in front is not the
     * reply's type; while no more than that was read, the type is '|'.
     */
    public byte type() {
        return type;
    }

    /** Whether the reply in progress or the last one is a push, which answers no request. */
    public boolean push() {
        return type == '>';
    }

    /** Of the string in progress and its line end, how many bytes are still to come; 0 if no string is in progress. */
    public long stringBytesLeft() {
        return part == Part.BULK ? rest : 0;
    }

    /**
     * Why the input cannot be read on, or null. The connection has to be closed then: nothing from it can be told from
     * anything else any more.
     */
    public @Nullable String error() {
        return error;
    }

    /** Forgets everything but the limits, as before the first byte of a connection. */
    public void reset() {
        part = Part.TYPE;
        complete = false;
        type = 0;
        error = null;
        depth = 0;
        pending[0] = 1;
    }

    private static void kinds(String types, byte kind) {
        for (int i = 0; i < types.length(); i++) {
            KINDS[types.charAt(i)] = kind;
        }
    }

    /** Reads an element, or of an aggregate the header, at once if it is short and here as a whole. */
    private int element(ByteBuf buf, int at, int to) {
        if (to - at >= Long.BYTES) {
            long word = buf.getLongLE(at);
            int length = Swar.twoDigits((int) word);
            if (length > 0 && (word & STRING_MASK) == STRING) {
                int next = string(buf, (byte) '$', length, at + 5, to);
                return next > 0 ? next : begin((byte) '$', at, to);
            }
            int carriageReturn = Swar.firstCarriageReturn(word);
            // Never so at 7, where the line feed is in the next word, nor at 8, where there is no carriage return.
            if ((word >>> (carriageReturn << 3) & 0xFFFF) == NEWLINE) {
                int next = shortElement(buf, word, carriageReturn, at, to);
                if (next > 0) {
                    return next;
                }
            }
        }
        return begin(buf.getByte(at), at, to);
    }

    /** An element whose first line is within a word; 0 if it is none of those that can be dealt with at once. */
    private int shortElement(ByteBuf buf, long word, int carriageReturn, int at, int to) {
        byte head = (byte) word;
        byte kind = KINDS[head & 0xFF];
        int body = at + carriageReturn + 2;
        if (kind == LINE) {
            typeIs(head);
            finished();
            return body;
        }
        if (kind == 0 || carriageReturn < 2 || carriageReturn > 5) {
            return 0;
        }
        int count = Swar.decimal((int) (word >>> 8), carriageReturn - 1);
        if (kind == BULK && count >= 0) {
            return string(buf, head, count, body, to);
        }
        if (count >= 0 && count <= limits.replyElementsMax()) {
            typeIs(head);
            return open(kind, count, body, to);
        }
        if ((word & NULL_MASK) == NULL_BULK || (word & NULL_MASK) == NULL_ARRAY) {
            typeIs(head);
            finished();
            return body;
        }
        return 0;
    }

    /** A string that is here as a whole; 0 if it is not, or not as it has to be. */
    private int string(ByteBuf buf, byte head, int length, int body, int to) {
        if (length > limits.replyBulkBytesMax()
                || to - body < length + 2
                || buf.getUnsignedShortLE(body + length) != NEWLINE) {
            return 0;
        }
        typeIs(head);
        finished();
        return body + length + 2;
    }

    private int begin(byte head, int at, int to) {
        byte kind = KINDS[head & 0xFF];
        if (kind == 0) {
            return broken("type expected, got byte " + head, to);
        }
        if (kind == LINE) {
            part = Part.LINE;
            rest = limits.replyBulkBytesMax();
            afterCarriageReturn = false;
        } else {
            part = Part.NUMBER;
            number = 0;
            digits = 0;
            negative = false;
        }
        elementType = head;
        typeIs(head);
        return at + 1;
    }

    private int resume(ByteBuf buf, int at, int to) {
        return switch (part) {
            case LINE -> line(buf, at, to);
            case NUMBER, NUMBER_END -> number(buf, at, to);
            case BULK -> bulk(buf, at, to);
            case TYPE -> element(buf, at, to);
            case BROKEN -> to;
        };
    }

    /** Looks for CR LF. One of them alone is text. */
    private int line(ByteBuf buf, int from, int to) {
        int at = from;
        while (at < to) {
            int lineFeed = buf.indexOf(at, to, (byte) '\n');
            int next = lineFeed < 0 ? to : lineFeed + 1;
            int last = lineFeed < 0 ? to - 1 : lineFeed - 1;
            rest -= next - at;
            if (rest < 0) {
                return broken("line too long (expected: <= " + limits.replyBulkBytesMax() + " bytes)", to);
            }
            afterCarriageReturn = last < at ? afterCarriageReturn : buf.getByte(last) == '\r';
            if (lineFeed >= 0 && afterCarriageReturn) {
                part = Part.TYPE;
                finished();
                return next;
            }
            at = next;
        }
        return at;
    }

    private int number(ByteBuf buf, int from, int to) {
        for (int at = from; at < to; at++) {
            byte b = buf.getByte(at);
            if (part == Part.NUMBER_END) {
                return b == '\n' ? numberIs(negative ? -number : number, at + 1, to) : brokenNumber(b, to);
            }
            boolean leadingZero = digits == 1 && number == 0;
            if (b >= '0' && b <= '9' && digits < DIGITS_MAX && !leadingZero) {
                number = number * 10 + b - '0';
                digits++;
            } else if (b == '-' && digits == 0 && !negative) {
                negative = true;
            } else if (b == '\r' && digits > 0) {
                part = Part.NUMBER_END;
            } else {
                return brokenNumber(b, to);
            }
        }
        return to;
    }

    /** The header of an element says this. */
    private int numberIs(long value, int at, int to) {
        part = Part.TYPE;
        byte kind = KINDS[elementType & 0xFF];
        long max = kind == BULK ? limits.replyBulkBytesMax() : limits.replyElementsMax();
        if (value == -1 && (elementType == '$' || elementType == '*')) {
            finished();
        } else if (value < 0 || negative || value > max) {
            return broken((char) elementType + " with " + value + " (expected: 0.." + max + ")", to);
        } else if (kind == BULK) {
            part = Part.BULK;
            rest = value + 2;
        } else {
            return open(kind, value, at, to);
        }
        return at;
    }

    private int bulk(ByteBuf buf, int from, int to) {
        long skipped = Math.max(0, Math.min(rest - 2, to - from));
        rest -= skipped;
        for (int at = from + (int) skipped; at < to; at++) {
            if (buf.getByte(at) != (rest == 2 ? '\r' : '\n')) {
                return broken("line end expected behind a string, got byte " + buf.getByte(at), to);
            }
            if (--rest == 0) {
                part = Part.TYPE;
                finished();
                return at + 1;
            }
        }
        return to;
    }

    /** Begins an aggregate. An attribute is one element more for whatever it is in, and so is none. */
    private int open(byte kind, long count, int at, int to) {
        if (kind == ATTRIBUTE) {
            pending[depth]++;
        }
        if (count == 0) {
            finished();
            return at;
        }
        if (depth == limits.nestingDepthMax()) {
            return broken("nested too deep (expected: <= " + limits.nestingDepthMax() + ")", to);
        }
        if (++depth == pending.length) {
            pending = Arrays.copyOf(pending, 2 * depth);
        }
        pending[depth] = kind == ARRAY ? count : 2 * count;
        return at;
    }

    /** An element has ended, and with it perhaps the aggregates that it was the last element of. */
    private void finished() {
        while (pending[depth] == 1) {
            if (depth == 0) {
                complete = true;
                return;
            }
            depth--;
        }
        pending[depth]--;
    }

    private void typeIs(byte head) {
        if (depth == 0) {
            type = head;
        }
    }

    private int brokenNumber(byte b, int to) {
        if (b == '?' && digits == 0) {
            return broken("streamed strings and aggregates are not supported: " + (char) elementType + '?', to);
        }
        return broken("number expected behind " + (char) elementType + ", got byte " + b, to);
    }

    private int broken(String text, int to) {
        part = Part.BROKEN;
        error = text;
        return to;
    }
}
