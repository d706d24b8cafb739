package io.tidegate.proxy.loop;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;

/**
 * Flushes every channel that was written to in one iteration of an event loop, once, at its end. The first write of an
 * iteration queues this object as a task; Netty runs tasks after the ready channels were read.
 */
public final class FlushBatch implements Runnable {
    private final EventLoop loop;
    private List<OutBuffer> dirty = new ArrayList<>();
    private List<OutBuffer> flushing = new ArrayList<>();

    public FlushBatch(EventLoop loop) {
        this.loop = loop;
    }

    void add(OutBuffer out) {
        if (dirty.isEmpty()) {
            loop.execute(this);
        }
        dirty.add(out);
    }

    /** Flushing may write again (a closed channel wakes its sessions); what it dirties goes into the next batch. */
    @Override
    public void run() {
        List<OutBuffer> batch = dirty;
        dirty = flushing;
        flushing = batch;
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).flush();
        }
        batch.clear();
    }
}
