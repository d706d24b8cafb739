package io.tidegate.proxy.dispatch;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What an event loop does now and then. A failure would end the repetition of all of it: each part is on its own. */
final class HouseKeeping {
    private static final Logger log = LoggerFactory.getLogger(HouseKeeping.class);

    private record Part(String what, LongConsumer work) {}

    private final List<Part> parts = new ArrayList<>();

    /** @param work is told the instant */
    HouseKeeping with(String what, LongConsumer work) {
        parts.add(new Part(what, work));
        return this;
    }

    void run(long nowNanos) {
        for (Part part : parts) {
            guarded(part.what(), () -> part.work().accept(nowNanos));
        }
    }

    /** Does something beside which there is more to do: a failure of ours is told, and ends nothing else. */
    static void guarded(String what, Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            log.error("{} failed by a mistake of this proxy", what, e);
        }
    }
}
