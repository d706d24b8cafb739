package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * CLIENT PAUSE and CLIENT UNPAUSE: of the clients of this proxy, never of the servers, for which a pause of all clients
 * would be one of the proxy's own questions. Whether the asker may is asked of the servers by a pause that fails, for
 * either of the two: there is no way to ask about CLIENT UNPAUSE that does nothing.
 */
final class ClientPause {
    /** A pause is no way to stop this proxy for good; a longer one is as long as this. */
    private static final long MILLIS_MAX = TimeUnit.HOURS.toMillis(1);

    private final DataLoop loop;

    ClientPause(DataLoop loop) {
        this.loop = loop;
    }

    boolean begin(Asker asker) {
        RequestArgs args = asker.args();
        boolean write = args.is(3, "WRITE");
        if (args.count() > 3 && !write && !args.is(3, "ALL")) {
            return asker.error("ERR CLIENT PAUSE mode must be WRITE or ALL");
        }
        long millis;
        try {
            millis = RedisNumbers.parse(args.text(2));
        } catch (NumberFormatException notANumber) {
            return asker.error("ERR timeout is not an integer or out of range");
        }
        if (millis < 0) {
            return asker.error("ERR timeout is negative");
        }
        long nanos = TimeUnit.MILLISECONDS.toNanos(Math.min(millis, MILLIS_MAX));
        return forAll(asker, other -> other.pause().begin(other.nowNanos() + nanos, !write));
    }

    boolean end(Asker asker) {
        return forAll(asker, other -> other.pause().end());
    }

    private interface Deed {
        void on(DataLoop other);
    }

    private boolean forAll(Asker asker, Deed deed) {
        if (loop.settings().passthroughAuth() && !asker.permitted("CLIENT", "PAUSE", "none")) {
            return asker.answeredByWait();
        }
        List<Boolean> done = asker.ofLoops(other -> {
            deed.on(other);
            return true;
        });
        return done != null && asker.ok();
    }
}
