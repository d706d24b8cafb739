package io.tidegate.proxy.local;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisBinaryTest {
    private static final String REDIS_7 = "Redis server v=7.2.4 sha=00000000:0 malloc=libc bits=64";
    private static final String REDIS_5 = "Redis server v=5.0.14 sha=00000000:0 malloc=libc bits=64";

    @TempDir
    private Path directory;

    @Test
    void takesTheFirstServerOnThePath() throws IOException {
        Path first = program("first", REDIS_7);
        Path second = program("second", "Valkey server v=8.0.1 sha=00000000:0");
        assertThat(locate("PATH", path(directory.resolve("nothing"), first, second)))
                .isEqualTo(new RedisBinary(first, "7.2.4"));
        assertThat(locate("PATH", path(second))).isEqualTo(new RedisBinary(second, "8.0.1"));
    }

    @ParameterizedTest
    @CsvSource({"6.2.0, true", "6.10.1, true", "10.0.0, true", "6.0.16, false", "5.9.9, false"})
    void takesNoServerThatIsTooOld(String version, boolean taken) throws IOException {
        Path program = program("bin", "Redis server v=" + version + " sha=00000000:0");
        assertThat(locate("PATH", path(program)).path().equals(program)).isEqualTo(taken);
    }

    @Test
    void passesOverWhatIsNotAServer() throws IOException {
        Path program = program("bin", "hello");
        assertThat(locate("PATH", path(program)).version()).isEqualTo("7.0.15");
    }

    @Test
    void theOverrideIsTakenWhateverItsAge() throws IOException {
        Path program = program("old", REDIS_5);
        assertThat(locate(RedisBinary.OVERRIDE, program.toString())).isEqualTo(new RedisBinary(program, "5.0.14"));
        assertThat(RedisBinary.locate(directory, Map.of(RedisBinary.OVERRIDE, "nowhere"), program.toString()))
                .isEqualTo(new RedisBinary(program, "5.0.14"));
    }

    @Test
    void anOverrideThatDoesNotWorkIsNotReplacedByAnother() {
        assertThatExceptionOfType(LocalRedisException.class)
                .isThrownBy(() -> locate(RedisBinary.OVERRIDE, "/no/such/redis-server"))
                .withMessageContaining(RedisBinary.OVERRIDE)
                .withMessageContaining("/no/such/redis-server");
    }

    @ParameterizedTest
    @CsvSource({"Linux, amd64", "Linux, aarch64", "Mac OS X, x86_64", "Mac OS X, aarch64"})
    void carriesOneForEachPlatform(String osName, String osArch) {
        RedisBinary binary = RedisBinary.embedded(directory, osName, osArch);
        assertThat(binary.path()).isExecutable().hasParent(directory);
        assertThat(binary.path().toFile().length()).isGreaterThan(1_000_000);
        assertThat(RedisBinary.embedded(directory, osName, osArch)).isEqualTo(binary);
        assertThat(directory).isDirectoryNotContaining(file -> file.toString().endsWith(".partial"));
    }

    @ParameterizedTest
    @CsvSource({"Windows 11, amd64", "Linux, riscv64"})
    void saysWhatToDoOnAnyOther(String osName, String osArch) {
        assertThatExceptionOfType(LocalRedisException.class)
                .isThrownBy(() -> RedisBinary.embedded(directory, osName, osArch))
                .withMessageContaining(osName)
                .withMessageContaining(osArch)
                .withMessageContaining(RedisBinary.OVERRIDE);
    }

    private RedisBinary locate(String variable, String value) {
        return RedisBinary.locate(directory, Map.of(variable, value), null);
    }

    private Path program(String folder, String says) throws IOException {
        Path program = Files.createDirectories(directory.resolve(folder)).resolve("redis-server");
        Files.writeString(program, "#!/bin/sh\necho '" + says + "'\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        return program;
    }

    /** A PATH with the folders of these programs. */
    private static String path(Path... programs) {
        return Stream.of(programs).map(Path::getParent).map(String::valueOf).collect(joining(File.pathSeparator));
    }
}
