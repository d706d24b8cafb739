package io.tidegate.proxy.dispatch;

import io.tidegate.routing.NodeAddress;
import org.jspecify.annotations.Nullable;

/**
 * {@code PROXY SWITCHOVER [TO <node>] [DRY RUN]} and {@code PROXY SWITCHOVER STATUS}. To ask what would speak against one
 * changes nothing, and how it stands anybody may see.
 */
final class SwitchoverCommand extends OperatorCommand {
    private static final String EXPECTED = "expected: PROXY SWITCHOVER [TO <node>] [DRY RUN] | PROXY SWITCHOVER STATUS";

    SwitchoverCommand(DataLoop loop) {
        super(loop, "proxy|switchover", "it changes the primary");
    }

    @Override
    boolean begin(Session session, long end) {
        RequestArgs args = session.args;
        int next = 2;
        if (args.count() == 3 && args.is(next, "STATUS")) {
            ProxyCommand.lines(session, loop.signals().switchover().steps(), end);
            return true;
        }
        @Nullable NodeAddress to = null;
        if (args.count() >= next + 2 && args.is(next, "TO")) {
            try {
                to = NodeAddress.parse(args.text(next + 1));
            } catch (IllegalArgumentException e) {
                return misread(session, "node: " + e.getMessage(), end);
            }
            next += 2;
        }
        boolean dryRun = args.count() == next + 2 && args.is(next, "DRY") && args.is(next + 1, "RUN");
        if (!dryRun && args.count() != next) {
            return misread(session, EXPECTED, end);
        }
        if (!dryRun && !allowed(session, "proxy switchover", end)) {
            return true;
        }
        @Nullable NodeAddress wanted = to;
        return ask(session, told -> loop.signals().switchover().ask(wanted, dryRun, told));
    }
}
