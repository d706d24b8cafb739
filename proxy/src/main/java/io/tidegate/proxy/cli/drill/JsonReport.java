package io.tidegate.proxy.cli.drill;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidegate.proxy.cli.drill.Report.Writing;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * For programs. Field names and units stay as they are; others may be added. What was not done is null, or not among the
 * steps' facts. {@code proxy/DRILL.md} lists them.
 */
public final class JsonReport {
    /** Counts up when a field is renamed or means something else. */
    private static final int FORMAT = 1;

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double MICROS_PER_MILLI = 1_000;

    private JsonReport() {}

    /** The whole document, with a line end. */
    public static String of(Report report) {
        Plan plan = report.plan();
        ObjectNode root = JSON.createObjectNode();
        root.put("format", FORMAT);
        root.put("id", plan.id());
        root.put("begun", report.begun().toString());
        root.put("verdict", report.verdict().label());
        root.put("target", plan.access().target().address().toString());
        root.put("fault", plan.allowed() ? plan.fault() : null);
        root.put("clients", plan.clients());
        root.set("steps", steps(report));
        root.set("writing", report.writing() == null ? null : writing(report.writing()));
        ObjectNode limits = root.putObject("limits");
        limits.put("lost", plan.limits().lost());
        limits.put("stale", plan.limits().stale());
        limits.put("errors", plan.limits().errors());
        limits.put("uncertain", plan.limits().uncertain());
        limits.put("rtoMillis", plan.limits().rtoMillis());
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values cannot be written", e);
        }
    }

    private static ArrayNode steps(Report report) {
        ArrayNode steps = JSON.createArrayNode();
        for (Step step : report.steps()) {
            ObjectNode json = steps.addObject();
            json.put("name", step.name());
            json.put("status", step.status().label());
            json.put("millis", step.millis());
            ObjectNode facts = json.putObject("facts");
            // What a command printed has several lines of one name.
            step.facts()
                    .forEach(fact -> facts.set(
                            fact.name(),
                            facts.has(fact.name())
                                    ? JSON.valueToTree(facts.get(fact.name()).asText() + "\n" + fact.value())
                                    : JSON.valueToTree(fact.value())));
            step.remarks().forEach(json.putArray("remarks")::add);
        }
        return steps;
    }

    private static ObjectNode writing(Writing writing) {
        Timeline times = writing.timeline();
        ObjectNode json = JSON.createObjectNode();
        json.put("rtoMillis", millis(times.rtoMicros()));
        json.put("rtoFromMillis", millis(times.outageMicros() - times.faultMicros()));
        json.put("back", times.back());
        ObjectNode pauses = json.putObject("pauseMillis");
        pauses.put("p50", millis(times.pauseMicros(0.5)));
        pauses.put("p90", millis(times.pauseMicros(0.9)));
        pauses.put("max", millis(times.pauseMicros(1)));
        json.set("writes", writes(writing.findings()));
        ObjectNode reads = json.putObject("reads");
        reads.put("answered", writing.reads());
        reads.set("errors", counts(writing.readErrors()));
        ObjectNode latencies = json.putObject("latencyMillis");
        new TreeMap<>(writing.latencies())
                .forEach((what, latency) -> latencies
                        .putObject(what)
                        .put("count", latency.count())
                        .put("p50", millis(latency.p50Micros()))
                        .put("p99", millis(latency.p99Micros()))
                        .put("max", millis(latency.maxMicros())));
        ObjectNode timeline = json.putObject("timeline");
        timeline.put("binMillis", millis(Timeline.BIN_MICROS));
        timeline.put("faultMillis", millis(times.faultMicros() - times.beginMicros()));
        timeline.put("endMillis", millis(times.endMicros() - times.beginMicros()));
        times.acknowledged().forEach(timeline.putArray("acknowledged")::add);
        times.failed().forEach(timeline.putArray("failed")::add);
        times.uncertain().forEach(timeline.putArray("uncertain")::add);
        return json;
    }

    private static @Nullable ObjectNode writes(@Nullable Findings found) {
        if (found == null) {
            return null;
        }
        ObjectNode json = JSON.createObjectNode();
        json.put("acknowledged", found.acknowledged());
        json.put("lost", found.lost());
        json.put("duplicated", found.duplicated());
        json.put("reordered", found.reordered());
        json.put("reorderedUncertain", found.late());
        json.put("failed", found.failed());
        json.put("failedAndKept", found.failedAndKept());
        json.put("uncertain", found.uncertain());
        json.put("uncertainAndKept", found.uncertainAndKept());
        json.put("staleReads", found.stale());
        json.put("backwardReads", found.backwards());
        json.set("errors", counts(found.errors()));
        return json;
    }

    private static ObjectNode counts(Map<String, Long> counts) {
        ObjectNode json = JSON.createObjectNode();
        new TreeMap<>(counts).forEach(json::put);
        return json;
    }

    private static double millis(long micros) {
        return micros / MICROS_PER_MILLI;
    }
}
