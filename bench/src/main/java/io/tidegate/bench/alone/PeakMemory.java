package io.tidegate.bench.alone;

import io.tidegate.bench.load.ProcessUsage;
import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The most memory that a process was seen to have while this is open, looked at every few milliseconds. */
final class PeakMemory implements AutoCloseable {
    private static final long EVERY_MILLIS = 5;

    private final long pid;
    private final long before;
    private final AtomicLong peak;
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "peak-memory");
        thread.setDaemon(true);
        return thread;
    });

    /** Begins to look. */
    PeakMemory(long pid) throws IOException {
        this.pid = pid;
        before = ProcessUsage.of(pid).residentBytes();
        peak = new AtomicLong(before);
        looking.scheduleAtFixedRate(this::look, EVERY_MILLIS, EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Resident bytes when this was opened. */
    long before() {
        return before;
    }

    /** The most resident bytes until now. */
    long peak() {
        return peak.get();
    }

    @Override
    public void close() {
        looking.shutdownNow();
    }

    private void look() {
        try {
            peak.accumulateAndGet(ProcessUsage.of(pid).residentBytes(), Math::max);
        } catch (IOException e) {
            looking.shutdown(); // the process has ended, which whoever talks with it will say
        }
    }
}
