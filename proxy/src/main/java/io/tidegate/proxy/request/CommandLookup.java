package io.tidegate.proxy.request;

import io.tidegate.protocol.RequestScanner;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import org.jspecify.annotations.Nullable;

/** From the frame that a scanner found last to what the command table knows of it. */
public final class CommandLookup {
    private CommandLookup() {}

    /** The command, of a container the subcommand if it has one of that name; null if the table does not know it. */
    public static @Nullable CommandSpec find(CommandTable table, RequestScanner scanner, RequestArgs args) {
        CommandSpec spec =
                scanner.name0() != 0 ? table.find(scanner.name0(), scanner.name1(), scanner.name2()) : table.find(args);
        if (spec != null && spec.container() && args.count() > 1) {
            CommandSpec subcommand = spec.subcommand(args);
            return subcommand == null ? spec : subcommand;
        }
        return spec;
    }

    /**
     * What the table knows of a command whose end has not come; null also if too little of it has come to tell, or if its
     * name is longer than any that the scanner packs.
     */
    public static @Nullable CommandSpec findBegun(CommandTable table, RequestScanner scanner, RequestArgs args) {
        int here = scanner.argsHere();
        CommandSpec spec = here == 0 ? null : table.find(scanner.name0(), scanner.name1(), scanner.name2());
        boolean enough = spec != null && (!spec.container() || here > 1);
        return enough && clearlyNamed(spec, args) ? find(table, scanner, args) : null;
    }

    /**
     * Whether the name is one that the server cannot take for another: Redis looks names up by all their bytes and
     * compares them up to a NUL, so a name with a NUL behind it may run as the command without, past what the table says
     * of it.
     */
    public static boolean clearlyNamed(@Nullable CommandSpec spec, RequestArgs args) {
        if (spec == null) {
            return !hasNul(args, 0);
        }
        int named = args.length(0);
        if (named == spec.name().length()) {
            return !spec.container() || args.count() < 2 || !hasNul(args, 1);
        }
        return spec.name().indexOf('|') == named
                && named + 1 + args.length(1) == spec.name().length();
    }

    /**
     * Whether a web page has had somebody's browser talk to this port. Redis closes the connection that brings these words
     * without a reply, and upstream that is one which others share.
     */
    public static boolean httpRequest(RequestArgs args) {
        return args.is(0, "POST") || args.is(0, "HOST:");
    }

    private static boolean hasNul(RequestArgs args, int arg) {
        for (int i = 0; i < args.length(arg); i++) {
            if (args.byteAt(arg, i) == 0) {
                return true;
            }
        }
        return false;
    }
}
