package io.tidegate.proxy.loop;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flushes every channel that was written to in one iteration of an event loop, once, at its end. The first write of an
 * iteration queues this object as a task; Netty runs tasks after the ready channels were read.
 */
public final class FlushBatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(FlushBatch.class);

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
        try {
            for (int i = 0; i < batch.size(); i++) {
                flush(batch.get(i));
            }
        } finally {
            // Else it would never be empty when its turn comes again, and nobody would queue this task any more.
            batch.clear();
        }
    }

    /** A failure of ours ends the channel that it is about, and keeps nobody else's bytes back. */
    private static void flush(OutBuffer out) {
        try {
            out.flush();
        } catch (Throwable e) {
            log.error("{} is closed by a failure of this proxy", out, e);
            out.close();
        }
    }
}
