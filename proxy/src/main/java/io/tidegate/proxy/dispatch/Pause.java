package io.tidegate.proxy.dispatch;

import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.routing.command.CommandArgs;
import io.tidegate.routing.command.CommandSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT PAUSE on one event loop: whose next command waits, and until when. As many sessions wait as there are, each with
 * no more input than any that waits; what they had sent before goes on. Nothing here is known to the servers.
 */
public final class Pause {
    private final DataLoop loop;
    private final PausedFunctions functions;
    private final Set<Session> waiting = new LinkedHashSet<>();
    private boolean active;
    private boolean all;
    private long untilNanos;
    /** That ends it; null while there is none. */
    private @Nullable ScheduledFuture<?> timer;

    Pause(DataLoop loop) {
        this.loop = loop;
        this.functions = new PausedFunctions(loop);
    }

    /** Begins it, or makes the one there is longer and stricter, never shorter or milder. */
    public void begin(long newUntilNanos, boolean ofAll) {
        all = ofAll || (active && all);
        untilNanos = active ? Math.max(untilNanos, newUntilNanos) : newUntilNanos;
        active = true;
        endLater();
    }

    /** However often it is begun, one timer is enough. */
    private void endLater() {
        noTimer();
        timer = loop.eventLoop().schedule(this::endIfDue, untilNanos - loop.nowNanos(), TimeUnit.NANOSECONDS);
    }

    private void noTimer() {
        ScheduledFuture<?> former = timer;
        if (former != null) {
            former.cancel(false);
            timer = null;
        }
    }

    private void endIfDue() {
        if (loop.nowNanos() >= untilNanos) {
            end();
        } else {
            // The loop's timer and our clock may differ by a little.
            endLater();
        }
    }

    public void end() {
        noTimer();
        active = false;
        all = false;
        List<Session> freed = new ArrayList<>(waiting);
        for (Session session : freed) {
            ended(session);
            if (session.wait == Wait.PAUSE) {
                session.wait = Wait.NONE;
                session.retry();
            }
        }
    }

    /** Whether the session has to wait with its command; then it does. */
    boolean holds(Session session, @Nullable CommandSpec spec) {
        if (!active) {
            return false;
        }
        Inquiry inquiry = session.inquiry;
        boolean itsOwn = inquiry != null && inquiry.position == session.next && inquiry.spread;
        if (itsOwn || over()) {
            return false;
        }
        boolean paused = all ? spec == null || spec.arityFits(session.args.count()) : writes(session, spec);
        if (paused && !all && functions.mayOnlyRead(session, spec)) {
            loop.dispatcher().seal(session);
            return session.busy();
        }
        if (paused) {
            keep(session);
        }
        return paused;
    }

    /** The same of an upload whose last byte is there: until that is sent nothing of it runs. */
    boolean holdsUpload(Session session, boolean write) {
        boolean paused = active && !over() && (all || write);
        if (paused) {
            keep(session);
        }
        return paused;
    }

    private boolean over() {
        if (loop.nowNanos() < untilNanos) {
            return false;
        }
        end();
        return true;
    }

    private void keep(Session session) {
        session.wait = Wait.PAUSE;
        if (waiting.add(session)) {
            loop.stats().paused();
            loop.plane().blockedClients().incrementAndGet();
        }
    }

    private boolean writes(Session session, @Nullable CommandSpec spec) {
        return spec != null
                && spec.arityFits(session.args.count())
                && (mayWrite(session.args, spec) || (spec.name().equals("exec") && session.transaction.writes()));
    }

    /** Whether the command may change data, or tell replicas of something, as far as can be known here. */
    boolean mayWrite(CommandArgs args, @Nullable CommandSpec spec) {
        if (spec == null) {
            return true;
        }
        boolean may = spec.write() || spec.mayReplicate() || (spec.module() && !spec.read());
        return may && !(spec.script() && loop.scripts().onlyReads(args, spec));
    }

    PausedFunctions functions() {
        return functions;
    }

    /** The session waits no longer, or is gone. */
    void ended(Session session) {
        if (waiting.remove(session)) {
            loop.stats().pauseEnded();
            loop.plane().blockedClients().decrementAndGet();
        }
    }
}
