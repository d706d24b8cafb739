package io.tidegate.bench.stage;

import io.tidegate.proxy.local.LocalRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every command has which starts a Redis and something in front of it. */
public final class StageOptions {
    /** Nothing may be taken for dead because the load has starved it for a moment. */
    private static final long DOWN_AFTER_MILLIS = 10_000;

    private static final List<String> SERVER_CONFIG = List.of(
            // Above what Redis takes by default, for those who go to it directly.
            "maxclients 20000",
            // A single value of 512 MiB is more than a replica may be behind by default.
            "client-output-buffer-limit replica 0 0 0");

    @Option(
            names = "--tidegate",
            paramLabel = "FILE",
            defaultValue = "tidegate",
            description = "The launcher of a checkout. Default: ${DEFAULT-VALUE}.")
    private Path launcher = Path.of("");

    @Option(names = "--predixy", paramLabel = "FILE", description = "Where predixy is, if it is to take part.")
    private @Nullable Path predixy;

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
            defaultValue = "bench/target/bench",
            description = "Where configurations and logs of the proxies go and stay. Default: ${DEFAULT-VALUE}.")
    private Path directory = Path.of("");

    /**
     * The subjects of these names, those left out that are not installed.
     *
     * @param say told of each that is left out
     * @throws IllegalArgumentException with what was expected
     */
    public List<Subject> present(List<String> names, Consumer<String> say) {
        List<Subject> present = new ArrayList<>();
        for (Subject subject : Subjects.parse(names, launcher.toAbsolutePath(), predixy)) {
            subject.missing()
                    .ifPresentOrElse(
                            why -> say.accept("without " + subject.name() + ": " + why), () -> present.add(subject));
        }
        return present;
    }

    /** The proxies' processors as asked for, or these. */
    public String proxyCpusOr(String otherwise) {
        return proxyCpus == null ? otherwise : proxyCpus;
    }

    /** Starts a primary, two replicas and three sentinels. */
    public Stage open() throws IOException, InterruptedException {
        Cpus found = Cpus.ofThisMachine();
        return open(proxyCpusOr(found.proxy()));
    }

    /** The same, with the proxies on these processors. */
    public Stage open(String cpusOfProxies) throws IOException, InterruptedException {
        Cpus cpus =
                new Cpus(cpusOfProxies, otherCpus == null ? Cpus.ofThisMachine().others() : otherCpus);
        Files.createDirectories(directory.toAbsolutePath());
        LocalRedis redis = LocalRedis.builder()
                .downAfterMillis(DOWN_AFTER_MILLIS)
                .serverConfig(SERVER_CONFIG.toArray(String[]::new))
                .start();
        Stage stage = new Stage(directory.toAbsolutePath(), cpus, redis);
        try {
            for (long pid : redis.pids().values()) {
                Cpus.pin(cpus.others(), pid);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            stage.close();
            throw e;
        }
        return stage;
    }

    /** Where files of a run go. */
    public Path directory() {
        return directory.toAbsolutePath();
    }
}
