package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.SlowLog;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.signals.Facts;
import java.util.List;
import java.util.Locale;

/** {@code PROXY SLOWLOG}: SLOWLOG, of what this proxy's clients waited for. */
final class SlowLogCommand {
    /** As many as SLOWLOG GET tells of unless it is told otherwise. */
    private static final int COUNT = 10;

    private final DataLoop loop;

    SlowLogCommand(DataLoop loop) {
        this.loop = loop;
    }

    boolean answer(Asker asker) {
        RequestArgs args = asker.args();
        SlowLog log = loop.plane().slowLog();
        String verb = args.count() < 3 ? "" : args.text(2).toUpperCase(Locale.ROOT);
        if (verb.equals("GET") && args.count() <= 4) {
            return get(asker);
        }
        if (verb.equals("LEN") && args.count() == 3) {
            return asker.integer(log.length());
        }
        if (verb.equals("RESET") && args.count() == 3) {
            log.reset();
            return asker.ok();
        }
        return asker.error("ERR expected: PROXY SLOWLOG GET [<count>] | LEN | RESET");
    }

    private boolean get(Asker asker) {
        long count = COUNT;
        if (asker.args().count() == 4) {
            try {
                count = RedisNumbers.parse(asker.args().text(3));
            } catch (NumberFormatException notANumber) {
                count = -2;
            }
        }
        if (count < -1) {
            return asker.error("ERR count should be greater than or equal to -1");
        }
        List<Facts> entries =
                loop.plane().slowLog(count < 0 ? Integer.MAX_VALUE : (int) Math.min(count, Integer.MAX_VALUE), true);
        return ProxyCommand.maps(asker, entries);
    }
}
