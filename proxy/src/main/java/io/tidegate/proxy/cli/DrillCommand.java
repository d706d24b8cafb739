package io.tidegate.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.cli.drill.Access;
import io.tidegate.proxy.cli.drill.Display;
import io.tidegate.proxy.cli.drill.Drill;
import io.tidegate.proxy.cli.drill.Endpoint;
import io.tidegate.proxy.cli.drill.HtmlReport;
import io.tidegate.proxy.cli.drill.JsonReport;
import io.tidegate.proxy.cli.drill.Limits;
import io.tidegate.proxy.cli.drill.Plan;
import io.tidegate.proxy.cli.drill.Report;
import io.tidegate.proxy.cli.drill.Step;
import io.tidegate.proxy.cli.drill.TextReport;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code tidegate drill}: the test of high availability that every team writes by hand. */
final class DrillCommand implements Command {
    private static final int CLIENTS_STANDARD = 8;
    private static final int CLIENTS_MAX = 128;
    private static final int SECONDS_STANDARD = 20;
    private static final int SECONDS_MIN = 4;
    private static final int SECONDS_MAX = 600;
    private static final int FAULT_STANDARD = 60;
    private static final int ID_CHARS = 8;

    private static final Option SHARD = Option.value(
            "--master", "NAME", "What the sentinels call the primary; default: " + LocalRedis.MASTER_NAME + ".");
    private static final Option FAULT = Option.value(
            "--fault",
            "COMMAND",
            "What breaks the primary, by sh -c, instead of SENTINEL FAILOVER; finds it in DRILL_PRIMARY_HOST and"
                    + " DRILL_PRIMARY_PORT.");
    private static final Option FAULT_SECONDS =
            Option.value("--fault-seconds", "N", "How long that command may take; default: " + FAULT_STANDARD + ".");
    private static final Option ADMIN =
            Option.value("--admin", "URL", "Tidegate's admin port, to see whether whoever watches it would know.");
    private static final Option CLIENTS =
            Option.value("--clients", "N", "Connections that write and read; default: " + CLIENTS_STANDARD + ".");
    private static final Option SECONDS = Option.value(
            "--seconds",
            "N",
            "How long they do, a quarter of it before the fault; longer if nobody is served by then. Default: "
                    + SECONDS_STANDARD + ".");
    private static final Option REPORT =
            Option.value("--report", "FILE,…", "Files to write a report to, as their names end: .html or .json.");
    private static final Option YES = Option.flag(
            "--yes-inject-faults", "Allow the fault, and to write under tidegate:drill:*. Nothing is touched without.");
    private static final Option DEMO =
            Option.flag("--demo", "Drill servers of its own, as those of tidegate demo, and nobody else's.");
    private static final Option LOST = Option.value("--allow-lost", "N", "Acknowledged writes lost; default: 0.");
    private static final Option STALE = Option.value(
            "--allow-stale", "N", "Reads that do not show what their connection has written or seen; default: 0.");
    private static final Option ERRORS =
            Option.value("--allow-errors", "N", "Commands answered with an error, or not sent; default: 0.");
    private static final Option UNCERTAIN =
            Option.value("--allow-uncertain", "N", "Writes of which the client knows nothing; default: any number.");
    private static final Option RTO = Option.value(
            "--allow-rto", "MILLIS", "How long nobody has a write acknowledged; default: as long as it takes.");

    /** Answers under way, keys to be removed. */
    private static final Duration END_MAX = Duration.ofSeconds(20);

    private final Console console;

    DrillCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "drill";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Breaks the primary while clients of its own write and read, and reports what they felt of it and"
                        + " whether what they were told is true.",
                "Without --yes-inject-faults it only looks: who is primary, who replicates, what is monitored. Exit code"
                        + " 1 if anything is beyond what the --allow options allow.");
    }

    @Override
    public List<Option> options() {
        return Stream.of(
                        DrillAccess.OPTIONS,
                        List.of(SHARD, FAULT, FAULT_SECONDS, ADMIN, CLIENTS, SECONDS, REPORT),
                        List.of(LOST, STALE, ERRORS, UNCERTAIN, RTO, DEMO, YES))
                .flatMap(List::stream)
                .toList();
    }

    @Override
    public int run(Arguments arguments) throws Misuse, ConfigException, IOException, InterruptedException {
        List<Path> reports = reports(arguments.value(REPORT));
        console.lifetime().endTakes(() -> END_MAX);
        if (!arguments.has(DEMO)) {
            Access access = DrillAccess.of(arguments, console.variables());
            return drill(plan(arguments, access, admin(arguments.value(ADMIN)), arguments.has(YES)), reports);
        }
        for (Option option : List.of(DrillAccess.TARGET, DrillAccess.SENTINELS, ADMIN)) {
            if (arguments.has(option)) {
                throw new Misuse(option.name() + " and --demo (expected: one of them)");
            }
        }
        console.err().println("starting a primary, two replicas, three sentinels and the proxy …");
        try (DemoSet set = DemoSet.start(null, 0)) {
            if (!set.awaitFound(console.lifetime())) {
                return Main.FAILED;
            }
            URI admin = URI.create("http://" + set.tidegate().adminAddress());
            return drill(plan(arguments, access(set), admin, true), reports);
        }
    }

    private static Access access(DemoSet set) {
        List<Endpoint> sentinels = set.redis().sentinels().stream()
                .map(sentinel -> new Endpoint(NodeAddress.parse(sentinel.endpoint()), null, null))
                .toList();
        String first = set.tidegate().listeners().get(0).address().toString();
        return new Access(new Endpoint(NodeAddress.parse(first), null, null), sentinels, null, null);
    }

    private static Plan plan(Arguments arguments, Access access, @Nullable URI admin, boolean allowed) throws Misuse {
        String shard = arguments.value(SHARD);
        int seconds = arguments.number(SECONDS, SECONDS_MIN, SECONDS_MAX, SECONDS_STANDARD);
        int faultSeconds = arguments.number(FAULT_SECONDS, 1, SECONDS_MAX, FAULT_STANDARD);
        Plan plan = new Plan(
                UUID.randomUUID().toString().substring(0, ID_CHARS),
                access,
                shard == null ? LocalRedis.MASTER_NAME : shard,
                admin,
                admin != null && admin.getScheme().equals("https") ? TlsOptions.sockets(arguments) : null,
                arguments.number(CLIENTS, 1, CLIENTS_MAX, CLIENTS_STANDARD),
                Duration.ofSeconds(seconds),
                arguments.value(FAULT),
                Duration.ofSeconds(faultSeconds),
                allowed,
                limits(arguments));
        if (allowed && plan.command() == null && access.sentinels().isEmpty()) {
            throw new Misuse("no fault to inject (expected: --sentinel or --fault)");
        }
        return plan;
    }

    private static Limits limits(Arguments arguments) throws Misuse {
        return new Limits(
                arguments.number(LOST, 0, Integer.MAX_VALUE, 0),
                arguments.number(STALE, 0, Integer.MAX_VALUE, 0),
                arguments.number(ERRORS, 0, Integer.MAX_VALUE, 0),
                ifGiven(arguments, UNCERTAIN),
                ifGiven(arguments, RTO));
    }

    private static @Nullable Long ifGiven(Arguments arguments, Option option) throws Misuse {
        return arguments.has(option) ? (long) arguments.number(option, 0, Integer.MAX_VALUE, 0) : null;
    }

    private static @Nullable URI admin(@Nullable String text) throws Misuse {
        if (text == null) {
            return null;
        }
        try {
            URI uri = URI.create(text);
            if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw new Misuse(ADMIN.name() + ": '" + text + "' is none: " + e.getMessage());
        }
        throw new Misuse(ADMIN.name() + ": '" + text + "' (expected: http[s]://HOST:PORT)");
    }

    /** Looked at before anything is done: nobody breaks a primary twice because a directory was misspelt. */
    private static List<Path> reports(@Nullable String text) throws Misuse {
        List<Path> files = new ArrayList<>();
        for (String each : text == null ? new String[0] : text.split(",", -1)) {
            Path file = Path.of(each);
            if (!each.endsWith(".html") && !each.endsWith(".json")) {
                throw new Misuse(REPORT.name() + ": " + each + " (expected: a name that ends in .html or .json)");
            }
            Path parent = file.toAbsolutePath().getParent();
            if (parent == null || !Files.isWritable(parent) || Files.isDirectory(file)) {
                throw new Misuse(REPORT.name() + ": " + each + " cannot be written");
            }
            files.add(file);
        }
        return files;
    }

    private int drill(Plan plan, List<Path> reports) throws IOException, InterruptedException {
        Report report = Drill.run(plan, console.lifetime()::await, new Display() {
            @Override
            public void step(Step step) {
                TextReport.lines(step).forEach(console.out()::println);
            }

            @Override
            public void progress(String line) {
                console.err().println(line);
            }
        });
        console.out().println(TextReport.verdict(report));
        for (Path file : reports) {
            Files.writeString(
                    file, file.toString().endsWith(".html") ? HtmlReport.of(report) : JsonReport.of(report), UTF_8);
            console.err().println("wrote " + file);
        }
        return switch (report.verdict()) {
            case PASSED, NOT_DRILLED -> Main.OK;
            case FAILED, INTERRUPTED -> Main.FAILED;
        };
    }
}
