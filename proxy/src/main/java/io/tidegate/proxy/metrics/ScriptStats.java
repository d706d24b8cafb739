package io.tidegate.proxy.metrics;

import java.util.concurrent.atomic.AtomicLong;

/** What is kept of scripts, in the whole proxy. Told by any event loop, read by whoever scrapes. */
public final class ScriptStats {
    private final AtomicLong count = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong evictions = new AtomicLong();

    public void kept(int sourceBytes) {
        count.incrementAndGet();
        bytes.addAndGet(sourceBytes);
    }

    public void dropped(int sourceBytes) {
        count.decrementAndGet();
        bytes.addAndGet(-sourceBytes);
    }

    /** One that is dropped had to make room for another. */
    public void evicted() {
        evictions.incrementAndGet();
    }

    public long count() {
        return Math.max(0, count.get());
    }

    public long bytes() {
        return Math.max(0, bytes.get());
    }

    long evictions() {
        return evictions.get();
    }
}
