package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.request.RequestArgs;
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
    boolean begin(Asker asker) {
        RequestArgs args = asker.args();
        int next = 2;
        if (args.count() == 3 && args.is(next, "STATUS")) {
            return ProxyCommand.lines(asker, loop.signals().switchover().steps());
        }
        @Nullable NodeAddress to = null;
        if (args.count() >= next + 2 && args.is(next, "TO")) {
            try {
                to = NodeAddress.parse(args.text(next + 1));
            } catch (IllegalArgumentException e) {
                return misread(asker, "node: " + e.getMessage());
            }
            next += 2;
        }
        boolean dryRun = args.count() == next + 2 && args.is(next, "DRY") && args.is(next + 1, "RUN");
        if (!dryRun && args.count() != next) {
            return misread(asker, EXPECTED);
        }
        if (!dryRun && !allowed(asker, "proxy switchover")) {
            return true;
        }
        @Nullable NodeAddress wanted = to;
        return ask(asker, told -> loop.signals().switchover().ask(wanted, dryRun, told));
    }
}
