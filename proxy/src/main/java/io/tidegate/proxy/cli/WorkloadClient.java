package io.tidegate.proxy.cli;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One client: counts a key of its own up, and reads it in between, on one connection as long as that lasts. */
final class WorkloadClient implements Runnable {
    private static final Duration REPLY_MAX = Duration.ofSeconds(30);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int READS_PER_WRITE = 3;

    private final Listener listener;
    private final String key;
    private final Clock clock;
    private final Workload.Tally tally;
    private final CountDownLatch stop;
    /** Whether a read must show this client's last acknowledged write. */
    private final boolean seesItsWrites;

    /** Written by this client's thread; whoever ends the workload closes it to wake that thread. */
    private volatile @Nullable RedisCommandClient connection;

    private long sent;
    private long acknowledged;

    WorkloadClient(Listener listener, String key, Clock clock, Workload.Tally tally, CountDownLatch stop) {
        this.listener = listener;
        this.key = key;
        this.clock = clock;
        this.tally = tally;
        this.stop = stop;
        Kind kind = listener.level().kind();
        this.seesItsWrites = kind == Kind.SESSION || kind == Kind.STRONG;
    }

    @Override
    public void run() {
        try {
            do {
                converse();
            } while (!stop.await(RECONNECT_NANOS, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the wait for a reply that may take long; the workload has been told to stop before. */
    void abort() throws IOException {
        RedisCommandClient client = connection;
        if (client != null) {
            client.close();
        }
    }

    /** Until the workload ends or the connection does, which is an error: the proxy is there to prevent it. */
    private void converse() throws InterruptedException {
        try (RedisCommandClient client =
                RedisCommandClient.connect(listener.address().socketAddress(), REPLY_MAX)) {
            connection = client;
            while (!stop.await(PAUSE_NANOS, TimeUnit.NANOSECONDS)) {
                write(client);
                for (int i = 0; i < READS_PER_WRITE; i++) {
                    read(client);
                }
            }
        } catch (IOException e) {
            if (stop.getCount() > 0) {
                tally.error(listener.level() + ": connection: " + e.getMessage());
            }
        }
    }

    private void write(RedisCommandClient client) throws IOException {
        sent++;
        long begunNanos = clock.nowNanos();
        try {
            client.command("SET", key, Long.toString(sent));
            acknowledged = sent;
            tally.ok.incrementAndGet();
        } catch (RedisErrorException e) {
            refused("SET", e);
        }
        tally.longestNanos.accumulate(clock.nowNanos() - begunNanos);
    }

    private void read(RedisCommandClient client) throws IOException {
        long begunNanos = clock.nowNanos();
        try {
            RespValue reply = client.command("GET", key);
            tally.ok.incrementAndGet();
            long seen = reply.isNull() ? 0 : reply.integer();
            if (seesItsWrites && seen < acknowledged) {
                tally.lost.addAndGet(acknowledged - seen);
                acknowledged = seen;
            }
        } catch (RedisErrorException e) {
            refused("GET", e);
        }
        tally.longestNanos.accumulate(clock.nowNanos() - begunNanos);
    }

    private void refused(String command, RedisErrorException e) {
        if (e.code().equals("UNCERTAIN")) {
            tally.uncertain.incrementAndGet();
        } else {
            tally.error(listener.level() + ": " + command + ": " + e.getMessage());
        }
    }
}
