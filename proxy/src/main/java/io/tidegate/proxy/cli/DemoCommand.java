package io.tidegate.proxy.cli;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.cli.Workload.Result;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.control.Failover;
import io.tidegate.proxy.control.Failover.Outcome;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.metrics.Figures;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** {@code tidegate demo}. */
final class DemoCommand implements Command {
    private static final int PORT_BASE = 6390;

    private static final Option FAILOVER = Option.flag(
            "--failover",
            "Kill the primary after some seconds, print the timeline and end: with exit code 0 if no client saw an error,"
                    + " else 1.");

    private static final Option IDLE = Option.flag("--idle", "Without the built-in clients.");

    private static final Option JSON =
            Option.flag("--json", "Print one line of JSON on standard output once ready, and nothing else there.");

    private static final Option DIR = Option.value(
            "--dir", "DIR", "Where configurations, data and logs go and stay. Default: a temporary directory.");

    private static final Option PORTS = Option.value(
            "--port-base",
            "PORT",
            "Default: " + PORT_BASE
                    + ". First port of the listeners (session, eventual, bounded, strong), followed by the admin"
                    + " port; the servers' begin 10 above it. 0 for any free ones.");

    private static final int PORT_BASE_MAX = 65_000;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    /** A lease needs reports of the sentinels without a gap for six seconds. */
    private static final Duration BEFORE_THE_KILL = Duration.ofSeconds(8);

    private static final Duration AFTER_THE_END = Duration.ofSeconds(3);
    private static final Duration FAILOVER_MAX = Duration.ofSeconds(60);

    private final Console console;

    // Set once, by run.
    private boolean failover;
    private boolean idle;
    private boolean json;
    private @Nullable Path directory;
    private int portBase;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "demo";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Starts a real replicated Redis (a primary, two replicas, three sentinels) on loopback and the proxy in"
                        + " front of it, and shows what goes where until Ctrl-C.",
                "A few built-in clients write and read, so that there is something to see.");
    }

    @Override
    public List<Option> options() {
        return List.of(FAILOVER, IDLE, JSON, DIR, PORTS);
    }

    @Override
    public int run(Arguments arguments) throws Misuse, ConfigException, IOException, InterruptedException {
        failover = arguments.has(FAILOVER);
        idle = arguments.has(IDLE);
        json = arguments.has(JSON);
        String dir = arguments.value(DIR);
        directory = dir == null ? null : Path.of(dir);
        portBase = arguments.number(PORTS, 0, PORT_BASE_MAX, PORT_BASE);
        if (failover && idle) {
            throw new Misuse("--failover needs clients (expected: without --idle)");
        }
        say("starting a primary, two replicas and three sentinels …");
        try (DemoSet set = DemoSet.start(directory, portBase)) {
            if (!set.awaitFound(console.lifetime())) {
                return Main.OK;
            }
            LocalRedis redis = set.redis();
            Tidegate tidegate = set.tidegate();
            announce(redis, tidegate);
            try (Workload workload = Workload.start(idle ? List.of() : tidegate.listeners(), tidegate.clock())) {
                if (failover) {
                    return failOver(redis, tidegate, workload);
                }
                if (json) {
                    console.lifetime().await(); // nobody reads along
                } else {
                    watch(tidegate, Long.MAX_VALUE, () -> false);
                }
                return Main.OK;
            }
        }
    }

    private void announce(LocalRedis redis, Tidegate tidegate) {
        if (json) {
            Map<String, Long> pids = new LinkedHashMap<>();
            pids.put("tidegate", ProcessHandle.current().pid());
            pids.putAll(redis.pids());
            console.out().println(ReadyLine.json(tidegate, pids));
            return;
        }
        say(ReadyLine.text(tidegate));
        say("");
        for (Listener listener : tidegate.listeners()) {
            say(String.format(
                    "  %-15s %-16s redis-cli -p %d",
                    listener.level(), listener.address(), listener.address().port()));
        }
        say(String.format("  %-15s http://%s/ in a browser; /topology, /metrics", "admin", tidegate.adminAddress()));
        say(String.format("  %-15s %s", "configuration", redis.directory().resolve("tidegate.yaml")));
        say("");
        say((idle ? "" : "Built-in clients write and read on every port (--idle leaves them out). ")
                + "Ctrl-C stops and removes everything.");
        say("");
    }

    /**
     * Prints a line per second until the proxy's clock reaches {@code untilNanos} or {@code over} is true.
     *
     * @return false if the demo is to end
     */
    private boolean watch(Tidegate tidegate, long untilNanos, BooleanSupplier over) throws InterruptedException {
        Figures before = tidegate.figures();
        long beforeNanos = tidegate.clock().nowNanos();
        for (long nowNanos = beforeNanos;
                nowNanos < untilNanos && !over.getAsBoolean();
                nowNanos = tidegate.clock().nowNanos()) {
            if (nowNanos - beforeNanos >= SECOND.toNanos()) {
                Figures now = tidegate.figures();
                say(LiveLine.of(before, now, nowNanos - beforeNanos));
                before = now;
                beforeNanos = nowNanos;
            }
            if (console.lifetime().await(LOOK_AGAIN)) {
                return false;
            }
        }
        return true;
    }

    private boolean watch(Tidegate tidegate, Duration duration) throws InterruptedException {
        return watch(tidegate, tidegate.clock().nowNanos() + duration.toNanos(), () -> false);
    }

    private int failOver(LocalRedis redis, Tidegate tidegate, Workload workload)
            throws IOException, InterruptedException {
        if (!watch(tidegate, BEFORE_THE_KILL)) {
            return Main.OK;
        }
        workload.resetLongest();
        long killedNanos = tidegate.clock().nowNanos();
        redis.primary().kill();
        say("killed the primary, " + redis.primary().endpoint());
        // Clients go on for a while after the end, so that what went wrong has time to show.
        if (!watch(
                        tidegate,
                        killedNanos + FAILOVER_MAX.toNanos(),
                        () -> switched(tidegate).isPresent())
                || !watch(tidegate, AFTER_THE_END)) {
            return Main.OK;
        }
        workload.close();
        Optional<Failover> over = switched(tidegate);
        if (over.isEmpty()) {
            console.err().println("tidegate: no failover within " + FAILOVER_MAX.toSeconds() + " s");
            return Main.FAILED;
        }
        Result clients = workload.result();
        report(FailoverReport.of(over.get(), killedNanos, clients));
        return clients.errors() == 0 ? Main.OK : Main.FAILED;
    }

    /** The one that has ended; there may have been scares before. */
    private static Optional<Failover> switched(Tidegate tidegate) {
        return tidegate.timeline().failovers().stream()
                .filter(it -> it.outcome() == Outcome.SWITCHED
                        && it.instantNanos(Phase.END).isPresent())
                .findFirst();
    }

    private void report(String text) {
        PrintStream stream = json ? console.err() : console.out();
        stream.println();
        stream.println(text);
    }

    /** For people: with --json nobody reads along. */
    private void say(String line) {
        if (!json) {
            console.out().println(line);
        }
    }
}
