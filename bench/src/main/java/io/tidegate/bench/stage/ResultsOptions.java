package io.tidegate.bench.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the figures of a command stay, raw, so that all that is said of them can be made again. */
public final class ResultsOptions {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--results",
            paramLabel = "FILE",
            description = "Where every single figure goes, as JSON. Default: results.json in --dir.")
    private @Nullable Path file;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Measures nothing: makes again what can be made of what --results has written.")
    private @Nullable Path from;

    /** Measures. */
    public interface Measuring<R> {
        /** Empty if there was nothing to measure, which has been said. */
        Optional<R> measure() throws IOException, InterruptedException;
    }

    /**
     * What an earlier run has kept, if that was asked for; else what is measured now, when it has been kept.
     *
     * @param type of the results, which Jackson can read and write
     */
    public <R> Optional<R> of(Class<R> type, StageOptions stage, Measuring<R> measuring)
            throws IOException, InterruptedException {
        if (from != null) {
            return Optional.of(read(from, type));
        }
        Optional<R> results = measuring.measure();
        if (results.isPresent()) {
            Path kept = file == null ? stage.directory().resolve("results.json") : file;
            write(kept, results.get());
            stage.say("every figure is in " + kept);
        }
        return results;
    }

    /**
     * What {@link #write} has written.
     *
     * @throws IOException if there is no such file, or something else is in it
     */
    public static <R> R read(Path file, Class<R> type) throws IOException {
        return JSON.readValue(Files.readString(file), type);
    }

    /** Folders that are not there are made: what took minutes to measure is not lost for want of one. */
    public static void write(Path file, Object results) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n", UTF_8);
    }
}
