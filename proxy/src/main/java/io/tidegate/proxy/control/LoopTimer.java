package io.tidegate.proxy.control;

import io.netty.channel.EventLoop;
import io.netty.util.Timeout;
import io.netty.util.Timer;
import io.netty.util.TimerTask;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lettuce's timer, for the limit on a handshake, on the control loop: no thread of its own that wakes up to find nothing. */
final class LoopTimer implements Timer {
    private final EventLoop loop;

    LoopTimer(EventLoop loop) {
        this.loop = loop;
    }

    @Override
    public Timeout newTimeout(TimerTask task, long delay, TimeUnit unit) {
        LoopTimeout timeout = new LoopTimeout(task);
        timeout.scheduled = loop.schedule(timeout, delay, unit);
        return timeout;
    }

    /** What is pending ends with the loop. */
    @Override
    public Set<Timeout> stop() {
        return Set.of();
    }

    private final class LoopTimeout implements Timeout, Runnable {
        private final TimerTask task;
        // Written by the thread that makes the timeout, before anybody else knows of it.
        private @Nullable ScheduledFuture<?> scheduled;
        private volatile boolean expired;

        LoopTimeout(TimerTask task) {
            this.task = task;
        }

        @Override
        public void run() {
            expired = true;
            try {
                task.run(this);
            } catch (Exception e) {
                throw new IllegalStateException("a timeout of Lettuce failed", e); // Netty logs it
            }
        }

        @Override
        public Timer timer() {
            return LoopTimer.this;
        }

        @Override
        public TimerTask task() {
            return task;
        }

        @Override
        public boolean isExpired() {
            return expired;
        }

        @Override
        public boolean isCancelled() {
            return scheduled != null && scheduled.isCancelled();
        }

        @Override
        public boolean cancel() {
            return scheduled != null && scheduled.cancel(false);
        }
    }
}
