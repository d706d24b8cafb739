package io.tidegate.proxy.request;

import io.tidegate.routing.command.CommandArgs;

/** A key as people are shown it: in one line, and clipped as Redis clips the arguments of its slow log. */
public final class KeyText {
    public static final int BYTES_MAX = 128;

    /** In place of one, for whoever may not be shown it. */
    public static final String HIDDEN = "(hidden)";

    private KeyText() {}

    /** Of an argument. */
    public static String of(CommandArgs args, int arg) {
        int shown = Math.min(BYTES_MAX, args.length(arg));
        StringBuilder text = new StringBuilder(shown);
        for (int i = 0; i < shown; i++) {
            append(text, args.byteAt(arg, i));
        }
        return clipped(text, args.length(arg));
    }

    /** Of a key of {@code length} bytes, which begins with these, a character each. */
    public static String of(String begin, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < begin.length(); i++) {
            append(text, (byte) begin.charAt(i));
        }
        return clipped(text, length);
    }

    private static String clipped(StringBuilder text, int length) {
        if (length > BYTES_MAX) {
            text.append("... (").append(length - BYTES_MAX).append(" more bytes)");
        }
        return text.toString();
    }

    private static void append(StringBuilder text, byte value) {
        if (value < ' ' || value > '~' || value == '\\') {
            text.append("\\x")
                    .append(Character.forDigit(value >> 4 & 0xf, 16))
                    .append(Character.forDigit(value & 0xf, 16));
        } else {
            text.append((char) value);
        }
    }
}
