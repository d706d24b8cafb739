package io.tidegate.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher in a checkout made for it, with a Java and a Maven that only say what they were asked. */
class LauncherTest {
    /** All that the launcher may need of a system, besides Java and Maven. */
    private static final List<String> TOOLS =
            List.of("sed", "head", "dirname", "readlink", "find", "touch", "cat", "cksum", "mv", "rm");

    private static final FileTime LONG_AGO = FileTime.from(Instant.parse("2020-01-01T00:00:00Z"));
    private static final FileTime LATER = FileTime.from(Instant.parse("2021-01-01T00:00:00Z"));

    @TempDir
    private Path temporary;

    private final Map<String, String> environment = new LinkedHashMap<>();
    private Path checkout;
    private Path programs;
    private Path jar;

    private record Result(int exit, List<String> out, String err) {}

    @BeforeEach
    void checkout() throws IOException {
        checkout = Files.createDirectories(temporary.resolve("with a blank").resolve("checkout"));
        programs = Files.createDirectories(temporary.resolve("programs"));
        jar = checkout.resolve("proxy/target/tidegate.jar");
        for (String file :
                List.of("pom.xml", "protocol/pom.xml", "routing/pom.xml", "proxy/pom.xml", "bench/pom.xml")) {
            write(checkout.resolve(file), LONG_AGO);
        }
        for (String module : List.of("protocol", "routing", "proxy")) {
            write(checkout.resolve(module).resolve("src/main/java/A.java"), LONG_AGO);
        }
        Files.copy(RepositoryRoot.path().resolve("tidegate"), checkout.resolve("tidegate"));
        try (Stream<Path> all = Files.walk(checkout)) {
            for (Path path : all.toList()) {
                Files.setLastModifiedTime(path, LONG_AGO);
            }
        }
        for (String tool : TOOLS) {
            script(tool, "exec '" + installed(tool) + "' \"$@\"");
        }
        script("java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2");
        script(
                "mvn",
                "echo noise; echo noise >&2; /bin/mkdir -p proxy/target; echo \"$@\" > proxy/target/tidegate.jar");
        environment.put("PATH", programs.toString());
    }

    @Test
    void buildsWhatIsMissingAndSaysNothingOnStandardOutput() throws Exception {
        Result result = run(temporary, checkout.resolve("tidegate"), "demo", "a b", "");
        assertThat(result.out)
                .containsExactly(
                        "-XX:+UseSerialGC",
                        "-Xms32m",
                        "-XX:MaxNewSize=16m",
                        "-XX:-UsePerfData",
                        "-XX:Tier4InvocationThreshold=20000",
                        "-XX:Tier4MinInvocationThreshold=2400",
                        "-XX:Tier4CompileThreshold=60000",
                        "-XX:Tier4BackEdgeThreshold=160000",
                        "-XX:TrimNativeHeapInterval=30000",
                        "-Xlog:trimnative=off",
                        "-jar",
                        jar.toString(),
                        "demo",
                        "a b",
                        "");
        assertThat(result.exit).isEqualTo(7);
        assertThat(result.err).contains("tidegate: building").contains("noise\nnoise");
        assertThat(jar).hasContent("-q -B -pl proxy -am -DskipTests package\n");
    }

    @Test
    void buildsAgainOnlyWhenASourceIsNewerOrGone() throws Exception {
        Path launcher = checkout.resolve("tidegate");
        write(jar, LATER);
        assertThat(run(checkout, launcher).err).isEmpty();
        for (String source : List.of("pom.xml", "routing/pom.xml", "protocol/src/main/java/A.java")) {
            Files.setLastModifiedTime(jar, LATER);
            write(checkout.resolve(source), FileTime.from(Instant.parse("2022-01-01T00:00:00Z")));
            assertThat(run(checkout, launcher).err).as(source).contains("building");
            assertThat(run(checkout, launcher).err).as(source).isEmpty();
        }
        Files.delete(checkout.resolve("proxy/src/main/java/A.java"));
        Files.setLastModifiedTime(jar, LATER);
        assertThat(run(checkout, launcher).err).contains("building");
    }

    @Test
    void runsAJarWithoutSourcesAsItIs() throws Exception {
        write(jar, LONG_AGO);
        Files.delete(checkout.resolve("pom.xml"));
        Result result = run(checkout, checkout.resolve("tidegate"));
        assertThat(result.err).isEmpty();
        assertThat(result.out).contains(jar.toString());
    }

    @Test
    void isCalledThroughLinksFromAnywhere() throws Exception {
        write(jar, LATER);
        Path absolute = Files.createSymbolicLink(temporary.resolve("absolute"), checkout.resolve("tidegate"));
        Path relative = Files.createSymbolicLink(
                Files.createDirectories(temporary.resolve("bin")).resolve("relative"), Path.of("../absolute"));
        assertThat(run(temporary, absolute).out).contains(jar.toString());
        assertThat(run(checkout.resolve("routing"), relative).out).contains(jar.toString());
    }

    @ParameterizedTest
    @CsvSource({"17.0.1, false", "21, false", "24.0.2, true", "25-ea, true"})
    void tellsNewJvmsAboutNativeCode(String version, boolean told) throws Exception {
        write(jar, LATER);
        script("java", "echo 'Picked up JAVA_TOOL_OPTIONS: -Da=b'; echo 'openjdk version \"" + version + "\"'");
        assertThat(run(checkout, checkout.resolve("tidegate"), "x").out.contains("--enable-native-access=ALL-UNNAMED"))
                .isEqualTo(told);
    }

    /** OpenJDK's changes 8293114 and 8325496, and their way into the releases before. */
    @ParameterizedTest
    @CsvSource({
        "17, false",
        "17.0.9, false",
        "17.0.10, false",
        "17.0.11, true",
        "17.0.20, true",
        "18.0.2, false",
        "21, false",
        "21.0.2.1, false",
        "21.0.3, true",
        "21.0.10, true",
        "22.0.2, false",
        "23, true",
        "25.0.3, true",
        "26-ea, true"
    })
    void asksForMemoryBackWhereThatIsNoExperiment(String version, boolean asked) throws Exception {
        write(jar, LATER);
        script("java", "echo 'openjdk version \"" + version + "\"'");
        assertThat(run(checkout, checkout.resolve("tidegate"), "x").out.contains("-XX:TrimNativeHeapInterval=30000"))
                .isEqualTo(asked);
    }

    @Test
    void takesOptionsForTheJvm() throws Exception {
        write(jar, LATER);
        environment.put("TIDEGATE_JAVA_OPTS", "-Xmx64m  -Da=b");
        assertThat(run(checkout, checkout.resolve("tidegate"), "x").out)
                .containsSubsequence("-XX:+UseSerialGC", "-Xmx64m", "-Da=b", "-jar", jar.toString(), "x");
    }

    @ParameterizedTest
    @CsvSource({"17.0.9, -XX:ArchiveClassesAtExit=, -XX:SharedArchiveFile=", "25, -XX:AOTCacheOutput=, -XX:AOTCache="})
    void recordsAStartOnceForEachBuildAndJdk(String version, String record, String use) throws Exception {
        write(jar, LATER);
        jdk(version, "echo archive > \"$file\"");
        Result first = run(checkout, checkout.resolve("tidegate"), "serve", "--config", "c");
        assertThat(first.err).contains("recording a start");
        assertThat(first.out).contains(use + archive(), "-jar", jar.toString(), "serve", "--config", "c");
        assertThat(archive()).hasContent("archive");
        assertThat(archive().resolveSibling(archive().getFileName() + ".log"))
                .content()
                .contains("-XX:+UseSerialGC", record + archive(), "train");
        Result second = run(checkout, checkout.resolve("tidegate"), "serve");
        assertThat(second.err).isEmpty();
        assertThat(second.out).contains(use + archive());

        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(checkout, checkout.resolve("tidegate"), "demo").err).contains("recording a start");
        Files.writeString(temporary.resolve("jdk/release"), "IMPLEMENTOR=\"another\"\n", APPEND);
        Files.setLastModifiedTime(jar, LATER);
        assertThat(run(checkout, checkout.resolve("tidegate"), "demo").err).contains("recording a start");
        assertThat(left()).filteredOn(name -> name.endsWith(".jsa")).hasSize(2);

        try (Stream<Path> files = Files.list(jar.resolveSibling(""))) {
            for (Path file : files.filter(each -> !each.equals(jar)).toList()) {
                Files.delete(file);
            }
        }
        Result alone = run(checkout, checkout.resolve("tidegate"), "archive");
        assertThat(alone.exit).isZero();
        assertThat(alone.out).as("runs nothing else").isEmpty();
        assertThat(archive()).hasContent("archive");
    }

    @Test
    void recordsNothingForACommandThatEndsAtOnce() throws Exception {
        write(jar, LATER);
        jdk("17", "echo archive > \"$file\"");
        for (String command : List.of("check", "--version", "--help")) {
            assertThat(run(checkout, checkout.resolve("tidegate"), command).err).isEmpty();
        }
        assertThat(left()).containsExactly("tidegate.jar");
        run(checkout, checkout.resolve("tidegate"), "serve");
        assertThat(run(checkout, checkout.resolve("tidegate"), "--version").out)
                .contains("-XX:SharedArchiveFile=" + archive());
    }

    @Test
    void startsWithoutARecordThatCannotBeMade() throws Exception {
        write(jar, LATER);
        jdk("17", "exit 1");
        assertStartsWithout("serve");
        assertThat(archive()).as("not to be tried again").isEmptyFile();
        assertThat(run(checkout, checkout.resolve("tidegate"), "serve").err).isEmpty();
        assertStartsWithout("serve");

        Files.delete(archive());
        jdk("17", "echo archive > \"$file\"");
        script("mv", "exit 1"); // nothing can be written there
        assertStartsWithout("serve");
        assertThat(archive()).doesNotExist();
    }

    @Test
    void recordsNothingWhereTheJdkIsNotKnownOrTheJvmCouldNotNameTheFile() throws Exception {
        write(jar, LATER);
        assertStartsWithout("serve");
        assertThat(left()).containsExactly("tidegate.jar");

        Path colon = temporary.resolve("a:b");
        Files.move(checkout, colon);
        jdk("17", "echo archive > \"$file\"");
        assertThat(run(temporary, colon.resolve("tidegate"), "serve").out).noneMatch(it -> it.contains("Archive"));
    }

    @Test
    void keepsTheCLibraryFromKeepingMemoryUnlessToldOtherwise() throws Exception {
        write(jar, LATER);
        jdk("17", ":");
        Path java = temporary.resolve("jdk/bin/java");
        Files.writeString(
                java, "#!/bin/sh\necho $MALLOC_ARENA_MAX $MALLOC_TRIM_THRESHOLD_ ${TIDEGATE_JAVA_OPTS-none}\n");
        environment.put("TIDEGATE_JAVA_OPTS", "-Da=b");
        assertThat(run(checkout, checkout.resolve("tidegate"), "check").out)
                .as("and the launcher's variable is not taken for a setting")
                .containsExactly("2 131072 none");
        environment.put("MALLOC_ARENA_MAX", "1");
        assertThat(run(checkout, checkout.resolve("tidegate"), "check").out).containsExactly("1 131072 none");
    }

    private void assertStartsWithout(String command) throws Exception {
        Result result = run(checkout, checkout.resolve("tidegate"), command);
        assertThat(result.exit).isEqualTo(7);
        assertThat(result.out).containsSubsequence("-jar", jar.toString(), command);
        assertThat(result.out).noneMatch(it -> it.contains("Archive"));
    }

    /** A JDK that says in a file what it is; its {@code java} {@code records} to {@code $file} what it is told to. */
    private void jdk(String version, String records) throws IOException {
        Path home = temporary.resolve("jdk");
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "JAVA_RUNTIME_VERSION=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        Path java = Files.writeString(home.resolve("bin/java"), """
                #!/bin/sh
                for a; do
                    echo "$a"
                    case $a in -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*) file=${a#*=} ;; esac
                done
                if [ -n "${file:-}" ]; then %s; exit; fi
                exit 7
                """.formatted(records));
        assertThat(java.toFile().setExecutable(true)).isTrue();
        environment.put("JAVA_HOME", home.toString());
    }

    /** The one for the JDK's release file as it is now. */
    private Path archive() throws IOException {
        try (Stream<Path> files = Files.list(jar.resolveSibling(""))) {
            return files.filter(file -> file.toString().endsWith(".jsa"))
                    .findFirst()
                    .orElse(jar.resolveSibling("none"));
        }
    }

    /** What is in the folder of the jar. */
    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(jar.resolveSibling(""))) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @ParameterizedTest
    @CsvSource({"11.0.20, Java 11: 17 or later", "1.8.0_302, Java 1: 17 or later", "none, Java of an unknown version"})
    void refusesAnOldJava(String version, String message) throws Exception {
        script("java", "echo 'java version \"" + version + "\"'");
        Result result = run(checkout, checkout.resolve("tidegate"));
        assertThat(result.exit).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(result.err).contains(message);
        assertThat(jar).doesNotExist();

        jdk(version, "exit 1");
        assertThat(run(checkout, checkout.resolve("tidegate")).err)
                .as("told by the release file")
                .contains(version.equals("none") ? "Java of an unknown version" : message);
    }

    @Test
    void saysWhatIsMissing() throws Exception {
        environment.put("JAVA_HOME", "/no/such/jdk");
        assertThat(run(checkout, checkout.resolve("tidegate")).err).contains("no /no/such/jdk/bin/java found");
        environment.remove("JAVA_HOME");
        Files.delete(programs.resolve("mvn"));
        assertThat(run(checkout, checkout.resolve("tidegate")).err).contains("mvn is needed");
        Files.delete(programs.resolve("java"));
        assertThat(run(checkout, checkout.resolve("tidegate")).err).contains("install a JDK of 17 or later");
    }

    @Test
    void doesNotRunWhatCouldNotBeBuilt() throws Exception {
        script("mvn", "echo 'cannot find symbol'; exit 3");
        Result result = run(checkout, checkout.resolve("tidegate"));
        assertThat(result.exit).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(result.err).contains("cannot find symbol").contains("tidegate: the build failed");
    }

    private Result run(Path directory, Path launcher, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(Arrays.asList(arguments));
        Path out = temporary.resolve("out");
        Path err = temporary.resolve("err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        int exit = builder.start().waitFor();
        return new Result(exit, Files.readAllLines(out), Files.readString(err));
    }

    /** Java answers {@code -version} with what {@code says} does, and else prints its arguments and exits with 7. */
    private void script(String name, String says) throws IOException {
        String body = name.equals("java")
                ? "if [ \"$1\" = -version ]; then " + says + "; exit; fi\nfor a; do echo \"$a\"; done\nexit 7\n"
                : says + "\n";
        Path script = Files.writeString(programs.resolve(name), "#!/bin/sh\n" + body, UTF_8);
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    private static void write(Path file, FileTime modified) throws IOException {
        Files.createDirectories(file.resolveSibling(""));
        Files.writeString(file, "");
        Files.setLastModifiedTime(file, modified);
    }

    private static Path installed(String tool) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, tool))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow();
    }
}
