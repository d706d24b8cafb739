package io.tidegate.proxy.scripts;

import java.util.List;

/**
 * What a script says of itself in its first line, such as {@code #!lua flags=no-writes,allow-stale}, which servers from 7.0
 * on hold it to. See <a href="https://redis.io/docs/latest/develop/programmability/eval-intro/#eval-flags">EVAL flags</a>.
 */
public final class ScriptFlags {
    /** A longer line says nothing, and the script counts as one without. */
    private static final int LINE_BYTES_MAX = 1_024;

    private static final String ENGINE = "#!lua";
    private static final String FLAGS = "flags=";

    private ScriptFlags() {}

    /** A script's source. */
    public interface Source {
        byte at(int index);
    }

    /** Whether it promises not to write; a server that does not know what else it says does not run it. */
    public static boolean noWrites(int length, Source source) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < length && source.at(i) != '\n'; i++) {
            if (i == LINE_BYTES_MAX || (i < ENGINE.length() && source.at(i) != ENGINE.charAt(i))) {
                return false;
            }
            line.append((char) (source.at(i) & 0xff));
        }
        String[] words = line.toString().trim().split("\\s+", -1);
        boolean noWrites = false;
        for (int i = 1; i < words.length; i++) {
            noWrites |= words[i].startsWith(FLAGS)
                    && List.of(words[i].substring(FLAGS.length()).split(",", -1))
                            .contains("no-writes");
        }
        return noWrites && words[0].equals(ENGINE);
    }
}
