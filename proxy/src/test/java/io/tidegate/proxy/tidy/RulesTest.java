package io.tidegate.proxy.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule on something that breaks it, and on what looks like it and does not. */
class RulesTest {
    private static final String SERVING = "proxy/src/main/java/io/tidegate/proxy/dispatch/A.java";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Thread.sleep(1);",
                "System.out.println();",
                "System.exit(1);",
                "e.printStackTrace();",
                "long t = System.nanoTime();",
                "Instant t = Instant.now();",
                "Random r = new Random();",
                "@Disabled void test() {}",
                "import java.util.*;",
                "import static java.util.List.*;",
                "try { x(); } catch (Exception e) {\n}",
                "int masterPort;",
                "Object theSlaves;",
                "// TODO",
                "/** Asks the master. */",
                "// the slaves' offsets",
            })
    void refusesInServingCode(String line) {
        assertThat(findings(SERVING, line)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "String s = \"Thread.sleep System.out TODO master\";",
                "// Thread.sleep and System.out are named here only",
                "char quote = '\"'; String s = \"TODO\"; char other = '\\''; String t = \"TODO\";",
                "try { x(); } catch (Exception e) {\n// for a reason\n}",
                "ReplyError e = ReplyError.MASTERDOWN;",
                "String s = \"\"\"\n  a \"master\" here\n  \"\"\";",
                "/** SENTINEL MASTER, {@code master_replid}, master_link_status, +switch-master, \"slave\". */",
            })
    void takesInServingCode(String line) {
        assertThat(findings(SERVING, line)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "routing/src/main/java/A.java, ThreadLocalRandom.current(), 1",
        "routing/src/test/java/A.java, ThreadLocalRandom.current(), 1",
        "proxy/src/main/java/A.java, ThreadLocalRandom.current(), 0",
        "proxy/src/main/java/io/tidegate/proxy/Clock.java, System.nanoTime(), 0",
        "proxy/src/main/java/io/tidegate/proxy/cli/Main.java, System.out.print(1), 0",
        "bench/src/main/java/A.java, System.out.print(1), 0",
        "proxy/src/test/java/A.java, System.nanoTime(), 0",
        "proxy/src/test/java/A.java, Thread.sleep(1), 1",
    })
    void knowsWhereARuleHolds(String path, String line, int findings) {
        assertThat(findings(path, line)).hasSize(findings);
    }

    @Test
    void namesTheLine() {
        assertThat(findings(SERVING, "class A {\n  /* a\n  comment */ int x = \"\\\"\".length();\n  int master;\n}"))
                .extracting(Finding::line)
                .containsExactly(4);
    }

    @Test
    void measuresMethodsAndLooksAtTheirNames() throws IOException {
        String lines = "int i;\n".repeat(Shapes.METHOD_LINES_MAX - 2);
        assertThat(Shapes.findings(List.of(source("class A {\nvoid f() {\n" + lines + "}\n}"))))
                .isEmpty();
        assertThat(Shapes.findings(List.of(source("class A {\nA() {\n" + lines + "int j;\n}\n}"))))
                .extracting(Finding::line)
                .containsExactly(2);
        assertThat(Shapes.findings(List.of(source("class A { int getX() { return 1; } }"))))
                .hasSize(1);
        assertThat(
                        Shapes.findings(
                                List.of(
                                        source(
                                                "class A { @Override public int getX() { return 1; } int get(int i) { return i; } void gets() {} }"))))
                .isEmpty();
    }

    @Test
    void measuresFiles() {
        assertThat(Texts.length(source("\n".repeat(Texts.FILE_LINES_MAX)))).isEmpty();
        assertThat(Texts.length(source("\n".repeat(Texts.FILE_LINES_MAX) + "x")))
                .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {"a\\n|0", "\\n|0", "\\ta\\n|1", "a \\n|1", "a\\r\\n|1", "a|1"})
    void seesBlanks(String escaped, int findings) {
        String text = escaped.translateEscapes();
        assertThat(Texts.blanks("a.txt", text)).hasSize(findings);
    }

    @Test
    void asksEveryPackageForAnEssay() {
        String essay = "/**\n * " + "Long enough. ".repeat(20) + "\n */\n@NullMarked\npackage a;\n";
        assertThat(Texts.essays(Map.of("m/src/main/java/a/A.java", "", "m/src/main/java/a/package-info.java", essay)))
                .isEmpty();
        assertThat(Texts.essays(Map.of("m/src/test/java/a/A.java", "", "m/src/main/java/a/package-info.java", essay)))
                .isEmpty();
        assertThat(Texts.essays(Map.of("m/src/test/java/b/B.java", "", "m/src/main/java/a/package-info.java", essay)))
                .hasSize(1);
        assertThat(Texts.essays(
                        Map.of("m/src/main/java/a/package-info.java", "/** Short. */\n@NullMarked\npackage a;")))
                .hasSize(1);
        assertThat(Texts.essays(Map.of("m/src/main/java/a/package-info.java", essay.replace("@NullMarked\n", ""))))
                .hasSize(1);
    }

    private static List<Finding> findings(String path, String text) {
        Source source = Source.of(path, text);
        return Ban.ALL.stream().flatMap(ban -> ban.findings(source).stream()).toList();
    }

    private static Source source(String text) {
        return Source.of("routing/src/main/java/A.java", text);
    }
}
