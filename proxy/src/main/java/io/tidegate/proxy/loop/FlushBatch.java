package io.tidegate.proxy.loop;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flushes every channel that was written to in one iteration of an event loop, once, at its end. The first write of an
 * iteration queues this object as a task; Netty runs tasks after the ready channels were read.
 *
 * <p>Slices of what was read do not wait so long: {@link #passOn} gives them to the kernel as soon as one read is dealt with,
 * while they are in the processor's cache, and what they were read into is free for the next read. Twenty-five replies of a
 * megabyte that are ready at once would otherwise lie in memory together, all of it new to the process: two and a half
 * times the cost.
 */
public final class FlushBatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(FlushBatch.class);

    private final EventLoop loop;
    private List<OutBuffer> dirty = new ArrayList<>();
    private List<OutBuffer> flushing = new ArrayList<>();
    /** Those given slices since the last {@link #passOn}. */
    private final List<OutBuffer> sliced = new ArrayList<>();

    public FlushBatch(EventLoop loop) {
        this.loop = loop;
    }

    void add(OutBuffer out) {
        if (dirty.isEmpty()) {
            loop.execute(this);
        }
        dirty.add(out);
    }

    void addSliced(OutBuffer out) {
        sliced.add(out);
    }

    /** To be called last, when what was read from one socket is dealt with and released. */
    public void passOn() {
        // By number: a client that can be written to again may be given more.
        for (int i = 0; i < sliced.size(); i++) {
            passOn(sliced.get(i));
        }
        sliced.clear();
    }

    /** Flushing may write again (a closed channel wakes its sessions); what it dirties goes into the next batch. */
    @Override
    public void run() {
        List<OutBuffer> batch = dirty;
        dirty = flushing;
        flushing = batch;
        sliced.clear(); // All of them are in the batch.
        try {
            for (int i = 0; i < batch.size(); i++) {
                flush(batch.get(i));
            }
        } finally {
            // Else it would never be empty when its turn comes again, and nobody would queue this task any more.
            batch.clear();
        }
    }

    private static void flush(OutBuffer out) {
        try {
            out.flush();
        } catch (Throwable e) {
            failed(out, e);
        }
    }

    private static void passOn(OutBuffer out) {
        try {
            out.passOn();
        } catch (Throwable e) {
            failed(out, e);
        }
    }

    /** A failure of ours ends the channel that it is about, and keeps nobody else's bytes back. */
    private static void failed(OutBuffer out, Throwable e) {
        log.error("{} is closed by a failure of this proxy", out, e);
        out.close();
    }
}
