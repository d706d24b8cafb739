package io.tidegate.bench.stage;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.LocalRedisBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

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

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec command;

    /**
     * The subjects of these names, but those that are not installed, of which it is said.
     *
     * @throws ParameterException with what was expected
     */
    public List<Subject> present(List<String> names) {
        List<Subject> present = new ArrayList<>();
        for (Subject subject : checked(() -> Subjects.parse(names, launcher.toAbsolutePath(), predixy))) {
            subject.missing()
                    .ifPresentOrElse(why -> say("without " + subject.name() + ": " + why), () -> present.add(subject));
        }
        return present;
    }

    /** What is made of the command line: an {@link IllegalArgumentException} becomes a {@link ParameterException}. */
    public <T> T checked(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Tells whoever watches how far it is; the table alone goes to standard output. */
    public void say(String line) {
        command.commandLine().getErr().println(command.name() + ": " + line);
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
        return open(cpus, LocalRedis.builder().downAfterMillis(DOWN_AFTER_MILLIS));
    }

    /**
     * The same for whoever measures no cost: everything anywhere, unless asked for otherwise.
     *
     * @param servers with all that is special about them but their configuration
     */
    public Stage openAnywhere(LocalRedisBuilder servers) throws IOException, InterruptedException {
        return open(new Cpus(proxyCpusOr(""), otherCpus == null ? "" : otherCpus), servers);
    }

    private Stage open(Cpus cpus, LocalRedisBuilder servers) throws IOException, InterruptedException {
        Files.createDirectories(directory.toAbsolutePath());
        LocalRedis redis =
                servers.serverConfig(SERVER_CONFIG.toArray(String[]::new)).start();
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
