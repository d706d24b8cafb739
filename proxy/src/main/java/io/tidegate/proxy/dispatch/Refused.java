package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.routing.command.CommandSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a command is told that is not let through. */
final class Refused {
    /** Redis shows so much of a word that it does not know. */
    private static final int WORD_CHARS_MAX = 128;

    private static final String ERR = "ERR ";

    private Refused() {}

    /** The error of a command that the server rejects before it is called: EXEC is told what became of its transaction. */
    static String rejected(@Nullable CommandSpec spec, String error) {
        return spec != null && spec.name().equals("exec")
                ? "EXECABORT Transaction discarded because of: "
                        + (error.startsWith(ERR) ? error.substring(ERR.length()) : error)
                : error;
    }

    /**
     * The error of a command that {@code spec} describes. A container stands for what neither the command table nor the
     * server's own COMMAND knows, so that the server would not run it either: that is told in Redis's words.
     */
    static String text(CommandSpec spec, RequestArgs args) {
        if (!spec.container()) {
            return ErrorReply.REFUSED.text() + ": '" + spec.name().replace('|', ' ') + "' (" + spec.reason() + ")";
        }
        if (args.count() == 1) {
            return "ERR wrong number of arguments for '" + spec.name() + "' command";
        }
        String word = args.shown(1);
        return "ERR unknown subcommand '" + word.substring(0, Math.min(word.length(), WORD_CHARS_MAX)) + "'. Try "
                + spec.name().toUpperCase(Locale.ROOT) + " HELP.";
    }
}
