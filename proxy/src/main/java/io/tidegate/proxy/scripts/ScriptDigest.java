package io.tidegate.proxy.scripts;

import io.tidegate.routing.command.CommandArgs;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** The SHA1 of a script's source, by which EVALSHA names it. */
public record ScriptDigest(long a, long b, int c) {
    private static final int HEX_DIGITS = 40;

    /** The 20 bytes of a SHA1. */
    public static ScriptDigest of(byte[] sha1) {
        ByteBuffer words = ByteBuffer.wrap(sha1);
        return new ScriptDigest(words.getLong(), words.getLong(), words.getInt());
    }

    /** What argument {@code arg} spells, in capitals or not; null if it is none. */
    public static @Nullable ScriptDigest spelt(CommandArgs args, int arg) {
        if (args.length(arg) != HEX_DIGITS) {
            return null;
        }
        long a = 0;
        long b = 0;
        int c = 0;
        for (int i = 0; i < HEX_DIGITS; i++) {
            int digit = Character.digit(args.byteAt(arg, i), 16);
            if (digit < 0) {
                return null;
            }
            if (i < 16) {
                a = a << 4 | digit;
            } else if (i < 32) {
                b = b << 4 | digit;
            } else {
                c = c << 4 | digit;
            }
        }
        return new ScriptDigest(a, b, c);
    }
}
