package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.request.RequestArgs;

/**
 * {@code PROXY RELOAD [DRY RUN]}. A dry run has to be allowed, too: it shows the configuration, and has files read.
 */
final class ReloadCommand extends OperatorCommand {
    ReloadCommand(DataLoop loop) {
        super(loop, "proxy|reload", "it changes what holds for everybody, SIGHUP needs no leave");
    }

    @Override
    boolean begin(Asker asker) {
        RequestArgs args = asker.args();
        boolean dryRun = args.count() == 4 && args.is(2, "DRY") && args.is(3, "RUN");
        if (!dryRun && args.count() != 2) {
            return misread(asker, "expected: PROXY RELOAD [DRY RUN]");
        }
        return !allowed(asker, "proxy reload")
                || ask(asker, told -> loop.plane().reloads().ask(dryRun, told));
    }
}
