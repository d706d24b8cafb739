package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * A command's name as numbers: three words of eight bytes, the first byte lowest, ASCII capitals made small, zeros behind
 * the name's end. All zero if the name is longer.
 */
final class NameWords {
    private static final int BYTES_MAX = 3 * Long.BYTES;

    int length;
    long word0;
    long word1;
    long word2;

    /** Reads a name. Eight bytes that end with it can always be read: two header lines are before it. */
    void read(ByteBuf buf, int offset, int nameLength) {
        length = nameLength;
        word0 = 0;
        word1 = 0;
        word2 = 0;
        if (nameLength == 0 || nameLength > BYTES_MAX) {
            return;
        }
        long last = Swar.lowerCase(buf.getLongLE(offset + nameLength - Long.BYTES) >>> (-nameLength << 3));
        if (nameLength <= 8) {
            word0 = last;
            return;
        }
        word0 = Swar.lowerCase(buf.getLongLE(offset));
        if (nameLength <= 16) {
            word1 = last;
            return;
        }
        word1 = Swar.lowerCase(buf.getLongLE(offset + Long.BYTES));
        word2 = last;
    }

    /** The word that a name in ASCII has at 0, 1 or 2. */
    static long of(String name, int word) {
        Objects.checkIndex(word, BYTES_MAX / Long.BYTES);
        long packed = 0;
        if (name.length() <= BYTES_MAX) {
            int first = word * Long.BYTES;
            for (int i = Math.min(name.length(), first + Long.BYTES) - 1; i >= first; i--) {
                packed = packed << 8 | (name.charAt(i) & 0xFF);
            }
        }
        return Swar.lowerCase(packed);
    }
}
