package io.tidegate.routing.command;

/**
 * A command's name as three longs: its bytes, ASCII capitals made small, eight to a word, the first one lowest
 * (little-endian, as a buffer's word is read), zeros behind the name's end. It is what the protocol module's request
 * scanner yields, and what the table is searched with.
 */
public final class PackedName {

    /** Longer names do not fit and are never found by their words. */
    public static final int BYTES_MAX = 24;

    private PackedName() {}

    /** Whether {@code name} fits into three words. */
    static boolean fits(String name) {
        return name.length() <= BYTES_MAX;
    }

    /** Word {@code word} (0, 1, 2) of {@code name}, which is ASCII. */
    public static long word(String name, int word) {
        long packed = 0;
        for (int i = last(word, name.length()); i >= word * Long.BYTES; i--) {
            packed = (packed << 8) | lower(name.charAt(i) & 0xff);
        }
        return packed;
    }

    /** Word {@code word} (0, 1, 2) of argument {@code arg}. */
    public static long word(CommandArgs args, int arg, int word) {
        long packed = 0;
        for (int i = last(word, args.length(arg)); i >= word * Long.BYTES; i--) {
            packed = (packed << 8) | lower(args.byteAt(arg, i) & 0xff);
        }
        return packed;
    }

    /** The index of the last of the {@code length} bytes of a name that is in {@code word}. */
    private static int last(int word, int length) {
        return Math.min((word + 1) * Long.BYTES, length) - 1;
    }

    static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    }
}
