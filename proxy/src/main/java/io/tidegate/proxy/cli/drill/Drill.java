package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.cli.drill.Step.Status;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The drill: looks at everything, and, if it may, writes, breaks the primary while clients write, waits until all is as it
 * was, compares and cleans up. Each step is told as it ends; one that fails ends the drill, but not its cleaning up.
 */
public final class Drill {
    private static final int PINGS = 20;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final Duration COPIED_MAX = Duration.ofSeconds(10);
    private static final Duration SETTLED_MAX = Duration.ofSeconds(45);
    private static final Duration COUNTED_MAX = Duration.ofSeconds(20);
    private static final Duration PERFORMANCE = Duration.ofSeconds(2);

    private final Plan plan;
    private final Stop stop;
    private final Display display;
    private final Clock clock = Clock.start();
    private final Survey survey;
    private final @Nullable Monitoring monitoring;
    private final List<Step> steps = new ArrayList<>();

    private @Nullable Topology before;
    private @Nullable Topology after;
    private @Nullable Double failoversBefore;
    private @Nullable FailoverStep failover;
    private @Nullable ReadBack readBack;
    private boolean stopped;

    private Drill(Plan plan, Stop stop, Display display) {
        this.plan = plan;
        this.stop = stop;
        this.display = display;
        this.survey = new Survey(plan.access(), plan.shard());
        this.monitoring = plan.admin() == null
                ? null
                : new Monitoring(
                        plan.admin(),
                        plan.adminTls(),
                        !plan.access().sentinels().isEmpty());
    }

    /** Does it. */
    public static Report run(Plan plan, Stop stop, Display display) throws InterruptedException {
        Instant begun = Instant.now();
        Drill drill = new Drill(plan, stop, display);
        drill.take();
        return new Report(plan, begun, drill.steps, drill.writing(), drill.stopped);
    }

    /** Something that may fail. */
    private interface Action {
        void take(Step step) throws IOException, InterruptedException, StoppedException;
    }

    private void take() throws InterruptedException {
        boolean well = take("connectivity", this::connect) && take("topology", this::lookAround);
        if (monitoring != null) {
            well = take("monitoring", this::lookAtMonitoring) && well;
        }
        if (!plan.allowed()) {
            refuse();
            return;
        }
        if (!well) {
            skip("nothing was broken, since all was not well before", "replication", "performance", "failover");
            return;
        }
        try {
            if (take("replication", this::replicate) && take("performance", this::perform)) {
                take("failover", this::failOver);
                if (failover != null && failover.made() && !stopped) {
                    take("recovery", this::recover);
                }
                if (failover != null && !stopped) {
                    take("consistency", this::compare);
                }
                if (monitoring != null && failover != null && failover.made() && !stopped) {
                    take("alerting", this::lookWhetherItWasCounted);
                }
            } else {
                skip("nothing was broken, since all was not well before", "failover");
            }
        } finally {
            take("cleanup", this::cleanUp);
        }
    }

    private boolean take(String name, Action action) throws InterruptedException {
        Step step = new Step(name);
        long begunNanos = clock.nowNanos();
        display.progress(name + " …");
        try {
            action.take(step);
        } catch (IOException | RedisErrorException | IllegalArgumentException e) {
            step.fail(String.valueOf(e.getMessage()));
        } catch (StoppedException e) {
            stopped = true;
            step.skip(String.valueOf(e.getMessage()));
        } finally {
            step.took(TimeUnit.NANOSECONDS.toMicros(clock.nowNanos() - begunNanos));
            add(step);
        }
        return !step.failed() && !stopped;
    }

    private void add(Step step) {
        steps.add(step);
        display.step(step);
    }

    private void skip(String why, String... names) {
        for (String name : names) {
            add(Step.notTaken(name, Status.SKIPPED, why));
        }
    }

    private void refuse() {
        String how = "; to allow it: --yes-inject-faults";
        add(Step.notTaken("replication", Status.REFUSED, "it would write one key of its own" + how));
        add(Step.notTaken("performance", Status.REFUSED, "it would write as fast as it can for 2 s" + how));
        add(Step.notTaken(
                "failover",
                Status.REFUSED,
                "it would write with " + plan.clients() + " clients, and make a fault"
                        + (plan.hasFault() ? ": " + plan.fault() : "") + how));
    }

    private void connect(Step step) throws IOException {
        long begunNanos = clock.nowNanos();
        try (RedisCommandClient client = plan.access().target().open(Survey.ANSWER_MAX)) {
            long connectedMicros = TimeUnit.NANOSECONDS.toMicros(clock.nowNanos() - begunNanos);
            step.fact("connectMicros", connectedMicros, "connected in " + Texts.millis(connectedMicros));
            long[] micros = new long[PINGS];
            for (int i = 0; i < PINGS; i++) {
                long sentNanos = clock.nowNanos();
                client.command("PING");
                micros[i] = TimeUnit.NANOSECONDS.toMicros(clock.nowNanos() - sentNanos);
            }
            Arrays.sort(micros);
            long median = Latency.part(micros, 0.5);
            step.fact("pingP50Micros", median, "PING " + Texts.millis(median) + " (p50)");
            String version = client.info("server").getOrDefault("redis_version", "unknown");
            step.fact("server", version, "Redis " + version);
            String tidegate = client.info("tidegate").get("tidegate_version");
            if (tidegate != null) {
                step.fact(
                        "tidegate", tidegate, "through Tidegate" + (tidegate.equals("unknown") ? "" : " " + tidegate));
            }
        }
        for (Endpoint sentinel : plan.access().sentinels()) {
            try (RedisCommandClient client = sentinel.open(Survey.ANSWER_MAX)) {
                client.command("PING");
            } catch (IOException e) {
                step.warn("sentinel " + e.getMessage());
            }
        }
    }

    private void lookAround(Step step) throws IOException {
        Topology topology = survey.look();
        before = topology;
        tell(topology, step);
        if (topology.primary() == null) {
            step.fail("no primary is known");
        } else if (topology.attached().isEmpty()) {
            step.warn("nobody could take over: no replica is attached");
        }
        topology.detached().forEach(address -> step.warn(address + " is known and not attached"));
        if (!plan.access().sentinels().isEmpty()) {
            String quorum = survey.quorum();
            step.fact("quorum", quorum, "quorum: " + quorum);
        }
    }

    private static void tell(Topology topology, Step step) {
        step.fact("primary", String.valueOf(topology.primary()), topology.text());
        step.fact("replicas", topology.attached(), "as told by " + topology.source());
    }

    private void lookAtMonitoring(Step step) throws IOException {
        Monitoring watched = needed(monitoring);
        watched.look(step);
        failoversBefore = watched.failovers();
    }

    /** One entry, looked for at every replica. */
    private void replicate(Step step) throws IOException, InterruptedException, StoppedException {
        try (RedisCommandClient client = plan.access().target().open(FailoverStep.ANSWER_MAX)) {
            client.command("XADD", plan.markerKey(), "*", PlainConnection.FIELD, "0");
            client.command("EXPIRE", plan.markerKey(), Client.KEYS_LAST_SECONDS);
        }
        long writtenNanos = clock.nowNanos();
        if (needed(before).attached().isEmpty()) {
            step.fact("replicas", 0, "no replica to look at");
        }
        for (Topology.Replica replica : needed(before).replicas()) {
            if (!replica.attached()) {
                continue;
            }
            RedisCommandClient node;
            try {
                node = plan.access().node(replica.address()).open(Survey.ANSWER_MAX);
            } catch (IOException e) {
                step.warn("not looked at: " + e.getMessage());
                continue;
            }
            try (node) {
                while (node.command("XLEN", plan.markerKey()).integer() == 0) {
                    if (clock.nowNanos() - writtenNanos > COPIED_MAX.toNanos()) {
                        step.fail(replica.address() + " does not have a write after " + COPIED_MAX.toSeconds() + " s");
                        break;
                    }
                    pause(Duration.ofMillis(1));
                }
                long micros = TimeUnit.NANOSECONDS.toMicros(clock.nowNanos() - writtenNanos);
                step.fact(
                        replica.address().toString(),
                        micros,
                        replica.address() + " has a write within " + Texts.millis(micros));
            }
        }
    }

    private void perform(Step step) throws InterruptedException, StoppedException {
        Crowd crowd = Crowd.start(plan, plan::performanceKey, Duration.ZERO, FailoverStep.ANSWER_MAX, clock);
        long endMicros;
        try {
            pause(PERFORMANCE);
        } finally {
            endMicros = crowd.nowMicros();
            crowd.end(FailoverStep.PATIENCE);
        }
        Latency writes = crowd.writes(0, Long.MAX_VALUE);
        Latency reads = crowd.reads(0, Long.MAX_VALUE);
        long perSecond = (writes.count() + reads.count()) * 1_000_000 / (endMicros - crowd.beginMicros());
        step.fact(
                "commandsPerSecond",
                perSecond,
                Texts.count(perSecond) + " commands per second by " + Texts.count(plan.clients(), "client")
                        + ", each waiting for its reply (no benchmark)");
        FailoverStep.tell("writes", writes, step);
        FailoverStep.tell("reads", reads, step);
        long errors = crowd.progress().failed.get() + crowd.progress().uncertain.get();
        if (errors > 0) {
            step.fail(Texts.count(errors) + " writes were not acknowledged, with nothing broken: " + crowd.errors());
        }
    }

    private void failOver(Step step) throws IOException, InterruptedException, StoppedException {
        Fault fault = plan.command() == null
                ? new SentinelFailover(survey, plan.shard())
                : new ShellCommand(plan.command(), needed(before).primary(), plan.commandMax(), clock, stop);
        FailoverStep own = new FailoverStep(plan, fault, clock, stop, display);
        failover = own;
        own.take(step);
    }

    private void recover(Step step) throws InterruptedException, StoppedException {
        Topology expected = needed(before);
        long begunNanos = clock.nowNanos();
        String missing = "";
        while (clock.nowNanos() - begunNanos < SETTLED_MAX.toNanos()) {
            try {
                Topology now = survey.look();
                after = now;
                missing = missing(expected, now);
            } catch (IOException e) {
                missing = String.valueOf(e.getMessage());
            }
            if (missing.isEmpty()) {
                break;
            }
            display.progress("recovery: " + missing);
            pause(LOOK_AGAIN.multipliedBy(5));
        }
        Topology now = after;
        if (now != null) {
            tell(now, step);
            boolean changed = !String.valueOf(expected.primary()).equals(String.valueOf(now.primary()));
            step.fact("primaryChanged", changed, changed ? "the primary changed" : "the primary is the same");
        }
        if (!missing.isEmpty() && (now == null || now.primary() == null || plan.command() == null)) {
            step.fail("after " + SETTLED_MAX.toSeconds() + " s: " + missing);
        } else if (!missing.isEmpty()) {
            step.warn("after " + SETTLED_MAX.toSeconds() + " s: " + missing);
        }
    }

    /** What is not as it was; empty if all is. */
    private String missing(Topology expected, Topology now) {
        if (now.primary() == null) {
            return "no primary (" + now.source() + ")";
        }
        if (plan.command() == null && now.primary().equals(expected.primary())) {
            return now.primary() + " is still primary";
        }
        int missing = expected.attached().size() - now.attached().size();
        return missing <= 0
                ? ""
                : now.attached().size() + " of "
                        + Texts.count(expected.attached().size(), "replica") + " attached"
                        + (now.detached().isEmpty() ? "" : ", without " + String.join(", ", now.detached()));
    }

    private void compare(Step step) throws IOException, InterruptedException, StoppedException {
        ReadBack own = new ReadBack(plan, survey, clock, stop);
        readBack = own;
        own.take(needed(failover).histories(), step);
    }

    private void lookWhetherItWasCounted(Step step) throws IOException, InterruptedException, StoppedException {
        Monitoring watched = needed(monitoring);
        Topology now = after;
        boolean changed = now != null
                && now.primary() != null
                && !now.primary().equals(needed(before).primary());
        long begunNanos = clock.nowNanos();
        double counted = counted(watched);
        while (changed && counted == 0 && clock.nowNanos() - begunNanos < COUNTED_MAX.toNanos()) {
            pause(LOOK_AGAIN);
            counted = counted(watched);
        }
        step.fact("failoversCounted", counted, Texts.count((long) counted, "failover") + " counted");
        if (changed && counted == 0) {
            step.warn("the primary changed, and tidegate_failovers_total did not");
        }
        watched.look(step);
    }

    private double counted(Monitoring watched) throws IOException {
        Double now = watched.failovers();
        return (now == null ? 0 : now) - (failoversBefore == null ? 0 : failoversBefore);
    }

    private void cleanUp(Step step) throws InterruptedException {
        new Cleaning(plan, survey, clock).take(step);
    }

    private Report.@Nullable Writing writing() {
        return failover == null ? null : failover.writing(readBack == null ? null : readBack.findings());
    }

    private void pause(Duration duration) throws InterruptedException, StoppedException {
        if (stop.await(duration)) {
            throw new StoppedException();
        }
    }

    private static <T> T needed(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("a step before has not set it");
        }
        return value;
    }
}
