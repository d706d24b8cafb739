package io.tidegate.proxy.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.proxy.cli.drill.Report.Verdict;
import io.tidegate.proxy.cli.drill.Report.Writing;
import io.tidegate.proxy.cli.drill.Step.Status;
import io.tidegate.routing.NodeAddress;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One drill that went wrong, told in every way. */
class ReportTest {
    private static final Login LOGIN = new Login("app", "secret");

    @Test
    void theTerminalSaysTheWorstFirst() {
        assertThat(TextReport.lines(failed()))
                .containsExactly(
                        "FAILED   consistency  1 acknowledged writes are lost (allowed: 0)",
                        "                      1 of 3 acknowledged writes lost (RPO)");
        assertThat(TextReport.lines(Step.notTaken("failover", Status.REFUSED, "no")))
                .containsExactly("REFUSED  failover     no");
        assertThat(TextReport.verdict(report(true, failed())))
                .isEqualTo("failed: consistency: 1 acknowledged writes are lost (allowed: 0)");
    }

    @Test
    void nothingFailedIsNotYetPassed() {
        Step well = new Step("connectivity");

        assertThat(report(true, well).verdict()).isEqualTo(Verdict.PASSED);
        assertThat(report(false, well).verdict()).isEqualTo(Verdict.NOT_DRILLED);
        assertThat(new Report(plan(true), Instant.EPOCH, List.of(well), null, true).verdict())
                .isEqualTo(Verdict.INTERRUPTED);
    }

    @Test
    void jsonHasEveryNumber() throws IOException {
        JsonNode json = new ObjectMapper().readTree(JsonReport.of(report(true, failed())));

        assertThat(json.at("/format").asInt()).isEqualTo(1);
        assertThat(json.at("/verdict").asText()).isEqualTo("failed");
        assertThat(json.at("/fault").asText()).isEqualTo("sh -c '<kill> & \"wait\"'");
        assertThat(json.at("/steps/0/facts/lost").asLong()).isEqualTo(1);
        assertThat(json.at("/writing/rtoMillis").asDouble()).isEqualTo(1.5);
        assertThat(json.at("/writing/writes").toString())
                .isEqualTo("{\"acknowledged\":3,\"lost\":1,\"duplicated\":0,\"reordered\":0,\"reorderedUncertain\":0,"
                        + "\"failed\":0,\"failedAndKept\":0,\"uncertain\":1,\"uncertainAndKept\":0,\"staleReads\":0,"
                        + "\"backwardReads\":0,\"errors\":{\"unanswered: EOFException\":1}}");
        assertThat(json.at("/writing/latencyMillis/writesAfter/p99").asDouble()).isEqualTo(0.3);
        assertThat(json.at("/limits/uncertain").isNull()).isTrue();
        assertThat(JsonReport.of(report(true, failed()))).doesNotContain("secret");
    }

    @Test
    void jsonOfADrillThatDidNotComeToWritingSaysSo() throws IOException {
        Report report = new Report(plan(false), Instant.EPOCH, List.of(), null, false);

        JsonNode json = new ObjectMapper().readTree(JsonReport.of(report));

        assertThat(json.at("/verdict").asText()).isEqualTo("not drilled");
        assertThat(json.at("/fault").isNull()).isTrue();
        assertThat(json.at("/writing").isNull()).isTrue();
    }

    @Test
    void thePageQuotesWhatOthersSaid() {
        String page = HtmlReport.of(report(true, failed()));

        assertThat(page)
                .contains("<code>sh -c '&lt;kill&gt; &amp; &quot;wait&quot;'</code>")
                .contains("<div class=\"tile bad\">RPO<strong>1</strong>")
                .contains("prefers-color-scheme: dark")
                .doesNotContain("<kill>", "secret", "<script");
    }

    private static Step failed() {
        Step step = new Step("consistency");
        step.fact("lost", 1L, "1 of 3 acknowledged writes lost (RPO)");
        step.fail("1 acknowledged writes are lost (allowed: 0)");
        return step;
    }

    private static Report report(boolean allowed, Step step) {
        return new Report(plan(allowed), Instant.EPOCH, List.of(step), allowed ? writing() : null, false);
    }

    private static @Nullable Writing writing() {
        History history = new History();
        for (long i = 0; i < 4; i++) {
            Answer answer = i == 2 ? Answer.unanswered(new EOFException()) : Answer.ACKNOWLEDGED;
            history.add(answer, i * 1_000, i * 1_000 + 300);
        }
        return new Writing(
                Timeline.of(List.of(history), 0, 1_800, 4_000),
                history.judge(List.of(new Kept(0, 0), new Kept(1, 0))),
                Map.of("writesAfter", Latency.of(LongStream.of(300, 200))),
                7,
                Map.of());
    }

    private static Plan plan(boolean allowed) {
        Endpoint target = new Endpoint(NodeAddress.parse("redis:6379"), LOGIN, null);
        return new Plan(
                "id",
                new Access(target, List.of(), LOGIN, null),
                "shard",
                null,
                null,
                2,
                Duration.ofSeconds(4),
                "<kill> & \"wait\"",
                Duration.ofSeconds(1),
                allowed,
                Limits.STRICT);
    }
}
