package io.tidegate.bench.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
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
                "--subjects", "direct,nutcracker,haproxy,predixy",
                "--tidegate", Path.of("..", "tidegate").toString(),
                "--connections", "3",
                "--pipelines", "1,8",
                "--set-percent", "20",
                "--rounds", "2",
                "--millis", "100",
                "--warm-up-millis", "200",
                "--dir", directory.toString());

        assertThat(code).as(err.toString()).isZero();
        List<String> rows =
                out.toString().lines().filter(line -> line.startsWith("| ")).toList();
        List<String> proxies = Stream.of("nutcracker", "haproxy")
                .filter(name -> Programs.find(name).isPresent())
                .toList();
        assertThat(rows).hasSize(2 + 2 * (1 + proxies.size()));
        assertThat(rows)
                .filteredOn(row -> row.matches("\\| [18] +\\| direct .*"))
                .hasSize(2);
        assertThat(err.toString()).contains("without predixy: predixy is not installed");
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
