package io.tidegate.bench.compare;

import io.tidegate.bench.stage.LoadProcess;
import io.tidegate.bench.stage.Machine;
import io.tidegate.bench.stage.MeasureOptions;
import io.tidegate.bench.stage.ResultsOptions;
import io.tidegate.bench.stage.RoundOptions;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.bench.stage.Subject;
import io.tidegate.bench.stage.Subjects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code compare}. */
@Command(
        name = "compare",
        description = {
            "Puts the same load on the same Redis (a primary, two replicas, three sentinels), directly and through each"
                    + " proxy that is there, by turns, and prints a table, and another of the ratios.",
            "The tables are on standard output, everything else on standard error. Numbers can be several, separated by"
                    + " commas: then each is measured with each."
        },
        mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
    @Mixin
    private StageOptions options = new StageOptions();

    @Mixin
    private RoundOptions rounds = new RoundOptions(5);

    @Mixin
    private ResultsOptions kept = new ResultsOptions();

    @Mixin
    private MeasureOptions measure = new MeasureOptions(3_000, 9_000);

    @Option(
            names = "--subjects",
            split = ",",
            defaultValue = "tidegate,direct,nutcracker,haproxy,predixy",
            paramLabel = "NAME",
            description = "What is compared, separated by commas: " + Subjects.EXPECTED
                    + ". Those not installed are skipped. Default: ${DEFAULT-VALUE}.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--references",
            split = ",",
            defaultValue = "direct,nutcracker,predixy",
            paramLabel = "NAME",
            description = "To which subjects ratios are taken. Default: ${DEFAULT-VALUE}, as far as they take part.")
    private List<String> references = new ArrayList<>();

    @Option(
            names = "--connections",
            split = ",",
            defaultValue = "50",
            paramLabel = "N",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> connections = new ArrayList<>();

    @Option(
            names = "--pipelines",
            split = ",",
            defaultValue = "1,16,64",
            paramLabel = "N",
            description = "Requests that a connection sends together. Default: ${DEFAULT-VALUE}.")
    private List<Integer> pipelines = new ArrayList<>();

    @Option(
            names = "--value-bytes",
            split = ",",
            defaultValue = "16",
            paramLabel = "N",
            description = "Default: ${DEFAULT-VALUE}.")
    private List<Integer> valueBytes = new ArrayList<>();

    @Option(
            names = "--set-percent",
            split = ",",
            defaultValue = "0",
            paramLabel = "N",
            description = "How many of a hundred requests are SET, the others are GET. Default: ${DEFAULT-VALUE}.")
    private List<Integer> setPercents = new ArrayList<>();

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "Requests per second while latencies are measured; 0 for 40 %% of what the slowest subject can"
                            + " do. Default: ${DEFAULT-VALUE}.")
    private long rate;

    @Option(names = "--no-latencies", description = "Measures throughput and cost only, in half the time.")
    private boolean noLatencies;

    @Option(
            names = "--plots",
            paramLabel = "DIR",
            description = "Where plots go, as SVG, by depth of pipelines and length of values, if there are several.")
    private @Nullable Path plots;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<Results> results = kept.of(Results.class, options, this::measured);
        if (results.isEmpty()) {
            return 1;
        }
        spec.commandLine().getOut().println(new Report(results.get()).text(references));
        if (plots != null) {
            new Plots(results.get()).write(plots).forEach(file -> options.say("wrote " + file));
        }
        return 0;
    }

    private Optional<Results> measured() throws IOException, InterruptedException {
        Setup setup = options.checked(() -> new Setup(
                Setup.cases(connections, setPercents, valueBytes, pipelines),
                rounds.count(),
                measure.measureMillis(),
                measure.warmUpMillis(),
                !noLatencies,
                rate));
        List<Subject> subjects = options.present(names);
        if (subjects.isEmpty()) {
            options.say("nothing to compare");
            return Optional.empty();
        }
        options.say("some " + setup.planned(subjects.size()).toSeconds() + " s from when everything is up");
        return Optional.of(measured(setup, subjects));
    }

    private Results measured(Setup setup, List<Subject> subjects) throws IOException, InterruptedException {
        try (Stage stage = options.open();
                LoadProcess load = new LoadProcess(stage)) {
            List<Running> running = new ArrayList<>();
            for (Subject subject : subjects) {
                options.say("starting " + subject.name());
                running.add(stage.start(subject));
            }
            Comparison comparison = new Comparison(setup, stage, running, load, options::say);
            comparison.run();
            return new Results(
                    Machine.description(),
                    stage.cpus().toString(),
                    setup,
                    running.stream()
                            .map(each -> new Results.Version(each.name(), each.version()))
                            .toList(),
                    comparison.rates(),
                    comparison.figures().lines());
        }
    }
}
