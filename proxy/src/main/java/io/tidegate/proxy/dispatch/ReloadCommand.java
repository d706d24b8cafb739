package io.tidegate.proxy.dispatch;

/**
 * {@code PROXY RELOAD [DRY RUN]}. A dry run has to be allowed, too: it shows the configuration, and has files read.
 */
final class ReloadCommand extends OperatorCommand {
    ReloadCommand(DataLoop loop) {
        super(loop, "proxy|reload", "it changes what holds for everybody, SIGHUP needs no leave");
    }

    @Override
    boolean begin(Session session, long end) {
        RequestArgs args = session.args;
        boolean dryRun = args.count() == 4 && args.is(2, "DRY") && args.is(3, "RUN");
        if (!dryRun && args.count() != 2) {
            return misread(session, "expected: PROXY RELOAD [DRY RUN]", end);
        }
        return !allowed(session, "proxy reload", end)
                || ask(session, told -> loop.plane().reloads().ask(dryRun, told));
    }
}
