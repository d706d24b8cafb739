package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.SentinelState;
import org.jspecify.annotations.Nullable;

/** A proxy's watch over a sentinel: a subscription and a pipeline of queries over the same connection. */
final class SentinelWatch extends Watch {
    private static final int ROUNDS_PER_LIST = 10;

    private int asked;
    private long writtenNanos;

    /** Wanted while one was outstanding, or too early. */
    private boolean again;

    SentinelWatch(SimProxy proxy, NodeAddress to) {
        super(proxy, to);
    }

    @Override
    void opened() {
        SimConnection over = connection();
        if (over != null) {
            over.toServer(() -> ((SimSentinel) over.server()).subscribe(over));
        }
        asked = 0;
        again = false;
        round(over);
    }

    private void round(@Nullable SimConnection over) {
        if (over != null && isOver(over)) {
            askSoon();
            proxy.later(proxy.pace.sentinelRoundNanos(), () -> round(over));
        }
    }

    /** One pipeline at a time, and not too many; what is wanted meanwhile is asked in one more. */
    void askSoon() {
        long earliestNanos = writtenNanos + proxy.pace.askedNanosMin();
        if (waiting() || again) {
            again = true;
        } else if (proxy.queue.nowNanos() >= earliestNanos) {
            ask();
        } else {
            again = true;
            proxy.later(earliestNanos - proxy.queue.nowNanos(), this::askAgain);
        }
    }

    private void askAgain() {
        if (again && !waiting()) {
            again = false;
            askSoon();
        }
    }

    private void ask() {
        SimConnection over = connection();
        if (over == null) {
            return;
        }
        long ofLink = link();
        boolean lists = asked++ % ROUNDS_PER_LIST == 0;
        long askedNanos = writing();
        writtenNanos = askedNanos;
        over.toServer(() -> {
            SentinelState state = ((SimSentinel) over.server()).report(lists);
            over.toClient(() -> {
                proxy.feed(new Event.SentinelReport(to, ofLink, askedNanos, read(), state));
                askAgain();
            });
        });
    }

    @Override
    void tellLost(String reason) {
        proxy.feed(new Event.SentinelLost(to, link(), reason));
    }
}
