package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * Writes replies and commands. Everything is appended to a borrowed buffer, which grows as needed; nothing else is
 * allocated. Where RESP2 has no such type, the form is the one that Redis falls back to.
 */
public final class RespWriter {
    private static final int NEWLINE = '\r' << 8 | '\n';

    private RespWriter() {}

    /**
     * Writes {@code +text}.
     *
     * @param text written as ISO-8859-1: bytes of a peer that were read so come out as they were
     * @throws IllegalArgumentException if there is a line end in it, which would end the reply
     */
    public static void simpleString(ByteBuf out, String text) {
        line(out, '+', text);
    }

    /**
     * Writes {@code -text}, an error.
     *
     * @param text the code in capitals, a blank, the explanation; as in {@link #simpleString}
     * @throws IllegalArgumentException if there is a line end in it, which would end the reply
     */
    public static void error(ByteBuf out, String text) {
        line(out, '-', text);
    }

    /** Writes {@code :value}. */
    public static void integer(ByteBuf out, long value) {
        header(out, ':', value);
    }

    /** Writes a string of these bytes. */
    public static void bulk(ByteBuf out, byte[] bytes) {
        bulkHeader(out, bytes.length);
        out.writeBytes(bytes);
        lineEnd(out);
    }

    /** Writes a string of the readable bytes of {@code bytes}, whose indices stay as they are. */
    public static void bulk(ByteBuf out, ByteBuf bytes) {
        bulkHeader(out, bytes.readableBytes());
        out.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
        lineEnd(out);
    }

    /** Writes a string in UTF-8. */
    public static void bulk(ByteBuf out, String text) {
        int length = ByteBufUtil.utf8Bytes(text);
        bulkHeader(out, length);
        ByteBufUtil.reserveAndWriteUtf8(out, text, length);
        lineEnd(out);
    }

    /** Writes text for a human, in UTF-8: a verbatim string of type {@code txt}, or a string where there is none. */
    public static void verbatim(ByteBuf out, String text, Protocol protocol) {
        if (protocol == Protocol.RESP2) {
            bulk(out, text);
            return;
        }
        String typed = "txt:" + text;
        int length = ByteBufUtil.utf8Bytes(typed);
        header(out, '=', length);
        ByteBufUtil.reserveAndWriteUtf8(out, typed, length);
        lineEnd(out);
    }

    /** Writes null where a value might be: {@code $-1} or {@code _}. */
    public static void nullValue(ByteBuf out, Protocol protocol) {
        line(out, protocol == Protocol.RESP2 ? '$' : '_', protocol == Protocol.RESP2 ? "-1" : "");
    }

    /** Writes null where an array might be: {@code *-1} or {@code _}. */
    public static void nullArray(ByteBuf out, Protocol protocol) {
        line(out, protocol == Protocol.RESP2 ? '*' : '_', protocol == Protocol.RESP2 ? "-1" : "");
    }

    /** Begins an array: that many values have to follow. */
    public static void arrayHeader(ByteBuf out, int count) {
        header(out, '*', count);
    }

    /** Begins a map: that many pairs of values have to follow. An array of twice that in RESP2. */
    public static void mapHeader(ByteBuf out, int pairs, Protocol protocol) {
        if (protocol == Protocol.RESP2) {
            header(out, '*', 2L * pairs);
        } else {
            header(out, '%', pairs);
        }
    }

    /** Begins a set: that many values have to follow. An array in RESP2. */
    public static void setHeader(ByteBuf out, int count, Protocol protocol) {
        header(out, protocol == Protocol.RESP2 ? '*' : '~', count);
    }

    /** Begins a push: that many values have to follow. An array in RESP2, where only a subscriber expects it. */
    public static void pushHeader(ByteBuf out, int count, Protocol protocol) {
        header(out, protocol == Protocol.RESP2 ? '*' : '>', count);
    }

    /** Writes a truth value: {@code #t}, {@code #f}; 1 or 0 in RESP2. */
    public static void bool(ByteBuf out, boolean value, Protocol protocol) {
        if (protocol == Protocol.RESP2) {
            integer(out, value ? 1 : 0);
        } else {
            line(out, '#', value ? "t" : "f");
        }
    }

    /** Writes a double in its shortest exact form, {@code inf}, {@code -inf} or {@code nan}; a string in RESP2. */
    public static void doubleValue(ByteBuf out, double value, Protocol protocol) {
        String text = text(value);
        if (protocol == Protocol.RESP2) {
            bulk(out, text);
        } else {
            line(out, ',', text);
        }
    }

    /** Writes a whole command, its arguments in UTF-8. */
    public static void command(ByteBuf out, String... args) {
        arrayHeader(out, args.length);
        for (String arg : args) {
            bulk(out, arg);
        }
    }

    /** Writes a whole command. */
    public static void command(ByteBuf out, byte[]... args) {
        arrayHeader(out, args.length);
        for (byte[] arg : args) {
            bulk(out, arg);
        }
    }

    /** Begins a string: that many bytes and a {@link #lineEnd} have to follow. */
    static void bulkHeader(ByteBuf out, int length) {
        header(out, '$', length);
    }

    static void lineEnd(ByteBuf out) {
        out.writeShort(NEWLINE);
    }

    private static void header(ByteBuf out, char type, long number) {
        out.writeByte(type);
        decimal(out, number);
        lineEnd(out);
    }

    private static void line(ByteBuf out, char type, String text) {
        if (text.indexOf('\r') >= 0 || text.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("line end in a line: " + text.replaceAll("[\r\n]", "?"));
        }
        out.writeByte(type);
        ByteBufUtil.writeAscii(out, text);
        lineEnd(out);
    }

    private static void decimal(ByteBuf out, long value) {
        // Below zero there is one number more.
        long negative = value < 0 ? value : -value;
        int digits = 1;
        for (long rest = negative / 10; rest != 0; rest /= 10) {
            digits++;
        }
        if (value < 0) {
            out.writeByte('-');
        }
        int end = out.writerIndex() + digits;
        out.ensureWritable(digits).writerIndex(end);
        long rest = negative;
        for (int i = end - 1; i >= end - digits; i--) {
            out.setByte(i, '0' - (int) (rest % 10));
            rest /= 10;
        }
    }

    /** RESP3 allows an exponent, which {@link Double#toString} uses from 10^7 on, and no zero behind the point is needed. */
    private static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        String text = Double.toString(value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
