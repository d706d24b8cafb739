package io.tidegate.proxy.control;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** At most one thing to do later, in a turn of the control loop; a new one takes the place of the old. */
final class Alarm {
    private final EventLoop loop;
    private final Executor turns;
    private @Nullable ScheduledFuture<?> pending;

    Alarm(EventLoop loop, Executor turns) {
        this.loop = loop;
        this.turns = turns;
    }

    void set(long delayNanos, Runnable task) {
        cancel();
        pending = loop.schedule(() -> turns.execute(task), Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
    }

    void cancel() {
        if (pending != null) {
            pending.cancel(false);
            pending = null;
        }
    }
}
