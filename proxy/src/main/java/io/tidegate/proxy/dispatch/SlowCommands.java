package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.request.KeyText;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.command.CommandSpec;
import org.jspecify.annotations.Nullable;

/**
 * Puts one loop's slow commands into the {@link SlowLog}: what they are called and their key, never another argument, as
 * that may be a secret. What came and was answered together is one entry, that of the first of them. Confined to its event
 * loop.
 */
final class SlowCommands {
    /** What nobody knows may be anything that somebody typed, a password for one. */
    private static final String UNKNOWN = "(unknown)";

    private final SlowLog log;
    private final CommandAt commandAt;
    private long slowNanos;

    SlowCommands(SlowLog log, CommandAt commandAt, DispatchSettings.SlowLogSettings settings) {
        this.log = log;
        this.commandAt = commandAt;
        slowerThan(settings);
    }

    /** From now on. */
    void slowerThan(DispatchSettings.SlowLogSettings settings) {
        slowNanos = settings.entriesMax() == 0 ? Long.MAX_VALUE : settings.slowNanos();
    }

    /**
     * So many replies to the commands of {@code run} from the {@code first} on went out. What waits on purpose, a blocking
     * command, is not slow.
     */
    void answered(
            Session session,
            Run run,
            UpstreamConnection connection,
            int first,
            int replies,
            long readNanos,
            long outNanos) {
        if (outNanos - run.arrivedNanos() >= slowNanos && !run.patient()) {
            note(session, run, connection, first, replies, readNanos, outNanos);
        }
    }

    private void note(
            Session session,
            Run run,
            UpstreamConnection connection,
            int first,
            int replies,
            long readNanos,
            long outNanos) {
        CommandSpec found = commandAt.find(session, run, first);
        CommandSpec spec = run.upload() ? session.latest : found;
        int key = found == null ? -1 : commandAt.firstKey(found);
        long sentNanos = run.sentNanos();
        log.add(new SlowLog.Entry(
                log.nextId(),
                outNanos,
                sentNanos - run.arrivedNanos(),
                readNanos - sentNanos,
                outNanos - readNanos,
                connection.node().address(),
                session.level,
                replies,
                nameOf(spec),
                found == null ? 0 : commandAt.args().count(),
                key < 0 ? null : KeyText.of(commandAt.args(), key),
                session.client.address,
                session.client.name));
    }

    private static String nameOf(@Nullable CommandSpec spec) {
        return spec == null ? UNKNOWN : spec.name().replace('|', ' ');
    }
}
