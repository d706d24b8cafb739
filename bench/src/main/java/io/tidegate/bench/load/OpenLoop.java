package io.tidegate.bench.load;

import static java.util.concurrent.TimeUnit.HOURS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;

import io.netty.channel.EventLoop;
import io.tidegate.bench.load.LoadResult.Latencies;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Sends at a fixed rate. Batch k of the run is meant for the instant {@code begin + k * interval} and for connection
 * {@code k mod connections}; so the instant that a reply is measured from follows from how many came before it on its
 * connection, and nothing has to be kept per request, however many there are under way.
 *
 * <p>A connection with {@link #UNANSWERED_MAX} requests under way sends no more until some are answered; what it sends
 * later is still measured from when it was meant to be sent.
 */
final class OpenLoop implements Pacing {
    /** Or one batch, if that is more. Bounds what the server and both sockets have to hold. */
    static final int UNANSWERED_MAX = 4_096;

    private static final long LATENCY_NANOS_MAX = HOURS.toNanos(1);
    private static final int DIGITS = 3;

    private final List<Connection> connections;
    private final EventLoop loop;
    private final int pipeline;
    private final double intervalNanos;

    /** Batches before this one are sent, and not measured. */
    private final long firstMeasured;

    private final long afterLast;

    private final Histogram latencies = new Histogram(LATENCY_NANOS_MAX, DIGITS);
    private final Histogram lateness = new Histogram(LATENCY_NANOS_MAX, DIGITS);

    private long beginNanos;

    /** The first batch whose instant had not come when the clock was last looked at. */
    private long next;

    /** Not null after the end, while something is waited for. */
    private @Nullable Runnable whenAnswered;

    /** @param connections of the run, complete when it begins */
    OpenLoop(LoadPlan plan, List<Connection> connections, EventLoop loop) {
        this.connections = connections;
        this.loop = loop;
        pipeline = plan.traffic().pipeline();
        intervalNanos = (double) SECONDS.toNanos(1) * pipeline / plan.rate();
        firstMeasured = (long) Math.ceil(MILLISECONDS.toNanos(plan.leadMillis()) / intervalNanos);
        afterLast = (long) Math.ceil(MILLISECONDS.toNanos(plan.leadMillis() + plan.measureMillis()) / intervalNanos);
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
        if (whenAnswered != null && latencies.getTotalCount() == toBeMeasured()) {
            whenAnswered.run();
        }
    }

    @Override
    public void end(Runnable finished) {
        if (latencies.getTotalCount() == toBeMeasured()) {
            finished.run();
        } else {
            whenAnswered = finished;
        }
    }

    @Override
    public Latencies latencies() {
        whenAnswered = null;
        long unanswered = toBeMeasured() - latencies.getTotalCount();
        long nowNanos = System.nanoTime();
        for (Connection connection : connections) {
            long answered = connection.replies() % pipeline;
            for (long batch = connection.replies() / pipeline; batchOfRun(connection, batch) < afterLast; batch++) {
                measured(batchOfRun(connection, batch), pipeline - answered, nowNanos);
                answered = 0;
            }
        }
        return new Latencies(
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                latencies.getValueAtPercentile(99.9),
                latencies.getMaxValue(),
                lateness.getValueAtPercentile(99),
                unanswered);
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
                lateness.recordValue(Math.min(lateNanos, LATENCY_NANOS_MAX));
            }
            connection.send();
        }
    }

    private void measured(long batch, long requests, long nowNanos) {
        if (batch >= firstMeasured) {
            long nanos = Math.max(0, Math.min(nowNanos - meantNanos(batch), LATENCY_NANOS_MAX));
            latencies.recordValueWithCount(nanos, requests);
        }
    }

    private long toBeMeasured() {
        return (afterLast - firstMeasured) * pipeline;
    }

    private long batchOfRun(Connection connection, long batchOfConnection) {
        return batchOfConnection * connections.size() + connection.index();
    }

    private long meantNanos(long batch) {
        return beginNanos + (long) (batch * intervalNanos);
    }
}
