package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.routing.command.CommandSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a command is told that is not let through. */
final class Refused {
    private static final String ERR = "ERR ";
    private static final String NOAUTH = "NOAUTH Authentication required.";

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
        return args.count() == 1 ? wrongNumber(spec) : unknownSubcommand(spec, args);
    }

    /** The same between MULTI and EXEC: what no server takes there is told so in Redis's words. */
    static String inTransaction(CommandSpec spec, RequestArgs args) {
        boolean never = !spec.takenInTransactions() && spec.arityFits(args.count());
        return never ? "ERR Command not allowed inside a transaction" : text(spec, args);
    }

    /**
     * The error of a command that needs authentication, of somebody who has not authenticated: what is wrong with its name or
     * with the number of its arguments a server tells anybody, and before.
     *
     * @param spec null if nobody knows it
     * @param allKnown whether the server does not know it either then
     */
    static String unauthenticated(@Nullable CommandSpec spec, RequestArgs args, boolean allKnown) {
        if (spec == null) {
            return allKnown ? unknown(args) : NOAUTH;
        }
        if (spec.container() && args.count() > 1) {
            return unknownSubcommand(spec, args);
        }
        return rejected(spec, spec.arityFits(args.count()) ? NOAUTH : wrongNumber(spec));
    }

    private static String wrongNumber(CommandSpec spec) {
        return "ERR wrong number of arguments for '" + spec.name() + "' command";
    }

    private static String unknownSubcommand(CommandSpec spec, RequestArgs args) {
        return "ERR unknown subcommand '" + args.shown(1, RequestArgs.UNKNOWN_CHARS_MAX) + "'. Try "
                + spec.name().toUpperCase(Locale.ROOT) + " HELP.";
    }

    private static String unknown(RequestArgs args) {
        StringBuilder shown = new StringBuilder();
        int charsMax = RequestArgs.UNKNOWN_CHARS_MAX;
        for (int i = 1; i < args.count() && shown.length() < charsMax; i++) {
            String word = args.shown(i, charsMax - shown.length());
            shown.append('\'').append(word).append("' ");
        }
        return "ERR unknown command '" + args.shown(0, charsMax) + "', with args beginning with: " + shown;
    }
}
