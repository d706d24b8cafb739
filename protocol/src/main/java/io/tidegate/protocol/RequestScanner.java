package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Finds the boundaries of requests, RESP commands and inline lines, in a connection's input.
 *
 * <p>The input is a <em>window</em>: one buffer that holds everything from the first byte of the unfinished command on, or
 * of a command too large for that, from what is {@link #settled} on.
 * The owner of the window calls {@link #next} whenever bytes were added, and the scanner goes on where it stopped; it
 * looks at no byte of a finished argument again, and never at the bytes inside an argument but the command's name. What
 * it remembers are positions relative to the command's first byte, so between two calls the owner may compact, move or
 * replace the buffer, as long as {@code from} is where that same command now begins.
 *
 * <p>Accepted is what Redis 7.0.15 accepts ({@code processMultibulkBuffer}, {@code processInlineBuffer} in networking.c,
 * each case held against a running server by a test), refused is what it refuses, with its words. That includes what
 * one might not expect: the byte behind a header's CR and the two behind an argument are passed over whatever they are;
 * every count below one is an empty request; a NUL hides the rest of its line ({@code strchr}), so that such a line
 * never ends and is refused when it is too long. There is one difference: Redis finds a line that is too long only if
 * its end has not arrived yet, so its answer depends on how the bytes were cut; here a line over the limit is refused
 * always.
 *
 * <p>The buffer is borrowed: neither retained nor released, its indices neither used nor moved. What {@code arg...}
 * methods say is valid until the next call of {@link #next}, or until the owner moves the window. One thread.
 */
public final class RequestScanner {
    /** What {@link #next} found. */
    public enum Status {
        /** A command of at least one argument ends at {@link RequestScanner#end()}. */
        COMMAND,
        /** The bytes end before the request does. */
        INCOMPLETE,
        /** A line that is not in RESP ends at {@link RequestScanner#end()}: {@link InlineCommand} reads it. */
        INLINE,
        /** An empty line or an empty array, which gets no reply, ends at {@link RequestScanner#end()}. */
        EMPTY,
        /** {@link RequestScanner#error()} is to be sent and the connection closed; nothing more is read from it. */
        MALFORMED
    }

    private static final String TOO_BIG_INLINE = "ERR Protocol error: too big inline request";
    private static final String TOO_BIG_COUNT = "ERR Protocol error: too big mbulk count string";
    private static final String INVALID_COUNT = "ERR Protocol error: invalid multibulk length";
    private static final String UNAUTHENTICATED_COUNT = "ERR Protocol error: unauthenticated multibulk length";
    private static final String TOO_BIG_LENGTH = "ERR Protocol error: too big bulk count string";
    private static final String INVALID_LENGTH = "ERR Protocol error: invalid bulk length";
    private static final String UNAUTHENTICATED_LENGTH = "ERR Protocol error: unauthenticated bulk length";
    // Redis closes such a connection without a word.
    private static final String TOO_BIG_COMMAND = "ERR Protocol error: too big command";

    /** What Redis lets a client send that has still to authenticate. */
    private static final int UNAUTHENTICATED_ARGS_MAX = 10;

    private static final int UNAUTHENTICATED_BULK_BYTES_MAX = 16_384;

    /** "*d..$d..": a count and a name's length of one digit each, each line two bytes longer than that. */
    private static final long SHORT_START_MASK = 0x00FF_00FF_00FF_00FFL;

    private static final long SHORT_START = '*' | '\r' << 16 | (long) '$' << 32 | (long) '\r' << 48;

    private static final int UNKNOWN = -1;

    private enum Phase {
        /** Nothing of the next request was looked at. */
        FRESH,
        COUNT,
        ARGUMENTS,
        INLINE,
        BROKEN
    }

    private final Limits limits;
    private final int commandBytesMax;

    // Both lower while the client has still to authenticate.
    private int argsMax;
    private long bulkBytesMax;

    private Phase phase = Phase.FRESH;
    private int base;

    // Only to find arguments that were not noted: not known on the quick path, where all are.
    private @Nullable ByteBuf window;

    // Positions, all relative to the request's first byte. Invariant: the line or, while bulkLength is known, the
    // argument in progress begins at at; of a line, everything before searched was looked at. Where searched is less
    // than at, it is left from an earlier line, and nothing was.
    private int at;
    private int searched;
    private int end;

    private int argCount;
    private int args;
    private int bulkLength = UNKNOWN;
    private int missingBytes;
    private boolean blank;
    private @Nullable String error;

    private final ArgumentSpans spans = new ArgumentSpans();

    private final NameWords name = new NameWords();

    public RequestScanner(Limits limits) {
        this.limits = limits;
        this.commandBytesMax = limits.commandBytesMax();
        this.argsMax = limits.argsMax();
        this.bulkBytesMax = limits.bulkBytesMax();
    }

    /**
     * While a client has still to authenticate, Redis grants it 10 arguments of 16384 bytes; it is said here when that
     * begins or ends, and counts for headers not yet read.
     */
    public void authenticationRequired(boolean required) {
        argsMax = required ? Math.min(UNAUTHENTICATED_ARGS_MAX, limits.argsMax()) : limits.argsMax();
        bulkBytesMax =
                required ? Math.min(UNAUTHENTICATED_BULK_BYTES_MAX, limits.bulkBytesMax()) : limits.bulkBytesMax();
    }

    /**
     * Looks for the end of the request that begins at {@code from}.
     *
     * @param buf the window
     * @param from absolute index of the first byte of the request, the unfinished one if the last call said INCOMPLETE
     * @param to absolute index behind the last byte that may be read; what lies behind is not looked at
     */
    public Status next(ByteBuf buf, int from, int to) {
        base = from;
        return phase == Phase.FRESH ? begin(buf, from, to) : resume(buf, from, to);
    }

    /** Absolute index behind the request that {@link #next} found. */
    public int end() {
        return base + end;
    }

    /** Number of arguments of the command that {@link #next} found, its name included. */
    public int argCount() {
        return argCount;
    }

    /** Absolute index of an argument's first byte. */
    public int argOffset(int index) {
        return base + ArgumentSpans.offset(span(index));
    }

    /** Bytes of an argument. */
    public int argLength(int index) {
        return ArgumentSpans.length(span(index));
    }

    /** Bytes of the command's name, which is argument 0. */
    public int nameLength() {
        return name.length;
    }

    /**
     * The first eight bytes of the command's name: ASCII capitals made small, the first byte lowest (little-endian),
     * zeros behind the name's end. A name of more than 24 bytes is no known command's and has zero in all three words.
     * {@link #nameWord} gives the same for a string.
     */
    public long name0() {
        return name.word0;
    }

    /** Bytes 8 to 15 of the name, as {@link #name0()}. */
    public long name1() {
        return name.word1;
    }

    /** Bytes 16 to 23 of the name, as {@link #name0()}. */
    public long name2() {
        return name.word2;
    }

    /**
     * The word that {@link #name0()}, {@link #name1()} or {@link #name2()} has for a command of that name.
     *
     * @param name the command's name in ASCII
     * @param word 0, 1 or 2
     */
    public static long nameWord(String name, int word) {
        return NameWords.of(name, word);
    }

    /**
     * After INCOMPLETE: how many bytes the request needs at least if it stopped inside an argument of known length, else
     * zero. A hint for the size of the next read. It is what the peer announced: an owner that reserves as much gives a
     * stranger up to {@code bulkBytesMax} for twenty bytes.
     */
    public long missingBytes() {
        return missingBytes;
    }

    /** Whether some bytes of a request were looked at, and its end was not found yet. */
    public boolean unfinished() {
        return phase != Phase.FRESH && phase != Phase.BROKEN;
    }

    /**
     * After INCOMPLETE: absolute index of the first byte that {@link #next} may look at again. The owner may let go of
     * what is before it: the request is then unfinished still, {@code from} stays where its first byte would be if it had
     * been kept, be that a negative index, and only {@code arg...} has nothing to look at any more.
     */
    public int settled() {
        if (phase != Phase.ARGUMENTS || args == 0) {
            return base;
        }
        return base + at + (bulkLength == UNKNOWN ? 0 : bulkLength + 2 - missingBytes);
    }

    /** After INCOMPLETE: how many arguments are here as a whole, so that {@code arg...} may be asked about them. */
    public int argsHere() {
        return phase == Phase.ARGUMENTS ? args : 0;
    }

    /**
     * After MALFORMED: the error line to send, without its '-' and line end. Redis' own text; may contain one byte of
     * the input, and so is to be encoded as ISO-8859-1, which {@link RespWriter#error} does.
     */
    public String error() {
        if (error == null) {
            throw new IllegalStateException("no error");
        }
        return error;
    }

    /**
     * After MALFORMED: whether it is too long for a client that has still to authenticate, and for no other; once it has, the
     * same bytes may be looked at again ({@link #reset}).
     */
    public boolean authenticationMissing() {
        return UNAUTHENTICATED_COUNT.equals(error) || UNAUTHENTICATED_LENGTH.equals(error);
    }

    /** Forgets everything but the limits, those of a client that has not authenticated included. */
    public void reset() {
        phase = Phase.FRESH;
        window = null;
        bulkLength = UNKNOWN;
        argCount = 0;
        missingBytes = 0;
        error = null;
    }

    private Status begin(ByteBuf buf, int from, int to) {
        if (to - from >= Long.BYTES) {
            long start = buf.getLongLE(from);
            int count = (int) (start >>> 8 & 0xFF) - '0';
            int length = (int) (start >>> 40 & 0xFF) - '0';
            if ((start & SHORT_START_MASK) == SHORT_START
                    && count > 0
                    && count <= Math.min(9, argsMax)
                    && length >= 0
                    && length <= 9) {
                argCount = count;
                return quickly(buf, from, to, length);
            }
        }
        return beginSlowly(buf, from, to);
    }

    /**
     * Reads a short command that is here as a whole: what there is of it to remember is in locals, and nothing of it is
     * in progress. From the first argument that is neither, {@link #arguments} goes on.
     */
    private Status quickly(ByteBuf buf, int from, int to, int commandLength) {
        int count = argCount;
        int most = Math.min(to - from, commandBytesMax);
        int next = Long.BYTES + commandLength + 2;
        if (next > most) {
            return slowly(buf, from, to, 0, Long.BYTES, commandLength);
        }
        name.read(buf, from + Long.BYTES, commandLength);
        spans.note(0, Long.BYTES, commandLength);
        for (int arg = 1; arg < count; arg++) {
            int header = next;
            if (header > most - Long.BYTES) {
                return slowly(buf, from, to, arg, header, UNKNOWN);
            }
            long word = buf.getLongLE(from + header);
            int length = Swar.twoDigits((int) word);
            int body = header + 5;
            if (length < 0) {
                int digits = Swar.firstCarriageReturn(word) - 1;
                length = digits > 0 && digits <= 4 ? Swar.decimal((int) (word >>> 8), digits) : UNKNOWN;
                body = header + digits + 3;
            }
            next = body + length + 2;
            if ((byte) word != '$' || length < 0 || length > bulkBytesMax || next > most) {
                return slowly(buf, from, to, arg, header, UNKNOWN);
            }
            spans.note(arg, body, length);
        }
        end = next;
        return Status.COMMAND;
    }

    private Status slowly(ByteBuf buf, int from, int to, int arg, int start, int length) {
        phase = Phase.ARGUMENTS;
        args = arg;
        searched = 0;
        at = start;
        bulkLength = length;
        return arguments(buf, from, to);
    }

    private Status resume(ByteBuf buf, int from, int to) {
        window = buf;
        return switch (phase) {
            case COUNT -> count(buf, from, to);
            case ARGUMENTS -> arguments(buf, from, to);
            case INLINE -> inline(buf, from, to);
            case FRESH -> begin(buf, from, to);
            case BROKEN -> Status.MALFORMED;
        };
    }

    private Status beginSlowly(ByteBuf buf, int from, int to) {
        window = buf;
        missingBytes = 0;
        if (from == to) {
            return Status.INCOMPLETE;
        }
        at = 0;
        args = 0;
        searched = 0;
        blank = true;
        spans.forget();
        bulkLength = UNKNOWN;
        if (buf.getByte(from) == '*') {
            phase = Phase.COUNT;
            return count(buf, from, to);
        }
        phase = Phase.INLINE;
        return inline(buf, from, to);
    }

    private Status count(ByteBuf buf, int from, int to) {
        int lineEnd = lineEnd(buf, from, to, TOO_BIG_COUNT);
        if (lineEnd < 0) {
            return pausedOrBroken();
        }
        long count = Decimal.parse(buf, from + 1, from + lineEnd);
        if (count == Decimal.INVALID || count > limits.argsMax()) {
            return broken(INVALID_COUNT);
        }
        if (count > argsMax) {
            return broken(UNAUTHENTICATED_COUNT);
        }
        at = lineEnd + 2;
        if (count <= 0) {
            return found(Status.EMPTY, at);
        }
        argCount = (int) count;
        phase = Phase.ARGUMENTS;
        return arguments(buf, from, to);
    }

    private Status arguments(ByteBuf buf, int from, int to) {
        int available = to - from;
        while (bulkLength != UNKNOWN || length(buf, from, to)) {
            int arg = args;
            int next = at + bulkLength + 2;
            if (available < next) {
                missingBytes = next - available;
                return Status.INCOMPLETE;
            }
            if (arg < ArgumentSpans.NOTED) {
                spans.note(arg, at, bulkLength);
                if (arg == 0) {
                    name.read(buf, from + at, bulkLength);
                }
            }
            at = next;
            bulkLength = UNKNOWN;
            args = ++arg;
            if (arg == argCount) {
                return found(Status.COMMAND, next);
            }
        }
        return pausedOrBroken();
    }

    /** Reads the header of the next argument, after which at and bulkLength say where it is; false if it cannot. */
    private boolean length(ByteBuf buf, int from, int to) {
        int start = from + at;
        if (to - start >= Long.BYTES) {
            long word = buf.getLongLE(start);
            int digits = Swar.firstCarriageReturn(word) - 1;
            if ((byte) word == '$' && digits > 0 && digits <= 4) {
                int length = Swar.decimal((int) (word >>> 8), digits);
                if (length >= 0) {
                    return lengthIs(length, at + digits + 3);
                }
            }
        }
        return lengthSlowly(buf, from, to);
    }

    private boolean lengthSlowly(ByteBuf buf, int from, int to) {
        missingBytes = 0;
        int lineEnd = lineEnd(buf, from, to, TOO_BIG_LENGTH);
        if (lineEnd < 0) {
            return false;
        }
        byte type = buf.getByte(from + at);
        if (type != '$') {
            // Redis replaces line ends in what it quotes.
            char got = type == '\r' || type == '\n' ? ' ' : (char) (type & 0xFF);
            broken("ERR Protocol error: expected '$', got '" + got + "'");
            return false;
        }
        long length = Decimal.parse(buf, from + at + 1, from + lineEnd);
        if (length < 0) {
            broken(INVALID_LENGTH);
            return false;
        }
        return lengthIs(length, lineEnd + 2);
    }

    private boolean lengthIs(long length, int body) {
        if (length > bulkBytesMax) {
            broken(length > limits.bulkBytesMax() ? INVALID_LENGTH : UNAUTHENTICATED_LENGTH);
            return false;
        }
        if (body + length + 2 > commandBytesMax) {
            broken(TOO_BIG_COMMAND);
            return false;
        }
        at = body;
        bulkLength = (int) length;
        return true;
    }

    /**
     * Where, relative, the line that begins at {@code at} has its CR, if the byte behind it is there too; else -1, with
     * an error if the line is too long.
     */
    private int lineEnd(ByteBuf buf, int from, int to, String tooBig) {
        int start = from + at;
        int limit = to - start > limits.headerBytesMax() ? start + limits.headerBytesMax() + 1 : to;
        int i = from + Math.max(at, searched);
        byte stop = -1;
        while (i < limit && (stop = buf.getByte(i)) != '\r' && stop != 0) {
            i++;
        }
        // At a CR or a NUL it stays there, to find the same again.
        searched = i - from;
        if (i < limit && stop == '\r') {
            return i + 1 < to ? i - from : -1;
        }
        if (to - start > limits.headerBytesMax()) {
            broken(tooBig);
        }
        return -1;
    }

    private Status inline(ByteBuf buf, int from, int to) {
        int limit = to - from > limits.inlineBytesMax() ? from + limits.inlineBytesMax() + 1 : to;
        int i = from + searched;
        byte stop = -1;
        while (i < limit && (stop = buf.getByte(i)) != '\n' && stop != 0) {
            blank &= InlineCommand.isBlank(stop);
            i++;
        }
        searched = i - from;
        if (i < limit && stop == '\n') {
            return found(blank ? Status.EMPTY : Status.INLINE, searched + 1);
        }
        return to - from > limits.inlineBytesMax() ? broken(TOO_BIG_INLINE) : Status.INCOMPLETE;
    }

    private long span(int index) {
        return Objects.checkIndex(index, argCount) < ArgumentSpans.NOTED
                ? spans.noted(index)
                : spans.find(index, Objects.requireNonNull(window), base);
    }

    private Status found(Status status, int end) {
        this.end = end;
        phase = Phase.FRESH;
        return status;
    }

    private Status pausedOrBroken() {
        return error == null ? Status.INCOMPLETE : Status.MALFORMED;
    }

    private Status broken(String text) {
        phase = Phase.BROKEN;
        error = text;
        return Status.MALFORMED;
    }
}
