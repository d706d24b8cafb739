package io.tidegate.proxy.cli.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.admin.ConsoleFiles;
import io.tidegate.proxy.cli.drill.Report.Verdict;
import io.tidegate.proxy.cli.drill.Report.Writing;
import io.tidegate.proxy.cli.drill.Step.Fact;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** For a browser: one file that needs no other, light or dark as its reader has it. */
public final class HtmlReport {
    /** A row of the table and where it is found. */
    private record Row(String name, String latency) {}

    private static final List<Row> ROWS = List.of(
            new Row("writes before the fault", "writesBefore"),
            new Row("writes after it", "writesAfter"),
            new Row("reads before the fault", "readsBefore"),
            new Row("reads after it", "readsAfter"));

    private final Report report;
    private final StringBuilder page = new StringBuilder();

    private HtmlReport(Report report) {
        this.report = report;
    }

    /** The whole page. */
    public static String of(Report report) {
        return new HtmlReport(report).write();
    }

    private String write() {
        Plan plan = report.plan();
        add("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        add("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        add("<title>Drill of " + escaped(plan.access().target().address()) + ": "
                + report.verdict().label() + "</title>");
        add("<style>\n" + ConsoleFiles.look() + style() + "</style>\n</head>\n<body>\n<header>");
        add("<h1>HA drill " + pill(report.verdict().label(), colour(report.verdict())) + "</h1>");
        add("<p>" + escaped(TextReport.verdict(report)) + "</p>");
        add("<p>Target " + escaped(plan.access().target().address())
                + (plan.allowed() ? ", fault <code>" + escaped(plan.fault()) + "</code>" : "")
                + "</p>\n</header>\n<main>");
        Writing writing = report.writing();
        if (writing != null) {
            tiles(writing);
            chart(writing.timeline());
        }
        add("<h2>Steps</h2>\n<ol class=\"steps\">");
        report.steps().forEach(this::step);
        add("</ol>");
        if (writing != null) {
            latencies(writing);
        }
        add("</main>\n<footer>Drill " + escaped(plan.id()) + ", begun "
                + escaped(report.begun()) + ", by tidegate drill. Its clients show what an application sees; it is no"
                + " benchmark.</footer>\n</body>\n</html>");
        return page.toString();
    }

    private void tiles(Writing writing) {
        Timeline times = writing.timeline();
        Findings found = writing.findings();
        add("<div class=\"tiles\">");
        tile("RTO", Texts.millis(times.rtoMicros()), times.back() ? "" : "bad", "nobody served");
        if (found == null) {
            tile("RPO", "unknown", "bad", "not read back");
        } else {
            tile("RPO", Texts.count(found.lost()), found.lost() > 0 ? "bad" : "", "acknowledged writes lost");
        }
        tile("Longest pause", Texts.millis(times.pauseMicros(1)), "", "of one client");
        long errors = FailoverStep.sum(writing.readErrors())
                + times.failed().stream().mapToInt(Integer::intValue).sum();
        tile("Errors", Texts.count(errors), errors > 0 ? "bad" : "", "commands not executed, or reads unanswered");
        long uncertain = times.uncertain().stream().mapToInt(Integer::intValue).sum();
        tile(
                "Uncertain",
                Texts.count(uncertain),
                uncertain > 0 ? "warn" : "",
                found == null ? "writes" : "writes, of which " + Texts.count(found.uncertainAndKept()) + " are there");
        if (found != null) {
            long stale = found.stale() + found.backwards();
            tile("Stale reads", Texts.count(stale), stale > 0 ? "bad" : "", "of " + Texts.count(writing.reads()));
            tile(
                    "Duplicated",
                    Texts.count(found.duplicated()),
                    found.duplicated() > 0 ? "bad" : "",
                    "writes made twice");
            tile("Acknowledged", Texts.count(found.acknowledged()), "", "writes");
        }
        add("</div>");
    }

    private void tile(String name, String value, String colour, String meaning) {
        add("<div class=\"tile " + colour + "\">" + escaped(name) + "<strong>" + escaped(value) + "</strong><small>"
                + escaped(meaning) + "</small></div>");
    }

    private void chart(Timeline times) {
        add("<figure>\n<div class=\"chart\">\n" + TimelineSvg.of(times) + "</div>");
        add("<figcaption class=\"key\">Answers to writes per " + Timeline.BIN_MICROS / 1_000 + " ms, all "
                + Texts.count(report.plan().clients(), "client")
                + ": <span class=\"a\">acknowledged</span> <span class=\"u\">uncertain</span>"
                + " <span class=\"f\">refused</span></figcaption>\n</figure>");
    }

    private void step(Step step) {
        String colour = colour(step.status());
        add("<li class=\"" + colour + "\"><h3>" + escaped(step.name()) + " "
                + pill(step.status().label(), colour) + "<small>" + Texts.millis(step.millis() * 1_000)
                + "</small></h3>\n<ul>");
        step.remarks().forEach(remark -> add("<li class=\"remark\">" + escaped(remark) + "</li>"));
        step.facts().stream()
                .map(Fact::text)
                .filter(text -> !text.isEmpty())
                .forEach(text -> add("<li>" + escaped(text) + "</li>"));
        add("</ul></li>");
    }

    private void latencies(Writing writing) {
        add("<h2>What answers took</h2>\n<div class=\"scroll\"><table>");
        add("<thead><tr><th></th><th>answers</th><th>p50</th><th>p99</th><th>longest</th></tr></thead>\n<tbody>");
        for (Row row : ROWS) {
            Latency latency = writing.latencies().get(row.latency());
            if (latency != null) {
                add("<tr><th>" + row.name() + "</th><td>" + Texts.count(latency.count()) + "</td><td>"
                        + Texts.millis(latency.p50Micros()) + "</td><td>" + Texts.millis(latency.p99Micros())
                        + "</td><td>"
                        + Texts.millis(latency.maxMicros()) + "</td></tr>");
            }
        }
        add("</tbody></table></div>");
    }

    private static String pill(String text, String colour) {
        return "<span class=\"pill " + colour + "\">" + escaped(text) + "</span>";
    }

    private static String colour(Verdict verdict) {
        return switch (verdict) {
            case PASSED -> "good";
            case FAILED -> "bad";
            case NOT_DRILLED, INTERRUPTED -> "warn";
        };
    }

    private static String colour(Step.Status status) {
        return switch (status) {
            case OK -> "good";
            case FAILED -> "bad";
            case WARNED, REFUSED -> "warn";
            case SKIPPED -> "";
        };
    }

    private static String style() {
        try (InputStream file = HtmlReport.class.getResourceAsStream("report.css")) {
            return new String(Objects.requireNonNull(file, "report.css").readAllBytes(), UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String escaped(@Nullable Object raw) {
        return String.valueOf(raw)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private void add(String line) {
        page.append(line).append('\n');
    }
}
