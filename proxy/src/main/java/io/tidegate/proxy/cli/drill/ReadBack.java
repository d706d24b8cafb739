package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Compares what clients were told with what is there: as the target shows it, and as the primary itself does, if it lets
 * itself be asked.
 */
final class ReadBack {
    private static final Duration AGREED_MAX = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final Plan plan;
    private final Survey survey;
    private final Clock clock;
    private final Stop stop;
    private @Nullable Findings findings;

    ReadBack(Plan plan, Survey survey, Clock clock, Stop stop) {
        this.plan = plan;
        this.survey = survey;
        this.clock = clock;
        this.stop = stop;
    }

    /** What was found; null if it could not be read. */
    @Nullable Findings findings() {
        return findings;
    }

    void take(List<History> histories, Step step) throws IOException, InterruptedException, StoppedException {
        Findings shown = judge(plan.access().target(), histories);
        findings = shown;
        step.fact("readBackBy", plan.access().target().address().toString(), "read back by the target");
        Endpoint primary = primary(step);
        if (primary != null) {
            Findings held = judge(primary, histories);
            // A target that reads from replicas is given time; and the primary may just have changed once more.
            long begunNanos = clock.nowNanos();
            while (!held.equals(shown) && clock.nowNanos() - begunNanos < AGREED_MAX.toNanos()) {
                if (stop.await(LOOK_AGAIN)) {
                    throw new StoppedException();
                }
                Endpoint now = primary(null);
                primary = now == null ? primary : now;
                shown = judge(plan.access().target(), histories);
                held = judge(primary, histories);
            }
            findings = held;
            step.fact("primary", primary.address().toString(), "and at the primary, " + primary.address());
            if (!held.equals(shown)) {
                step.fail("the target shows " + shown.kept() + " writes, the primary " + held.kept());
            }
        }
        tell(findings, step);
    }

    /** Null if it is the target, or cannot be asked; {@code step} is told why. */
    private @Nullable Endpoint primary(@Nullable Step step) {
        try {
            NodeAddress address = survey.look().primary();
            if (address == null || address.equals(plan.access().target().address())) {
                return null;
            }
            Endpoint primary = plan.access().node(address);
            primary.open(Survey.ANSWER_MAX).close();
            return primary;
        } catch (IOException e) {
            if (step != null) {
                step.fact("primary", "not asked", "the primary itself could not be asked: " + e.getMessage());
            }
            return null;
        }
    }

    private Findings judge(Endpoint server, List<History> histories) throws IOException {
        Findings all = Findings.NONE;
        try (RedisCommandClient client = server.open(FailoverStep.ANSWER_MAX)) {
            for (int i = 0; i < histories.size(); i++) {
                all = all.plus(histories.get(i).judge(Kept.read(client, plan.key(i))));
            }
        }
        return all;
    }

    private void tell(Findings found, Step step) {
        step.fact(
                "lost",
                found.lost(),
                Texts.count(found.lost()) + " of " + Texts.count(found.acknowledged())
                        + " acknowledged writes lost (RPO)");
        step.fact("duplicated", found.duplicated(), Texts.count(found.duplicated()) + " duplicated");
        step.fact("reordered", found.reordered(), Texts.count(found.reordered()) + " reordered");
        step.fact("stale", found.stale(), Texts.count(found.stale(), "stale read"));
        step.fact("backwards", found.backwards(), Texts.count(found.backwards()) + " read backwards");
        step.fact(
                "uncertainKept",
                found.uncertainAndKept(),
                Texts.count(found.uncertainAndKept()) + " of " + Texts.count(found.uncertain())
                        + " uncertain writes are there");
        step.fact("refusedKept", found.failedAndKept(), "");
        Limits limits = plan.limits();
        if (found.lost() > limits.lost()) {
            step.fail(Texts.count(found.lost()) + " acknowledged writes are lost (allowed: " + limits.lost() + ")");
        }
        if (found.stale() + found.backwards() > limits.stale()) {
            step.fail(Texts.count(found.stale()) + " reads did not show a write of their own connection, and "
                    + Texts.count(found.backwards()) + " not what an earlier one had shown (allowed: "
                    + limits.stale() + ")");
        }
        if (found.duplicated() > 0) {
            step.fail(Texts.count(found.duplicated()) + " writes were made twice");
        }
        if (found.reordered() > found.late()) {
            step.fail(Texts.count(found.reordered() - found.late()) + " writes were overtaken by later ones");
        } else if (found.late() > 0) {
            step.warn(Texts.count(found.late()) + " uncertain writes ran late");
        }
        if (found.failedAndKept() > 0) {
            step.fail(Texts.count(found.failedAndKept()) + " writes were refused, and are there all the same");
        }
    }
}
