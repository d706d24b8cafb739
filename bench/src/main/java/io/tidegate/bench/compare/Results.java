package io.tidegate.bench.compare;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bench.load.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a comparison gave, raw, with all that tables and plots say of it: they can be made again from this.
 *
 * @param machine it was measured on
 * @param cpus who ran where
 * @param versions of the subjects, in their order
 * @param rates at which latencies were measured
 */
record Results(
        String machine,
        String cpus,
        Setup setup,
        List<Version> versions,
        List<Rate> rates,
        List<Figures.Line> figures) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a subject says of itself. */
    record Version(String subject, String version) {}

    /** Requests per second. */
    record Rate(Traffic traffic, long rate) {}

    /** @throws IOException if there is no such file, or something else is in it */
    static Results read(Path file) throws IOException {
        return JSON.readValue(Files.readString(file), Results.class);
    }

    /** Folders that are not there are made: what took minutes to measure is not lost for want of one. */
    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n", UTF_8);
    }

    /** Names, in order. */
    List<String> subjects() {
        return versions.stream().map(Version::subject).toList();
    }
}
