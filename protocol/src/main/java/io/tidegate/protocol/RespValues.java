package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Decodes a whole reply to a {@link RespValue}: the cold path, for answers to the proxy's own questions. Unlike the
 * scanners it reads what is inside, so it is strict about that too, and it allocates; but never more than the bytes that
 * are really here account for.
 */
public final class RespValues {
    /** Most levels of nesting. The answers that are read have four. */
    static final int DEPTH_MAX = 64;

    private final ByteBuf buf;
    private final int to;
    private int at;

    private RespValues(ByteBuf buf, int from, int to) {
        this.buf = buf;
        this.at = from;
        this.to = to;
    }

    /**
     * Reads the reply that [from, to) is. The buffer is borrowed, and copied from.
     *
     * @throws IllegalArgumentException if these bytes are not exactly one reply
     */
    public static RespValue read(ByteBuf buf, int from, int to) {
        RespValues values = new RespValues(buf, from, to);
        RespValue value = values.value(0);
        if (values.at != to) {
            throw values.malformed("end expected");
        }
        return value;
    }

    private RespValue value(int depth) {
        if (at == to) {
            throw malformed("value expected");
        }
        byte type = buf.getByte(at++);
        return switch (type) {
            case '+' -> new RespValue.SimpleString(line());
            case '-' -> new RespValue.Failure(line());
            case ':' -> new RespValue.Int(integer(line()));
            case ',' -> new RespValue.Real(real(line()));
            case '#' -> new RespValue.Bool(bool(line()));
            case '(' -> new RespValue.BigNumber(bigNumber(line()));
            case '_' -> nothing(line());
            case '$', '=', '!' -> string(type);
            default -> aggregate(type, depth);
        };
    }

    private RespValue string(byte type) {
        String header = line();
        if (type == '$' && header.equals("-1")) {
            return new RespValue.Null();
        }
        long length = integer(header);
        if (length < 0 || length > to - at - 2) {
            throw malformed("string of " + length);
        }
        byte[] bytes = ByteBufUtil.getBytes(buf, at, (int) length);
        at += bytes.length;
        if (!line().isEmpty()) {
            throw malformed("line end expected");
        }
        if (type == '!') {
            return new RespValue.Failure(new String(bytes, StandardCharsets.ISO_8859_1));
        }
        if (type == '$') {
            return new RespValue.Bulk(bytes, null);
        }
        if (bytes.length < 4 || bytes[3] != ':') {
            throw malformed("format expected");
        }
        String format = new String(bytes, 0, 3, StandardCharsets.ISO_8859_1);
        return new RespValue.Bulk(Arrays.copyOfRange(bytes, 4, bytes.length), format);
    }

    private RespValue aggregate(byte type, int depth) {
        if (depth == DEPTH_MAX) {
            throw malformed("nested too deep (expected: <= " + DEPTH_MAX + ")");
        }
        if ("*~>%|".indexOf(type) < 0) {
            throw malformed("type expected");
        }
        String header = line();
        if (type == '*' && header.equals("-1")) {
            return new RespValue.Null();
        }
        long count = integer(header);
        if (count < 0) {
            throw malformed("aggregate of " + count);
        }
        List<RespValue> elements = elements(type == '%' || type == '|' ? 2 * count : count, depth + 1);
        return switch (type) {
            case '*' -> new RespValue.Array(elements);
            case '~' -> new RespValue.Set(elements);
            case '>' -> new RespValue.Push(elements);
            case '%' -> new RespValue.Map(elements);
            default -> new RespValue.Attributed(elements, value(depth + 1));
        };
    }

    private List<RespValue> elements(long count, int depth) {
        // An element has three bytes at least, so that a count is no reason to reserve anything.
        if (count < 0 || count > (to - at) / 3) {
            throw malformed("aggregate of " + count);
        }
        List<RespValue> elements = new ArrayList<>((int) count);
        for (long i = 0; i < count; i++) {
            elements.add(value(depth));
        }
        return List.copyOf(elements);
    }

    private RespValue nothing(String text) {
        if (!text.isEmpty()) {
            throw malformed("null expected");
        }
        return new RespValue.Null();
    }

    private boolean bool(String text) {
        if (!text.equals("t") && !text.equals("f")) {
            throw malformed("truth value expected");
        }
        return text.equals("t");
    }

    private String bigNumber(String text) {
        if (!text.matches("[+-]?[0-9]+")) {
            throw malformed("number expected");
        }
        return text;
    }

    private long integer(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw malformed("integer expected");
        }
    }

    private double real(String text) {
        return switch (text) {
            case "inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan", "-nan" -> Double.NaN;
            default -> decimal(text);
        };
    }

    private double decimal(String text) {
        // Double.parseDouble takes more: blanks, hexadecimals, a type's letter at the end.
        if (!text.matches("[+-]?[0-9]*\\.?[0-9]*([eE][+-]?[0-9]+)?")) {
            throw malformed("double expected");
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw malformed("double expected");
        }
    }

    /** The text up to the next CR LF, and past it. */
    private String line() {
        int from = at;
        for (int i = from; i + 1 < to; i++) {
            if (buf.getByte(i) == '\r' && buf.getByte(i + 1) == '\n') {
                at = i + 2;
                return buf.toString(from, i - from, StandardCharsets.ISO_8859_1);
            }
        }
        throw malformed("line end expected");
    }

    private IllegalArgumentException malformed(String what) {
        return new IllegalArgumentException(what + " before byte " + at + " of a reply that ends at " + to);
    }
}
