package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Removes the keys, and looks whether they are gone. It is done within what a process that was told to end has left, so it
 * asks nobody whether it may go on.
 */
final class Cleaning {
    private static final Duration TRIED_MAX = Duration.ofSeconds(9);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
    private static final long AGAIN_MILLIS = 250;

    private final Plan plan;
    private final Clock clock;
    private final CountDownLatch never = new CountDownLatch(1);

    Cleaning(Plan plan, Clock clock) {
        this.plan = plan;
        this.clock = clock;
    }

    void take(Step step) throws InterruptedException {
        long begunNanos = clock.nowNanos();
        for (; ; ) {
            try (RedisCommandClient client = plan.access().target().open(ANSWER_MAX)) {
                long removed = 0;
                for (String key : plan.keys()) {
                    removed += client.command("UNLINK", key).integer();
                }
                step.fact("removed", removed, "removed " + Texts.count(removed, "key") + ", " + plan.prefix() + "*");
                return;
            } catch (IOException | RedisErrorException e) {
                if (clock.nowNanos() - begunNanos > TRIED_MAX.toNanos()) {
                    step.fail("keys " + plan.prefix() + "* are left, for " + Client.KEYS_LAST_SECONDS
                            + " s at the most: " + e.getMessage());
                    return;
                }
            }
            never.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }
}
