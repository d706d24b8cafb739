package io.tidegate.bench.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What drills gave, raw, with all that the table says of it: it can be made again from this.
 *
 * @param machine they were made on
 * @param versions of the subjects, in their order
 * @param lines one for each fault, round and subject
 */
record Results(String machine, Setup setup, List<Version> versions, List<Line> lines) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a subject says of itself. */
    record Version(String subject, String version) {}

    /** What came of one fault for one subject. */
    record Line(Fault fault, int round, String subject, Verdict verdict) {}

    /** @throws IOException if there is no such file, or something else is in it */
    static Results read(Path file) throws IOException {
        return JSON.readValue(Files.readString(file), Results.class);
    }

    /** Folders that are not there are made: what took minutes is not lost for want of one. */
    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n", UTF_8);
    }
}
