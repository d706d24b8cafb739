package io.tidegate.proxy.cli.drill;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAccumulator;

/** What all clients together have been told so far: for whoever watches, while their own notes are being written. */
final class Progress {
    final AtomicLong acknowledged = new AtomicLong();
    final AtomicLong failed = new AtomicLong();
    final AtomicLong uncertain = new AtomicLong();
    final LongAccumulator lastMicros = new LongAccumulator(Math::max, 0);

    void add(Answer answer, long nowMicros) {
        switch (answer.outcome()) {
            case ACKNOWLEDGED -> {
                acknowledged.incrementAndGet();
                lastMicros.accumulate(nowMicros);
            }
            case FAILED -> failed.incrementAndGet();
            case UNCERTAIN -> uncertain.incrementAndGet();
        }
    }

    String text(long nowMicros) {
        return Texts.count(acknowledged.get()) + " writes acknowledged, the last " + since(nowMicros) + "; "
                + Texts.count(failed.get(), "error") + ", " + Texts.count(uncertain.get()) + " uncertain";
    }

    private String since(long nowMicros) {
        long last = lastMicros.get();
        return last == 0 ? "never" : Texts.millis(Math.max(0, nowMicros - last)) + " ago";
    }
}
