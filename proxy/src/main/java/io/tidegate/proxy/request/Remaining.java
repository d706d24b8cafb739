package io.tidegate.proxy.request;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.command.BlockingTimeout;
import java.math.BigDecimal;
import java.math.RoundingMode;
import org.jspecify.annotations.Nullable;

/**
 * A command that waited for data for a while, as it has to be sent to go on: with what remains of its timeout. The time
 * until it can be sent is a pause, and not taken off.
 */
public final class Remaining {
    /** Nothing left would mean for ever. */
    private static final BigDecimal LEAST_MILLIS = BigDecimal.ONE;

    private static final BigDecimal NANOS_PER_MILLI = BigDecimal.valueOf(1_000_000);

    private Remaining() {}

    /** Writes the command {@code args} into {@code out}, as if its timeout had begun {@code waitedNanos} ago. */
    public static void write(RequestArgs args, BlockingTimeout where, long waitedNanos, ByteBuf out) {
        int timeout = where.argument(args);
        RespWriter.arrayHeader(out, args.count());
        for (int i = 0; i < args.count(); i++) {
            String shorter = i == timeout ? shorter(args.text(i), where.inMillis(), waitedNanos) : null;
            if (shorter == null) {
                RespWriter.bulk(out, args.bytes(i));
            } else {
                RespWriter.bulk(out, shorter);
            }
        }
    }

    /** The timeout less what is over of it; null if it has no end, or the server has to say that it is none. */
    static @Nullable String shorter(String timeout, boolean inMillis, long waitedNanos) {
        BigDecimal given;
        try {
            given = new BigDecimal(timeout);
        } catch (NumberFormatException unreadable) {
            return null;
        }
        if (given.signum() <= 0) {
            return null;
        }
        BigDecimal waited = BigDecimal.valueOf(waitedNanos).divide(NANOS_PER_MILLI);
        BigDecimal left = (inMillis ? given : given.movePointRight(3))
                .subtract(waited)
                .setScale(0, RoundingMode.CEILING)
                .max(LEAST_MILLIS);
        return (inMillis ? left : left.movePointLeft(3)).toPlainString();
    }
}
