package io.tidegate.bench.alone;

import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.ProcessUsage;
import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.stage.Cpus;
import io.tidegate.bench.stage.LoadProcess;
import io.tidegate.bench.stage.MeasureOptions;
import io.tidegate.bench.stage.RoundOptions;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Scrape;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.bench.stage.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scale}. */
@Command(
        name = "scale",
        description = {
            "Loads Tidegate with one event loop and with more, by turns, and prints throughput, processor time per"
                    + " request, and how evenly the clients are spread over the loops.",
            "The table is on standard output, everything else on standard error."
        },
        mixinStandardHelpOptions = true)
public final class ScaleCommand implements Callable<Integer> {
    private static final String CLIENTS = "tidegate_loop_client_connections";
    private static final String THROUGHPUT = "k requests/s";
    private static final String CPU = "CPU µs/request";
    private static final long LEAD_MILLIS = 500;
    private static final long FILL_MILLIS = 1_000;
    private static final Duration MOMENT = Duration.ofMillis(20);

    @Mixin
    private StageOptions options = new StageOptions();

    @Mixin
    private RoundOptions rounds = new RoundOptions(5);

    @Mixin
    private MeasureOptions measure = new MeasureOptions(3_000, 9_000);

    @Option(
            names = "--loops",
            split = ",",
            defaultValue = "1,2",
            paramLabel = "N",
            description = "Numbers of event loops; ratios are to the first. Default: ${DEFAULT-VALUE}.")
    private List<Integer> loops = new ArrayList<>();

    @Option(names = "--connections", defaultValue = "200", description = "Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--pipelines",
            split = ",",
            defaultValue = "1,16",
            paramLabel = "N",
            description = "Requests that a connection sends together. Default: ${DEFAULT-VALUE}.")
    private List<Integer> pipelines = new ArrayList<>();

    @Option(names = "--value-bytes", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    private final Table table = new Table("pipeline, loops");

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Subject> subjects = options.present(
                loops.stream().map(count -> "tidegate+event-loops=" + count).toList());
        if (subjects.isEmpty()) {
            return 1;
        }
        Cpus found = Cpus.ofThisMachine();
        String every = found.proxy().isEmpty() ? "" : found.others() + "," + found.proxy();
        try (Stage stage = options.open(options.proxyCpusOr(every));
                LoadProcess load = new LoadProcess(stage)) {
            List<Running> running = new ArrayList<>();
            for (Subject subject : subjects) {
                options.say("starting " + subject.name());
                running.add(stage.start(subject));
            }
            load.fill(stage.redis().primary().address(), valueBytes, FILL_MILLIS);
            for (Running tidegate : running) {
                options.say("warming up " + tidegate.name());
                for (int pipeline : pipelines) {
                    load.run(plan(tidegate, pipeline, measure.warmUpMillis() / pipelines.size()));
                }
            }
            for (int round = 1; round <= rounds.count(); round++) {
                for (int pipeline : pipelines) {
                    for (int i = 0; i < running.size(); i++) {
                        options.say("round %d/%d, pipeline %d, %s"
                                .formatted(
                                        round,
                                        rounds.count(),
                                        pipeline,
                                        running.get(i).name()));
                        measure(running.get(i), load, pipeline, row(pipeline, loops.get(i)));
                    }
                }
            }
            stage.checkNoFailover();
            spec.commandLine().getOut().println(stage.cpus() + "; " + connections + " connections.\n");
        }
        for (int pipeline : pipelines) {
            String first = row(pipeline, loops.get(0));
            List<String> others = loops.subList(1, loops.size()).stream()
                    .map(count -> row(pipeline, count))
                    .toList();
            table.addRatio(others, first, THROUGHPUT, THROUGHPUT + " × " + loops.get(0) + " loop");
            table.addRatio(others, first, CPU, CPU + " × " + loops.get(0) + " loop");
        }
        spec.commandLine().getOut().println(table.text());
        return 0;
    }

    private void measure(Running tidegate, LoadProcess load, int pipeline, String row)
            throws IOException, InterruptedException {
        Future<LoadResult> run = load.begin(plan(tidegate, pipeline, measure.measureMillis()));
        Collection<Double> clients = clients(tidegate, run);
        LoadResult result = LoadProcess.result(run);
        if (result.errors() > 0 || result.misses() > 0 || result.requests() == 0) {
            throw new IOException(result.errors() + " errors, " + result.misses() + " values missed, "
                    + result.requests() + " requests answered");
        }
        ProcessUsage usage = Objects.requireNonNull(result.processes().get(tidegate.pid()));
        table.add(row, THROUGHPUT, result.requestsPerSecond() / 1e3);
        table.add(row, CPU, usage.cpuNanos() / 1e3 / result.requests());
        table.add(row, "fewest clients of a loop", Collections.min(clients));
        table.add(row, "most clients of a loop", Collections.max(clients));
    }

    /** How many clients each loop has, once all are there. */
    private Collection<Double> clients(Running tidegate, Future<LoadResult> run)
            throws IOException, InterruptedException {
        Collection<Double> clients = List.of();
        while (!run.isDone()) {
            clients = Scrape.of(tidegate.admin().orElseThrow())
                    .by(CLIENTS, "loop")
                    .values();
            if (clients.stream().mapToDouble(Double::doubleValue).sum() == connections) {
                return clients;
            }
            tidegate.process().orElseThrow().awaitMoment(MOMENT);
        }
        LoadProcess.result(run); // or what ended the load before its time
        throw new IOException(tidegate.name() + " never had " + connections + " clients at a time, in the end "
                + clients + " in its loops");
    }

    private LoadPlan plan(Running tidegate, int pipeline, long millis) {
        return new LoadPlan(
                tidegate.address().getHostString(),
                tidegate.address().getPort(),
                List.of(new Traffic(connections, pipeline, valueBytes, 0)),
                0,
                LEAD_MILLIS,
                Math.max(1, millis),
                List.of(tidegate.pid()));
    }

    private static String row(int pipeline, int loops) {
        return pipeline + ", " + loops;
    }
}
