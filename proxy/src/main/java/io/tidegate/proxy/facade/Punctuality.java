package io.tidegate.proxy.facade;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import io.tidegate.proxy.loop.Patience;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a client that takes too long with what it is at: one limit at a time, which begins when that does and is put off by
 * nothing but its end. On the client's event loop.
 */
final class Punctuality {
    /** What a client is at. */
    enum Duty {
        /** To ask something at all, with TLS before it where that is spoken. */
        BEGIN,
        /** To end a command that it has begun. */
        COMMAND,
        /** To take replies, of which it has left so many that it is not read from. */
        REPLIES,
        /** Nothing: it has had all its answers. */
        NONE,
        /** Nothing, and to wait is what it is there for. */
        SUBSCRIBED
    }

    private final Patience patience;
    private Duty duty = Duty.SUBSCRIBED;
    private @Nullable Future<?> deadline;

    Punctuality(Patience patience) {
        this.patience = patience;
    }

    /** It is at this now. {@code anew}: at another of the same kind than before. */
    void at(Duty now, boolean anew, ChannelHandlerContext ctx) {
        if (now == duty && !anew) {
            return;
        }
        duty = now;
        end();
        long nanosMax = nanosMax(now);
        if (nanosMax > 0 && nanosMax < Long.MAX_VALUE) {
            deadline = ctx.executor().schedule(() -> ctx.close(), nanosMax, TimeUnit.NANOSECONDS);
        }
    }

    /** There is no client any more. */
    void end() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }

    /** 0 = for ever. */
    private long nanosMax(Duty of) {
        return switch (of) {
            case BEGIN -> patience.handshakeNanosMax();
            case COMMAND -> patience.requestNanosMax();
            case REPLIES -> patience.writeNanosMax();
            case NONE -> patience.idleNanosMax();
            case SUBSCRIBED -> 0;
        };
    }
}
