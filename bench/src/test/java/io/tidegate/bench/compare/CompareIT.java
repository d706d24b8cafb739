package io.tidegate.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.stage.Subjects;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole comparison with all that is installed, far too short for its figures to mean anything. */
@EnabledOnOs(OS.LINUX)
@Timeout(300)
class CompareIT {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void printsOneTable(@TempDir Path directory) {
        int code = execute(
                "--subjects", "direct,tidegate,nutcracker,haproxy,predixy",
                "--tidegate", Path.of("..", "tidegate").toString(),
                "--connections", "3",
                "--pipelines", "1,8",
                "--set-percent", "20",
                "--rounds", "2",
                "--millis", "400",
                "--warm-up-millis", "200",
                "--references", "direct",
                "--plots", directory.resolve("plots").toString(),
                "--dir", directory.toString());

        assertThat(code).as(err.toString()).isZero();
        List<String> rows =
                out.toString().lines().filter(line -> line.startsWith("| ")).toList();
        List<String> subjects = new ArrayList<>(List.of("direct", "tidegate"));
        Stream.of("nutcracker", "haproxy")
                .filter(name -> Subjects.parse(List.of(name), directory, null)
                        .get(0)
                        .missing()
                        .isEmpty())
                .forEach(subjects::add);
        // One table of figures, and one of ratios, in which the one that all are compared with has no row.
        assertThat(rows).hasSize(2 + 2 * subjects.size() + 2 + 2 * (subjects.size() - 1));
        for (String subject : subjects) {
            assertThat(rows)
                    .as(subject + ", a row for each depth")
                    .filteredOn(row -> row.matches("\\| [18] +\\| " + subject + " .*"))
                    .hasSize(subject.equals("direct") ? 2 : 4);
        }
        assertThat(err.toString()).contains("without predixy: predixy is not installed");
        assertThat(directory.resolve("plots/throughput-by-pipeline.svg"))
                .content()
                .contains("<svg ", ">direct<");
        assertThat(directory.resolve("plots/cpu-by-pipeline.svg")).content().contains(">tidegate<");

        String measured = out.toString();
        out.getBuffer().setLength(0);
        assertThat(execute("--from", directory.resolve("results.json").toString(), "--references", "direct"))
                .as("the same tables again")
                .isZero();
        assertThat(out).hasToString(measured);
    }

    @Test
    void saysWhatIsWrongWithItsOptions() {
        assertThat(execute("--subjects", "squid")).isEqualTo(2);
        assertThat(err.toString()).contains("subject: 'squid' (expected: direct, ");
        assertThat(execute("--rounds", "0")).isEqualTo(2);
        assertThat(err.toString()).contains("rounds: 0 (expected: 1..");
    }

    private int execute(String... args) {
        return new CommandLine(new CompareCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(args);
    }
}
