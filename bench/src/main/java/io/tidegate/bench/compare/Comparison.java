package io.tidegate.bench.compare;

import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.LoadResult.Latencies;
import io.tidegate.bench.load.ProcessUsage;
import io.tidegate.bench.load.Traffic;
import io.tidegate.bench.report.Spread;
import io.tidegate.bench.stage.LoadProcess;
import io.tidegate.bench.stage.Probes;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Stage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The course of events, once everything is started. */
final class Comparison {
    /** What part of the slowest subject's throughput all have to hold while latencies are measured. */
    static final double RATE_SHARE = 0.4;

    private final Setup setup;
    private final Stage stage;
    private final List<Running> subjects;
    private final LoadProcess load;
    private final Consumer<String> progress;

    private final Figures figures = new Figures();
    private final Map<Traffic, Long> rates = new LinkedHashMap<>();

    Comparison(Setup setup, Stage stage, List<Running> subjects, LoadProcess load, Consumer<String> progress) {
        this.setup = setup;
        this.stage = stage;
        this.subjects = List.copyOf(subjects);
        this.load = load;
        this.progress = progress;
    }

    /** @throws IOException also if the figures are worth nothing: errors, values missing, a failover */
    void run() throws IOException, InterruptedException {
        fill();
        warmUp();
        for (int round = 1; round <= setup.rounds(); round++) {
            for (Traffic traffic : setup.cases()) {
                for (Running subject : subjects) {
                    measureThroughput(round, traffic, subject);
                }
            }
        }
        if (setup.latencies()) {
            runLatencies();
        }
        stage.checkNoFailover();
    }

    private void runLatencies() throws IOException, InterruptedException {
        for (Traffic traffic : setup.cases()) {
            rates.put(traffic, rate(traffic));
        }
        for (int round = 1; round <= setup.rounds(); round++) {
            for (Traffic traffic : setup.cases()) {
                for (Running subject : subjects) {
                    measureLatencies(round, traffic, subject);
                }
            }
        }
    }

    Figures figures() {
        return figures;
    }

    /** Requests per second that latencies were measured at. */
    List<Results.Rate> rates() {
        return rates.entrySet().stream()
                .map(rate -> new Results.Rate(rate.getKey(), rate.getValue()))
                .toList();
    }

    private void fill() throws IOException, InterruptedException {
        say("filling the keys");
        for (int valueBytes : setup.valueBytes()) {
            load.fill(stage.redis().primary().address(), valueBytes, Setup.FILL_MILLIS);
        }
    }

    private void warmUp() throws IOException, InterruptedException {
        for (Running subject : subjects) {
            say("warming up " + subject.name());
            for (Traffic traffic : setup.cases()) {
                run(
                        subject,
                        traffic,
                        0,
                        Math.max(1, setup.warmUpMillis() / setup.cases().size()));
            }
        }
    }

    private void measureThroughput(int round, Traffic traffic, Running subject)
            throws IOException, InterruptedException {
        Probes before = Probes.of(stage.redis());
        long startNanos = System.nanoTime();
        LoadResult result = run(subject, traffic, 0, setup.measureMillis());
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        Probes probes = Probes.of(stage.redis()).since(before);
        if (result.requests() == 0) {
            throw new IOException(subject.name() + " gave no reply to " + traffic);
        }
        note(traffic, subject, Metric.REQUESTS, result.requestsPerSecond() / 1_000);
        note(traffic, subject, Metric.REDIS_CPU, microsPerRequest(result, stage.redisPids()));
        note(traffic, subject, Metric.PROBES, probes.calls() / seconds);
        note(traffic, subject, Metric.PROBE_TIME, probes.micros() / 1e3 / seconds);
        if (subject.process().isPresent()) {
            long pid = subject.process().get().pid();
            note(traffic, subject, Metric.PROXY_CPU, microsPerRequest(result, List.of(pid)));
            note(traffic, subject, Metric.RSS, usage(result, pid).residentBytes() / (double) (1 << 20));
        }
        say("round %d/%d, %s, %s: %s k requests/s"
                .formatted(
                        round,
                        setup.rounds(),
                        Report.traffic(List.of(traffic)),
                        subject.name(),
                        Spread.digits(result.requestsPerSecond() / 1_000)));
    }

    private void measureLatencies(int round, Traffic traffic, Running subject)
            throws IOException, InterruptedException {
        long rate = Objects.requireNonNull(rates.get(traffic));
        Latencies latencies = run(subject, traffic, rate, setup.measureMillis()).latencies();
        if (latencies == null) {
            throw new IOException("a run at a fixed rate gave no latencies");
        }
        note(traffic, subject, Metric.P50, micros(latencies.p50Nanos()));
        note(traffic, subject, Metric.P99, micros(latencies.p99Nanos()));
        note(traffic, subject, Metric.P999, micros(latencies.p999Nanos()));
        note(traffic, subject, Metric.LATE, micros(latencies.lateP99Nanos()));
        say("round %d/%d, %s, %s: p99 %s µs at %d requests/s"
                .formatted(
                        round,
                        setup.rounds(),
                        Report.traffic(List.of(traffic)),
                        subject.name(),
                        Spread.digits(micros(latencies.p99Nanos())),
                        rate));
    }

    private long rate(Traffic traffic) {
        if (setup.rate() > 0) {
            return setup.rate();
        }
        double slowest = subjects.stream()
                .mapToDouble(subject -> Spread.of(figures.rounds(traffic, subject.name(), Metric.REQUESTS))
                        .median())
                .min()
                .orElseThrow();
        return Math.max(1, (long) (slowest * 1_000 * RATE_SHARE));
    }

    private LoadResult run(Running subject, Traffic traffic, long rate, long measureMillis)
            throws IOException, InterruptedException {
        List<Long> pids = new ArrayList<>(stage.redisPids());
        subject.process().ifPresent(process -> pids.add(process.pid()));
        LoadResult result = load.run(new LoadPlan(
                subject.address().getHostString(),
                subject.address().getPort(),
                List.of(traffic),
                rate,
                Setup.LEAD_MILLIS,
                measureMillis,
                pids,
                subject.waits()));
        if (result.errors() > 0 || result.misses() > 0) {
            throw new IOException("%s gave %d errors and missed %d values: %s"
                    .formatted(subject.name(), result.errors(), result.misses(), traffic));
        }
        return result;
    }

    private void note(Traffic traffic, Running subject, Metric metric, double value) {
        figures.add(traffic, subject.name(), metric, value);
    }

    private static double microsPerRequest(LoadResult result, List<Long> pids) {
        return pids.stream()
                        .mapToDouble(pid -> micros(usage(result, pid).cpuNanos()))
                        .sum()
                / result.requests();
    }

    private static ProcessUsage usage(LoadResult result, long pid) {
        return Objects.requireNonNull(result.processes().get(pid), "asked for and not given");
    }

    private static double micros(long nanos) {
        return nanos / 1e3;
    }

    private void say(String line) {
        progress.accept(line);
    }
}
