package io.tidegate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.LocalRedis;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with the packaged jar, this JDK and what that JDK makes of an archive. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ArchiveIT {
    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path checkout;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void checkout() throws IOException {
        Path built = RepositoryRoot.path().resolve("proxy/target/tidegate.jar");
        Files.createDirectories(jar().resolveSibling(""));
        Files.copy(built, jar());
        Files.copy(RepositoryRoot.path().resolve("tidegate"), checkout.resolve("tidegate"));
        for (String source : List.of("protocol/src/main", "routing/src/main", "proxy/src/main")) {
            Files.createDirectories(checkout.resolve(source));
        }
        for (String pom : List.of("pom.xml", "protocol/pom.xml", "routing/pom.xml", "proxy/pom.xml")) {
            Files.createFile(checkout.resolve(pom));
        }
        try (Stream<Path> all = Files.walk(checkout)) {
            for (Path path : all.filter(each -> !each.equals(jar())).toList()) {
                Files.setLastModifiedTime(path, FileTime.from(Instant.EPOCH)); // so that nothing is built
            }
        }
    }

    @Test
    void anArchiveIsMadeAndUsedAndHarmsNobodyWhenItDoesNotFit() throws Exception {
        Path loaded = checkout.resolve("loaded.log");
        assertThat(firstLineOfADemo("-Xlog:class+load:file=" + loaded)).startsWith("{\"ready\":true,");
        assertThat(Files.size(archive())).isGreaterThan(1_000_000);
        // The demo's own are not in it, nor what happens to be needed this time only.
        assertThat(loaded("source: shared objects file", loaded))
                .hasSizeGreaterThan(10 * loaded("source: (file|jar):.*", loaded).size())
                .hasSizeGreaterThan(200);
        assertThat(version()).isEqualTo(new Result(0, version().out, ""));

        Path archive = archive();
        byte[] good = Files.readAllBytes(archive);
        Files.setLastModifiedTime(jar(), FileTime.from(Instant.now().minusSeconds(60)));
        assertThat(version().err).as("of another build").isEmpty();
        assertThat(version().exit).isZero();
        Files.delete(archive); // it is read-only
        Files.write(archive, new byte[good.length]);
        assertThat(version().err).as("broken").isEmpty();
        assertThat(version().exit).isZero();
    }

    /** Whatever of ours is not in it is read and checked at every start. */
    @Test
    void allThatAStartNeedsOfOursIsInTheArchive() throws Exception {
        Path loaded = checkout.resolve("loaded.log");
        try (LocalRedis redis = LocalRedis.builder().start()) {
            Path config = Files.writeString(checkout.resolve("tidegate.yaml"), """
                    listeners: [{address: "127.0.0.1:0"}]
                    upstream: {sentinel: {master: %s, nodes: ["%s"]}}
                    admin: {address: "127.0.0.1:0"}
                    """.formatted(
                            LocalRedis.MASTER_NAME, redis.sentinels().get(0).endpoint()));
            assertThat(firstLine("-Xlog:class+load:file=" + loaded, "serve", "--json", "--config", config.toString()))
                    .startsWith("{\"ready\":true,");
        }
        assertThat(loaded("source: (file|jar):.*", loaded)).isEmpty();
        assertThat(loaded("source: shared objects file", loaded)).hasSizeGreaterThan(200);
    }

    private String firstLineOfADemo(String option) throws IOException, InterruptedException {
        return firstLine(option, "demo", "--idle", "--json", "--port-base", "0");
    }

    private String firstLine(String option, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(checkout.resolve("tidegate").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectError(checkout.resolve("err").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("TIDEGATE_JAVA_OPTS", option);
        Process process = builder.start();
        try (BufferedReader out = process.inputReader(UTF_8)) {
            String line = out.readLine();
            process.toHandle().destroy();
            process.waitFor();
            return line == null ? Files.readString(checkout.resolve("err")) : line;
        } finally {
            process.destroyForcibly();
        }
    }

    private Result version() throws IOException, InterruptedException {
        Path out = checkout.resolve("out");
        Path err = checkout.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(checkout.resolve("tidegate").toString(), "--version")
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        int exit = builder.start().waitFor();
        return new Result(exit, Files.readString(out), Files.readString(err));
    }

    /** Our classes that were loaded from there. */
    private static List<String> loaded(String source, Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.matches(".* io\\.tidegate\\.\\S+ " + source + ".*"))
                .toList();
    }

    private Path jar() {
        return checkout.resolve("proxy/target/tidegate.jar");
    }

    private Path archive() throws IOException {
        try (Stream<Path> files = Files.list(jar().resolveSibling(""))) {
            return files.filter(file -> file.toString().endsWith(".jsa"))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
