package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.cli.drill.Fault.Result;
import io.tidegate.proxy.cli.drill.Report.Writing;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Clients write and read, the primary is broken, and they go on until they are served again and for a while. */
final class FailoverStep {
    /** Above what Tidegate holds a write for at most, by default; and what whoever gives up sooner would see is told too. */
    static final Duration ANSWER_MAX = Duration.ofSeconds(30);

    /** For answers still under way when the writing ends. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final Duration PACE = Duration.ofMillis(20);
    private static final Duration BACK_MAX = Duration.ofSeconds(90);
    private static final Duration AFTERWARDS_MIN = Duration.ofSeconds(3);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Plan plan;
    private final Fault fault;
    private final Clock clock;
    private final Stop stop;
    private final Display display;

    private @Nullable Crowd crowd;
    private @Nullable Timeline timeline;
    private boolean made;
    private long faultMicros;

    FailoverStep(Plan plan, Fault fault, Clock clock, Stop stop, Display display) {
        this.plan = plan;
        this.fault = fault;
        this.clock = clock;
        this.stop = stop;
        this.display = display;
    }

    /** Whether there was a fault, be it that its command says it failed half-way. */
    boolean made() {
        return made;
    }

    List<History> histories() {
        return crowd == null ? List.of() : crowd.histories();
    }

    /** Null if it was ended before there was anything to tell. */
    @Nullable Writing writing(@Nullable Findings findings) {
        Crowd all = crowd;
        Timeline times = timeline;
        if (all == null || times == null) {
            return null;
        }
        return new Writing(
                times,
                findings,
                Map.of(
                        "writesBefore", all.writes(0, faultMicros),
                        "writesAfter", all.writes(faultMicros, Long.MAX_VALUE),
                        "readsBefore", all.reads(0, faultMicros),
                        "readsAfter", all.reads(faultMicros, Long.MAX_VALUE)),
                all.readCount(),
                all.readErrors());
    }

    void take(Step step) throws IOException, InterruptedException, StoppedException {
        Crowd all = Crowd.start(plan, plan::key, PACE, ANSWER_MAX, clock);
        crowd = all;
        faultMicros = Long.MAX_VALUE;
        try {
            write(all, plan.writing().dividedBy(4), "before the fault");
            breakIt(all, step);
        } finally {
            long endMicros = all.nowMicros();
            all.end(PATIENCE);
            faultMicros = Math.min(faultMicros, endMicros);
            timeline = Timeline.of(all.histories(), all.beginMicros(), faultMicros, endMicros);
        }
        tell(all, timeline, step);
    }

    private void breakIt(Crowd all, Step step) throws IOException, InterruptedException, StoppedException {
        faultMicros = all.nowMicros();
        display.progress("failover: " + plan.fault());
        Result result = fault.make();
        step.fact("fault", result.text(), plan.fault() + ": " + result.text());
        result.output().forEach(line -> step.fact("output", line, "| " + line));
        // A command that failed may have broken something all the same; a sentinel that refused has not.
        made = result.done() || plan.command() != null;
        if (stop.await(Duration.ZERO)) {
            throw new StoppedException();
        }
        if (!result.done()) {
            step.fail("the fault was not made: " + result.text());
        }
        long sinceMicros = all.nowMicros() - faultMicros;
        Duration rest = plan.writing().multipliedBy(3).dividedBy(4).minusNanos(sinceMicros * 1_000);
        write(all, made && rest.compareTo(AFTERWARDS_MIN) > 0 ? rest : AFTERWARDS_MIN, "after the fault");
        long waitingMicros = all.nowMicros();
        while (!served(all)) {
            if (all.nowMicros() - waitingMicros > BACK_MAX.toNanos() / 1_000) {
                step.fail("no write is acknowledged any more, " + BACK_MAX.toSeconds() + " s later");
                return;
            }
            write(all, SECOND, "waiting until somebody is served again");
        }
    }

    private static boolean served(Crowd all) {
        return all.nowMicros() - all.progress().lastMicros.get() < SECOND.toNanos() / 1_000;
    }

    private void write(Crowd all, Duration duration, String when) throws InterruptedException, StoppedException {
        long endNanos = clock.nowNanos() + duration.toNanos();
        while (clock.nowNanos() < endNanos) {
            Duration rest = Duration.ofNanos(endNanos - clock.nowNanos());
            if (stop.await(rest.compareTo(SECOND) > 0 ? SECOND : rest)) {
                throw new StoppedException();
            }
            display.progress("failover: " + when + ": " + all.progress().text(all.nowMicros()));
        }
    }

    private void tell(Crowd all, Timeline times, Step step) {
        step.fact(
                "rtoMicros",
                times.rtoMicros(),
                "nobody had a write acknowledged for " + Texts.millis(times.rtoMicros()) + " (RTO), "
                        + Texts.millis(times.outageMicros() - faultMicros) + " after the fault"
                        + (times.back() ? "" : ", and then not before the end"));
        step.fact(
                "longestPauseMicros",
                times.pauseMicros(1),
                "longest pause of a client " + Texts.millis(times.pauseMicros(1)) + ", of half of them up to "
                        + Texts.millis(times.pauseMicros(0.5)));
        Progress told = all.progress();
        long errors = told.failed.get() + sum(all.readErrors());
        step.fact(
                "acknowledged", told.acknowledged.get(), Texts.count(told.acknowledged.get()) + " writes acknowledged");
        step.fact("errors", errors, Texts.count(errors, "error"));
        step.fact("uncertain", told.uncertain.get(), Texts.count(told.uncertain.get()) + " uncertain");
        tell("writes", all.writes(faultMicros, Long.MAX_VALUE), step);
        tell("reads", all.reads(faultMicros, Long.MAX_VALUE), step);
        String kinds = kinds(all.errors(), all.readErrors());
        Limits limits = plan.limits();
        if (errors > limits.errors()) {
            step.fail(Texts.count(errors, "error") + " (allowed: " + limits.errors() + "): " + kinds);
        } else if (errors > 0) {
            step.warn(kinds);
        }
        Long uncertainMax = limits.uncertain();
        if (uncertainMax != null && told.uncertain.get() > uncertainMax) {
            step.fail(told.uncertain.get() + " uncertain writes (allowed: " + uncertainMax + "): " + kinds);
        }
        Long rtoMax = limits.rtoMillis();
        if (rtoMax != null && times.rtoMicros() > rtoMax * 1_000) {
            step.fail("RTO " + Texts.millis(times.rtoMicros()) + " (allowed: " + rtoMax + " ms)");
        }
    }

    static void tell(String what, Latency latency, Step step) {
        step.fact(what + "P50Micros", latency.p50Micros(), what + " " + latency.text());
        step.fact(what + "P99Micros", latency.p99Micros(), "");
        step.fact(what + "MaxMicros", latency.maxMicros(), "");
    }

    static long sum(Map<String, Long> counts) {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    private static String kinds(Map<String, Long> writes, Map<String, Long> reads) {
        return "writes: " + kinds(writes) + "; reads: " + kinds(reads);
    }

    private static String kinds(Map<String, Long> counts) {
        return counts.isEmpty()
                ? "none"
                : counts.entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .collect(Collectors.joining(", "));
    }
}
