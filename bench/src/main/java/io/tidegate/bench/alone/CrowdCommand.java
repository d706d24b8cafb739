package io.tidegate.bench.alone;

import io.tidegate.bench.Main;
import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.LoadResult.Latencies;
import io.tidegate.bench.load.ProcessUsage;
import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.stage.Child;
import io.tidegate.bench.stage.LoadProcess;
import io.tidegate.bench.stage.MeasureOptions;
import io.tidegate.bench.stage.RoundOptions;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.bench.stage.Subject;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code crowd}. */
@Command(
        name = "crowd",
        description = {
            "Loads a proxy with very many clients at a fixed rate, alone and beside one client that fetches a large value"
                    + " in a loop and one that reads slowly, by turns, and prints how long the many waited.",
            "The table is on standard output, everything else on standard error."
        },
        mixinStandardHelpOptions = true)
public final class CrowdCommand implements Callable<Integer> {
    private static final String P99 = "p99 µs";
    private static final double MEBI = 1 << 20;
    private static final long LEAD_MILLIS = 1_000;
    private static final long FILL_MILLIS = 1_000;
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private static final String SLOW_KEY = "slow";
    private static final int SLOW_BYTES = 64 * 1024;

    /**
     * What Tidegate is told by the two: the crowd reads at the replicas, and so does not meet them at a server, which
     * answers nobody while it copies what it is asked for.
     */
    private static final String TO_THE_PRIMARY = "PROXY CONSISTENCY strong";

    /** Above the crowd, its two neighbours and whoever else asks. */
    private static final String MANY_CLIENTS = "tidegate+clients.connections-max=20000";

    /** What the crowd has beside it. */
    private enum Company {
        /** Nobody. */
        NONE,
        /** The two, who ask the primary themselves: what the machine, and that server, lets the crowd feel of them. */
        AT_REDIS,
        /** The two, through the same proxy. */
        AT_PROXY;

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    @Mixin
    private StageOptions options = new StageOptions();

    @Mixin
    private RoundOptions rounds = new RoundOptions(5);

    @Mixin
    private MeasureOptions measure = new MeasureOptions(5_000, 12_000);

    @Option(
            names = "--subjects",
            split = ",",
            defaultValue = MANY_CLIENTS,
            paramLabel = "NAME",
            description = "Named as in compare. Default: ${DEFAULT-VALUE}.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--connections", defaultValue = "10000", description = "Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--pipelines",
            split = ",",
            defaultValue = "1,4,16,64",
            paramLabel = "N",
            description = "Among which the connections are divided. Default: ${DEFAULT-VALUE}.")
    private List<Integer> pipelines = new ArrayList<>();

    @Option(names = "--value-bytes", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--huge-bytes",
            defaultValue = "104857600",
            description = "The large value. Default: ${DEFAULT-VALUE}.")
    private long hugeBytes;

    @Option(
            names = "--rate",
            defaultValue = "100000",
            description = "Requests per second of the crowd. Default: ${DEFAULT-VALUE}.")
    private long rate;

    private final Table table = new Table("through, neighbours");

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Subject> subjects = options.present(names);
        if (subjects.isEmpty()) {
            return 1;
        }
        try (Stage stage = options.open();
                LoadProcess load = new LoadProcess(stage)) {
            List<Running> running = new ArrayList<>();
            for (Subject subject : subjects) {
                options.say("starting " + subject.name());
                running.add(stage.start(subject));
            }
            fill(stage, load);
            for (Running subject : running) {
                options.say("warming up " + subject.name());
                load.run(plan(subject, measure.warmUpMillis()));
            }
            for (int round = 1; round <= rounds.count(); round++) {
                for (Running subject : running) {
                    for (Company company : Company.values()) {
                        measure(round, stage, load, subject, company);
                    }
                }
            }
            stage.checkNoFailover();
        }
        for (Subject subject : subjects) {
            for (Company other : Company.values()) {
                List<String> rows = List.of(row(subject.name(), Company.AT_PROXY));
                if (other != Company.AT_PROXY) {
                    table.addRatio(rows, row(subject.name(), other), P99, P99 + " × " + other.text());
                }
            }
        }
        spec.commandLine()
                .getOut()
                .println("%d connections, pipelines of %s, %d requests/s; values of %d bytes, the large one of %d.%n"
                        .formatted(connections, pipelines, rate, valueBytes, hugeBytes));
        spec.commandLine().getOut().println(table.text());
        return 0;
    }

    private void fill(Stage stage, LoadProcess load) throws IOException, InterruptedException {
        InetSocketAddress primary = stage.redis().primary().address();
        load.fill(primary, valueBytes, FILL_MILLIS);
        try (HugeValue client = new HugeValue(primary)) {
            client.set(hugeBytes);
        }
        try (RedisCommandClient client = RedisCommandClient.connect(primary, ANSWER_MAX)) {
            client.command("SET", SLOW_KEY, "v".repeat(SLOW_BYTES));
            client.command("WAIT", Integer.toString(stage.redis().replicas().size()), "0");
        }
    }

    private void measure(int round, Stage stage, LoadProcess load, Running subject, Company company)
            throws IOException, InterruptedException {
        LoadResult result;
        double fetched = 0;
        if (company == Company.NONE) {
            result = load.run(plan(subject, measure.measureMillis()));
        } else {
            try (Child disturber = disturber(stage, subject, company)) {
                disturber.line(ANSWER_MAX);
                long beginNanos = System.nanoTime();
                result = load.run(plan(subject, measure.measureMillis()));
                disturber.send("");
                fetched = Long.parseLong(disturber.line(ANSWER_MAX)) * 1e9 / (System.nanoTime() - beginNanos);
            }
        }
        Latencies latencies = Objects.requireNonNull(result.latencies());
        if (result.errors() > 0 || result.misses() > 0) {
            throw new IOException(
                    subject.name() + " gave " + result.errors() + " errors and missed " + result.misses() + " values");
        }
        String row = row(subject.name(), company);
        table.add(row, "p50 µs", latencies.p50Nanos() / 1e3);
        table.add(row, P99, latencies.p99Nanos() / 1e3);
        table.add(row, "p99.9 µs", latencies.p999Nanos() / 1e3);
        table.add(row, "late p99 µs", latencies.lateP99Nanos() / 1e3);
        table.add(row, "unanswered", (double) latencies.unanswered());
        table.add(row, "large values/s", fetched);
        if (subject.process().isPresent()) {
            ProcessUsage usage = Objects.requireNonNull(result.processes().get(subject.pid()));
            table.add(row, "RSS MiB", usage.residentBytes() / MEBI);
        }
        options.say("round %d/%d, %s: p99 %.0f µs".formatted(round, rounds.count(), row, latencies.p99Nanos() / 1e3));
    }

    private Child disturber(Stage stage, Running subject, Company company) throws IOException {
        boolean atProxy = company == Company.AT_PROXY;
        InetSocketAddress target =
                atProxy ? subject.address() : stage.redis().primary().address();
        List<String> arguments = new ArrayList<>(List.of(
                Main.DISTURB,
                "--target",
                target.getAddress().getHostAddress() + ":" + target.getPort(),
                "--value-bytes",
                Long.toString(hugeBytes),
                "--slow-key",
                SLOW_KEY));
        if (atProxy && subject.admin().isPresent()) {
            arguments.addAll(List.of("--first", TO_THE_PRIMARY));
        }
        return stage.jvm("disturb", arguments);
    }

    private LoadPlan plan(Running subject, long millis) {
        List<Long> pids =
                subject.process().map(process -> List.of(process.pid())).orElse(List.of());
        return new LoadPlan(
                subject.address().getHostString(),
                subject.address().getPort(),
                Traffic.mix(connections, pipelines, valueBytes, 0),
                rate,
                LEAD_MILLIS,
                Math.max(1, millis),
                pids);
    }

    private static String row(String subject, Company company) {
        return subject + ", " + company.text();
    }
}
