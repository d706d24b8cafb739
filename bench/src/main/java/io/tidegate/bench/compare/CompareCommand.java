package io.tidegate.bench.compare;

import io.tidegate.proxy.local.LocalRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code compare}. */
@Command(
        name = "compare",
        description = {
            "Puts the same load on the same Redis (a primary, two replicas, three sentinels), directly and through each"
                    + " proxy that is there, by turns, and prints one table.",
            "The table is on standard output, everything else on standard error."
        },
        mixinStandardHelpOptions = true)
public final class CompareCommand implements Callable<Integer> {
    /** Nothing may be taken for dead because the load has starved it for a moment. */
    private static final long DOWN_AFTER_MILLIS = 10_000;

    /** Above what Redis takes by default, for those who go to it directly. */
    private static final String CLIENTS_MAX = "maxclients 20000";

    @Option(
            names = "--subjects",
            split = ",",
            defaultValue = "direct,tidegate,nutcracker,haproxy,predixy",
            paramLabel = "NAME",
            description = "What is compared, separated by commas: " + Subjects.EXPECTED
                    + ". Ratios are to the first. Those not installed are skipped. Default: ${DEFAULT-VALUE}.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--tidegate",
            paramLabel = "FILE",
            defaultValue = "tidegate",
            description = "The launcher of a checkout. Default: ${DEFAULT-VALUE}.")
    private Path launcher = Path.of("");

    @Option(names = "--predixy", paramLabel = "FILE", description = "Where predixy is, if it is to take part.")
    private @Nullable Path predixy;

    @Option(names = "--connections", defaultValue = "50", description = "Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--pipelines",
            split = ",",
            defaultValue = "1,16,64",
            paramLabel = "N",
            description = "Requests that a connection sends together. Default: ${DEFAULT-VALUE}.")
    private List<Integer> pipelines = new ArrayList<>();

    @Option(names = "--value-bytes", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--set-percent",
            defaultValue = "0",
            description = "How many of a hundred requests are SET, the others are GET. Default: ${DEFAULT-VALUE}.")
    private int setPercent;

    @Option(names = "--rounds", defaultValue = "5", description = "Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--millis",
            defaultValue = "3000",
            description = "How long each measurement takes. Default: ${DEFAULT-VALUE}.")
    private long measureMillis;

    @Option(
            names = "--warm-up-millis",
            defaultValue = "9000",
            description = "Load on each subject before anything is measured: a JVM wants 6 s at least. Default:"
                    + " ${DEFAULT-VALUE}.")
    private long warmUpMillis;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "Requests per second while latencies are measured; 0 for 40 %% of what the slowest subject can"
                            + " do. Default: ${DEFAULT-VALUE}.")
    private long rate;

    @Option(
            names = "--proxy-cpus",
            paramLabel = "LIST",
            description = "Processors of the proxies, as taskset writes them. Default: the second that there is.")
    private @Nullable String proxyCpus;

    @Option(
            names = "--other-cpus",
            paramLabel = "LIST",
            description = "Processors of Redis and the load. Default: the first.")
    private @Nullable String otherCpus;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "bench/target/compare",
            description = "Where configurations and logs of the proxies go and stay. Default: ${DEFAULT-VALUE}.")
    private Path directory = Path.of("");

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Setup setup;
        List<Subject> subjects;
        try {
            setup = new Setup(
                    connections, pipelines, valueBytes, setPercent, rounds, measureMillis, warmUpMillis, rate);
            subjects = Subjects.parse(names, launcher.toAbsolutePath(), predixy);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        List<Subject> present = present(subjects);
        if (present.isEmpty()) {
            say("nothing to compare");
            return 1;
        }
        say("some " + Comparison.planned(setup, present.size()).toSeconds() + " s from when everything is up");
        Cpus found = Cpus.ofThisMachine();
        Cpus cpus =
                new Cpus(proxyCpus == null ? found.proxy() : proxyCpus, otherCpus == null ? found.others() : otherCpus);
        try (LocalRedis redis = LocalRedis.builder()
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .serverConfig(CLIENTS_MAX)
                .start()) {
            for (long pid : redis.pids().values()) {
                Cpus.pin(cpus.others(), pid);
            }
            Stage stage = new Stage(Files.createDirectories(directory.toAbsolutePath()), cpus, redis);
            spec.commandLine().getOut().println(compare(setup, stage, present));
        }
        return 0;
    }

    private List<Subject> present(List<Subject> subjects) {
        List<Subject> present = new ArrayList<>();
        for (Subject subject : subjects) {
            subject.missing()
                    .ifPresentOrElse(why -> say("without " + subject.name() + ": " + why), () -> present.add(subject));
        }
        return present;
    }

    private String compare(Setup setup, Stage stage, List<Subject> subjects) throws IOException, InterruptedException {
        List<Running> running = new ArrayList<>();
        try (LoadProcess load = new LoadProcess(stage)) {
            for (Subject subject : subjects) {
                say("starting " + subject.name());
                running.add(subject.start(stage));
            }
            Comparison comparison = new Comparison(setup, stage.redis(), running, load, this::say);
            comparison.run();
            return Report.text(setup, stage.cpus(), running, comparison);
        } finally {
            running.forEach(Running::close);
        }
    }

    private void say(String line) {
        spec.commandLine().getErr().println("compare: " + line);
    }
}
