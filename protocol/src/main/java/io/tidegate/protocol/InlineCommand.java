package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Turns a line typed by a human into a RESP command, by the rules of Redis' {@code sdssplitargs}: arguments are apart by
 * blanks; double quotes know {@code \n \r \t \b \a \xHH} and take any other byte behind a backslash as it is; single
 * quotes know only {@code \'}; a closing quote must be followed by a blank or the end; a quote may open inside a word.
 */
public final class InlineCommand {
    /** What Redis answers to a line that {@link #convert} refuses, without '-' and line end; then it hangs up. */
    public static final String UNBALANCED_QUOTES = "ERR Protocol error: unbalanced quotes in request";

    private static final byte VERTICAL_TAB = 0x0B;

    private final ByteBuf line;
    private final int to;
    private int at;

    private InlineCommand(ByteBuf line, int from, int to) {
        this.line = line;
        this.at = from;
        this.to = to;
    }

    /**
     * Appends the line [from, to) of {@code line}, with or without its line end, to {@code out} as a RESP array of bulk
     * strings. Four bytes per byte of the line, and 16, are always enough. The buffers are borrowed.
     *
     * @return false if the line is refused: quotes do not match. Nothing was written then
     */
    public static boolean convert(ByteBuf line, int from, int to, ByteBuf out) {
        InlineCommand cursor = new InlineCommand(line, from, withoutLineEnd(line, from, to));
        int count = 0;
        while (cursor.skipBlanks()) {
            if (cursor.argument(null) < 0) {
                return false;
            }
            count++;
        }
        RespWriter.arrayHeader(out, count);
        cursor.at = from;
        while (cursor.skipBlanks()) {
            // Twice, for its length is written before it.
            int start = cursor.at;
            RespWriter.bulkHeader(out, cursor.argument(null));
            cursor.at = start;
            cursor.argument(out);
            RespWriter.lineEnd(out);
        }
        return true;
    }

    /** C's {@code isspace}. */
    static boolean isBlank(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    private static int withoutLineEnd(ByteBuf line, int from, int to) {
        int end = to;
        if (end > from && line.getByte(end - 1) == '\n') {
            end--;
            if (end > from && line.getByte(end - 1) == '\r') {
                end--;
            }
        }
        return end;
    }

    private boolean skipBlanks() {
        while (isBlank(peek(0))) {
            at++;
        }
        return at < to;
    }

    /**
     * Reads one argument, and writes its bytes if there is somewhere to write them to.
     *
     * @return its length, or -1 if its quotes do not match
     */
    private int argument(@Nullable ByteBuf out) {
        int length = 0;
        byte quote = 0;
        while (at < to) {
            byte b = line.getByte(at++);
            if (quote == 0 && (b == '"' || b == '\'')) {
                quote = b;
            } else if (quote == 0 && isBlank(b) && b != VERTICAL_TAB && b != '\f') {
                // Those two are blanks between arguments, but inside of one they are text.
                return length;
            } else if (quote != 0 && b == quote) {
                return at == to || isBlank(peek(0)) ? length : -1;
            } else {
                byte value = b == '\\' && at < to ? escaped(quote) : b;
                if (out != null) {
                    out.writeByte(value);
                }
                length++;
            }
        }
        return quote == 0 ? length : -1;
    }

    /** The byte that is meant by a backslash, which was read, and what follows it, which is passed over. */
    private byte escaped(byte quote) {
        byte next = peek(0);
        if (quote == '\'' && next == '\'') {
            at++;
            return next;
        }
        if (quote != '"') {
            return '\\';
        }
        at++;
        return switch (next) {
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'b' -> '\b';
            case 'a' -> 0x07;
            case 'x' -> hex();
            default -> next;
        };
    }

    /** The byte of two hexadecimal digits, which are passed over; if it is not two, the x itself is meant. */
    private byte hex() {
        int high = Character.digit(peek(0), 16);
        int low = Character.digit(peek(1), 16);
        if (high < 0 || low < 0) {
            return 'x';
        }
        at += 2;
        return (byte) (high << 4 | low);
    }

    /** The byte that is {@code ahead} of the next one, or NUL behind the end. */
    private byte peek(int ahead) {
        return at + ahead < to ? line.getByte(at + ahead) : 0;
    }
}
