package io.tidegate.bench.alone;

import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.stage.LoadProcess;
import io.tidegate.bench.stage.MeasureOptions;
import io.tidegate.bench.stage.RoundOptions;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Scrape;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.bench.stage.Subject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code alloc}. */
@Command(
        name = "alloc",
        description = {
            "Loads Tidegate in a closed loop and prints what its event loops allocate on the heap for each request, by"
                    + " the JVM's own count for each thread, and then where, by samples of the flight recorder.",
            "The table is on standard output, everything else on standard error."
        },
        mixinStandardHelpOptions = true)
public final class AllocCommand implements Callable<Integer> {
    private static final String EVENT_LOOPS = "tidegate-data";
    private static final String EVERY_THREAD = "";
    private static final String REQUESTS = "tidegate_requests_total";

    /** From the beginning of a run until what comes with new connections is over. */
    private static final long SETTLE_MILLIS = 1_000;

    /** With small pieces of the heap for each thread, of which each new one can be sampled. */
    private static final String SUBJECT = "tidegate+-XX:TLABSize=16k";

    private static final int SITES = 8;

    @Mixin
    private StageOptions options = new StageOptions();

    @Mixin
    private RoundOptions rounds = new RoundOptions(3);

    @Mixin
    private MeasureOptions measure = new MeasureOptions(5_000, 20_000);

    @Option(
            names = "--subject",
            defaultValue = SUBJECT,
            paramLabel = "NAME",
            description = "A Tidegate, named as in compare. Default: ${DEFAULT-VALUE}.")
    private String name = SUBJECT;

    @Option(names = "--connections", defaultValue = "50", description = "Default: ${DEFAULT-VALUE}.")
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

    @Option(
            names = "--set-percent",
            defaultValue = "20",
            description = "How many of a hundred requests are SET, the others are GET. Default: ${DEFAULT-VALUE}.")
    private int setPercent;

    private final Table table = new Table("pipeline");
    private final List<String> sites = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Subject> present = options.present(List.of(name));
        if (present.isEmpty()) {
            return 1;
        }
        try (Stage stage = options.open();
                LoadProcess load = new LoadProcess(stage)) {
            options.say("starting " + name);
            Running tidegate = stage.start(present.get(0));
            load.fill(stage.redis().primary().address(), valueBytes, SETTLE_MILLIS);
            try (JvmProbe probe = new JvmProbe(tidegate.pid())) {
                for (int pipeline : pipelines) {
                    options.say("warming up, pipeline " + pipeline);
                    load.run(plan(tidegate, pipeline, measure.warmUpMillis() / pipelines.size()));
                }
                for (int round = 1; round <= rounds.count(); round++) {
                    for (int pipeline : pipelines) {
                        options.say("round %d/%d, pipeline %d".formatted(round, rounds.count(), pipeline));
                        count(tidegate, probe, load, pipeline);
                    }
                }
                for (int pipeline : pipelines) {
                    options.say("recording, pipeline " + pipeline);
                    record(tidegate, probe, load, pipeline, stage.file("alloc-" + pipeline, ".jfr"));
                }
            }
        }
        spec.commandLine().getOut().println(table.text());
        spec.commandLine().getOut().println(String.join("\n", sites));
        return 0;
    }

    private void count(Running tidegate, JvmProbe probe, LoadProcess load, int pipeline)
            throws IOException, InterruptedException {
        Future<LoadResult> run = begin(tidegate, load, pipeline);
        Counters before = look(tidegate, probe);
        tidegate.process().orElseThrow().awaitMoment(Duration.ofMillis(measure.measureMillis()));
        Counters after = look(tidegate, probe);
        check(run);
        String row = Integer.toString(pipeline);
        double requests = after.requests - before.requests;
        double seconds = (after.nanos - before.nanos) / 1e9;
        table.add(row, "k requests/s", requests / seconds / 1e3);
        table.add(row, "event loops: bytes/request", (after.loopBytes - before.loopBytes) / requests);
        table.add(row, "event loops: KiB/s", (after.loopBytes - before.loopBytes) / seconds / 1024);
        table.add(row, "all threads: KiB/s", (after.allBytes - before.allBytes) / seconds / 1024);
        table.add(row, "collections", (double) (after.collections - before.collections));
    }

    private void record(Running tidegate, JvmProbe probe, LoadProcess load, int pipeline, Path file)
            throws IOException, InterruptedException {
        Future<LoadResult> run = begin(tidegate, load, pipeline);
        long recording = probe.startRecording();
        tidegate.process().orElseThrow().awaitMoment(Duration.ofMillis(measure.measureMillis()));
        probe.stopRecording(recording, file);
        check(run);
        sites.add("pipeline " + pipeline + ", samples in event loops:");
        List<String> found = AllocationSites.of(file, EVENT_LOOPS, SITES);
        sites.addAll(found.isEmpty() ? List.of("none") : found);
    }

    /** Begins a run and returns when it has settled. */
    private Future<LoadResult> begin(Running tidegate, LoadProcess load, int pipeline)
            throws IOException, InterruptedException {
        // It goes on for longer than is looked at it.
        Future<LoadResult> run = load.begin(plan(tidegate, pipeline, measure.measureMillis() + 3 * SETTLE_MILLIS));
        tidegate.process().orElseThrow().awaitMoment(Duration.ofMillis(SETTLE_MILLIS));
        return run;
    }

    private LoadPlan plan(Running tidegate, int pipeline, long millis) {
        Traffic traffic = new Traffic(connections, pipeline, valueBytes, setPercent);
        return new LoadPlan(
                tidegate.address().getHostString(),
                tidegate.address().getPort(),
                List.of(traffic),
                0,
                0,
                Math.max(1, millis),
                List.of());
    }

    private static void check(Future<LoadResult> run) throws IOException, InterruptedException {
        LoadResult result = LoadProcess.result(run);
        if (result.errors() > 0 || result.misses() > 0) {
            throw new IOException(result.errors() + " errors and " + result.misses() + " values missed");
        }
    }

    private static Counters look(Running tidegate, JvmProbe probe) throws IOException, InterruptedException {
        double requests = Scrape.of(tidegate.admin().orElseThrow()).sum(REQUESTS);
        return new Counters(
                System.nanoTime(),
                requests,
                probe.allocatedBytes(EVENT_LOOPS),
                probe.allocatedBytes(EVERY_THREAD),
                probe.collections());
    }

    private record Counters(long nanos, double requests, long loopBytes, long allBytes, long collections) {}
}
