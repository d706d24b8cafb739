package io.tidegate.proxy.dispatch;

import io.tidegate.protocol.RequestScanner;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import org.jspecify.annotations.Nullable;

/** From the frame that a scanner found last to what the command table knows of it. */
final class CommandLookup {
    private CommandLookup() {}

    /** The command, of a container the subcommand if it has one of that name; null if the table does not know it. */
    static @Nullable CommandSpec find(CommandTable table, RequestScanner scanner, RequestArgs args) {
        CommandSpec spec =
                scanner.name0() != 0 ? table.find(scanner.name0(), scanner.name1(), scanner.name2()) : table.find(args);
        if (spec != null && spec.container() && args.count() > 1) {
            CommandSpec subcommand = spec.subcommand(args);
            return subcommand == null ? spec : subcommand;
        }
        return spec;
    }
}
