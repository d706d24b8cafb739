package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Removes the keys, by the target and at whoever is primary now: a target that stays with one node may by then be about a
 * replica, or a primary that was replaced. It is done within what a process that was told to end has left, so it asks nobody
 * whether it may go on.
 */
final class Cleaning {
    private static final Duration TRIED_MAX = Duration.ofSeconds(9);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);
    private static final long AGAIN_MILLIS = 250;
    private static final long NOT_REMOVED = -1;

    private final Plan plan;
    private final Survey survey;
    private final Clock clock;
    private final CountDownLatch never = new CountDownLatch(1);

    Cleaning(Plan plan, Survey survey, Clock clock) {
        this.plan = plan;
        this.survey = survey;
        this.clock = clock;
    }

    void take(Step step) throws InterruptedException {
        long begunNanos = clock.nowNanos();
        for (; ; ) {
            List<String> failures = new ArrayList<>();
            long byTarget = remove(plan.access().target(), failures);
            Endpoint primary = primary();
            long atPrimary = primary == null ? NOT_REMOVED : remove(primary, failures);
            if (byTarget != NOT_REMOVED || atPrimary != NOT_REMOVED) {
                long removed = Math.max(0, byTarget) + Math.max(0, atPrimary);
                step.fact("removed", removed, "removed " + Texts.count(removed, "key") + ", " + plan.prefix() + "*");
                return;
            }
            if (clock.nowNanos() - begunNanos > TRIED_MAX.toNanos()) {
                step.fail("keys " + plan.prefix() + "* are left, for " + Client.KEYS_LAST_SECONDS + " s at the most: "
                        + String.join("; ", failures));
                return;
            }
            never.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** How many there were, or {@link #NOT_REMOVED}. */
    private long remove(Endpoint server, List<String> failures) {
        try (RedisCommandClient client = server.open(ANSWER_MAX)) {
            long removed = 0;
            for (String key : plan.keys()) {
                removed += client.command("UNLINK", key).integer();
            }
            return removed;
        } catch (IOException | RedisErrorException e) {
            failures.add(String.valueOf(e.getMessage()));
            return NOT_REMOVED;
        }
    }

    /** Null if nobody is known to be. */
    private @Nullable Endpoint primary() {
        try {
            NodeAddress address = survey.look().primary();
            return address == null ? null : plan.access().node(address);
        } catch (IOException e) {
            return null; // then the target has to do
        }
    }
}
