package io.tidegate.bench.load;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.EventLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends at a fixed rate. Batch k of this traffic is meant for the instant {@code begin + k * interval} and for its
 * connection {@code k mod connections}; so the instant that a reply is measured from follows from how many came before it on its
 * connection, and nothing has to be kept per request, however many there are under way.
 *
 * <p>A connection with {@link #UNANSWERED_MAX} requests under way sends no more until some are answered; what it sends
 * later is still measured from when it was meant to be sent.
 */
final class OpenLoop implements Pacing {
    /** Or one batch, if that is more. Bounds what the server and both sockets have to hold. */
    static final int UNANSWERED_MAX = 4_096;

    private final List<Connection> connections;
    private final EventLoop loop;
    private final int pipeline;
    private final double intervalNanos;
    private final long phaseNanos;

    /** Batches before this one are sent, and not measured. */
    private final long firstMeasured;

    private final long afterLast;

    private final Waits waits;

    private long measured;
    private long beginNanos;

    /** The first batch whose instant had not come when the clock was last looked at. */
    private long next;

    /** Not null after the end, while something is waited for. */
    private @Nullable Runnable whenAnswered;

    /**
     * Begins with {@link #begin}.
     *
     * @param traffic one of the plan's mix
     * @param connections of this traffic, complete when it begins
     * @param waits of the whole run
     */
    OpenLoop(LoadPlan plan, Traffic traffic, List<Connection> connections, EventLoop loop, Waits waits) {
        this.connections = connections;
        this.loop = loop;
        this.waits = waits;
        pipeline = traffic.pipeline();
        intervalNanos = SECONDS.toNanos(1) * pipeline / plan.rateOf(traffic);
        // Those of a mix go one after the other instead of all at once.
        phaseNanos =
                (long) (intervalNanos * plan.mix().indexOf(traffic) / plan.mix().size());
        firstMeasured = firstFrom(plan.leadMillis());
        afterLast = firstFrom(plan.leadMillis() + plan.measureMillis());
    }

    @Override
    public void begin() {
        beginNanos = System.nanoTime();
        sendDue();
    }

    @Override
    public void replied(Connection connection, int replies) {
        // After the read: a reply is no earlier than this.
        long nowNanos = System.nanoTime();
        long last = connection.replies();
        for (long reply = last - replies; reply < last; ) {
            long batch = reply / pipeline;
            long nextBatch = Math.min(last, (batch + 1) * pipeline);
            measured(batchOfRun(connection, batch), nextBatch - reply, nowNanos);
            reply = nextBatch;
        }
        sendDue(connection);
        if (whenAnswered != null && measured == toBeMeasured()) {
            Runnable finished = whenAnswered;
            whenAnswered = null;
            finished.run();
        }
    }

    @Override
    public void end(Runnable finished) {
        if (measured == toBeMeasured()) {
            finished.run();
        } else {
            whenAnswered = finished;
        }
    }

    @Override
    public void giveUp() {
        whenAnswered = null;
        long nowNanos = System.nanoTime();
        for (Connection connection : connections) {
            long answered = connection.replies() % pipeline;
            for (long batch = connection.replies() / pipeline; batchOfRun(connection, batch) < afterLast; batch++) {
                if (batchOfRun(connection, batch) >= firstMeasured) {
                    waits.unanswered(nowNanos - meantNanos(batchOfRun(connection, batch)), pipeline - answered);
                }
                answered = 0;
            }
        }
    }

    private void sendDue() {
        // Sending takes time: each look at the clock is a new one.
        for (; next < afterLast && meantNanos(next) <= System.nanoTime(); next++) {
            sendDue(connections.get((int) (next % connections.size())));
        }
        if (next < afterLast) {
            loop.schedule(() -> sendDue(), meantNanos(next) - System.nanoTime(), NANOSECONDS);
        }
    }

    /** Sends all that is due on this connection, or as much of it as may be under way. */
    private void sendDue(Connection connection) {
        while (connection.unanswered() == 0 || connection.unanswered() + pipeline <= UNANSWERED_MAX) {
            long batch = batchOfRun(connection, connection.batchesSent());
            long lateNanos = System.nanoTime() - meantNanos(batch);
            if (batch >= afterLast || lateNanos < 0) {
                return;
            }
            if (batch >= firstMeasured) {
                waits.sentLate(lateNanos);
            }
            connection.send();
        }
    }

    private void measured(long batch, long requests, long nowNanos) {
        if (batch >= firstMeasured) {
            waits.answered(nowNanos - meantNanos(batch), requests);
            measured += requests;
        }
    }

    /** The first batch that is meant for no earlier than so long after the beginning. */
    private long firstFrom(long millis) {
        return (long) Math.ceil(Math.max(0, MILLISECONDS.toNanos(millis) - phaseNanos) / intervalNanos);
    }

    private long toBeMeasured() {
        return (afterLast - firstMeasured) * pipeline;
    }

    private long batchOfRun(Connection connection, long batchOfConnection) {
        return batchOfConnection * connections.size() + connection.index();
    }

    private long meantNanos(long batch) {
        return beginNanos + phaseNanos + (long) (batch * intervalNanos);
    }
}
