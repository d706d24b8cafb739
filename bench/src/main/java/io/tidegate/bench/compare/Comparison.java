package io.tidegate.bench.compare;

import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.LoadResult.Latencies;
import io.tidegate.bench.load.ProcessUsage;
import io.tidegate.bench.load.Traffic;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The course of events, once everything is started. */
final class Comparison {
    /** How long traffic flows before each measurement. */
    private static final long LEAD_MILLIS = 500;

    private static final long FILL_MILLIS = 1_000;

    /** What part of the slowest subject's throughput all have to hold while latencies are measured. */
    static final double RATE_SHARE = 0.4;

    private final Setup setup;
    private final LocalRedis redis;
    private final List<Running> subjects;
    private final LoadProcess load;
    private final Consumer<String> progress;

    private final Figures figures = new Figures();
    private final Map<Integer, Long> rates = new LinkedHashMap<>();

    Comparison(Setup setup, LocalRedis redis, List<Running> subjects, LoadProcess load, Consumer<String> progress) {
        this.setup = setup;
        this.redis = redis;
        this.subjects = List.copyOf(subjects);
        this.load = load;
        this.progress = progress;
    }

    /** In how long {@link #run} is over if nothing goes wrong; if something does, each step has a limit of its own. */
    static Duration planned(Setup setup, int subjects) {
        long measurements = 2L * setup.rounds() * setup.pipelines().size() * subjects;
        long warmUps = (long) setup.pipelines().size() * subjects;
        return Duration.ofMillis(measurements * (LEAD_MILLIS + setup.measureMillis())
                + subjects * setup.warmUpMillis()
                + warmUps * LEAD_MILLIS
                + FILL_MILLIS);
    }

    /** @throws IOException also if the figures are worth nothing: errors, values missing, a failover */
    void run() throws IOException, InterruptedException {
        fill();
        warmUp();
        for (int round = 1; round <= setup.rounds(); round++) {
            for (int pipeline : setup.pipelines()) {
                for (Running subject : subjects) {
                    measureThroughput(round, pipeline, subject);
                }
            }
        }
        for (int pipeline : setup.pipelines()) {
            rates.put(pipeline, rate(pipeline));
        }
        for (int round = 1; round <= setup.rounds(); round++) {
            for (int pipeline : setup.pipelines()) {
                for (Running subject : subjects) {
                    measureLatencies(round, pipeline, subject);
                }
            }
        }
        if (redis.currentPrimary().filter(primary -> primary == redis.primary()).isEmpty()) {
            throw new IOException("the servers failed over meanwhile: the figures are worth nothing");
        }
    }

    Figures figures() {
        return figures;
    }

    /** Requests per second that latencies were measured at, by pipeline. */
    Map<Integer, Long> rates() {
        return rates;
    }

    private void fill() throws IOException, InterruptedException {
        say("filling the keys");
        Traffic filling = new Traffic(1, 1, setup.valueBytes(), 100);
        load.run(new LoadPlan(
                redis.primary().address().getHostString(),
                redis.primary().port(),
                filling,
                0,
                0,
                FILL_MILLIS,
                List.of()));
    }

    private void warmUp() throws IOException, InterruptedException {
        for (Running subject : subjects) {
            say("warming up " + subject.name());
            for (int pipeline : setup.pipelines()) {
                run(
                        subject,
                        pipeline,
                        0,
                        Math.max(1, setup.warmUpMillis() / setup.pipelines().size()));
            }
        }
    }

    private void measureThroughput(int round, int pipeline, Running subject) throws IOException, InterruptedException {
        LoadResult result = run(subject, pipeline, 0, setup.measureMillis());
        if (result.requests() == 0) {
            throw new IOException(subject.name() + " gave no reply at pipeline " + pipeline);
        }
        note(pipeline, subject, Metric.REQUESTS, result.requestsPerSecond() / 1_000);
        note(pipeline, subject, Metric.REDIS_CPU, microsPerRequest(result, redisPids()));
        if (subject.process().isPresent()) {
            long pid = subject.process().get().pid();
            note(pipeline, subject, Metric.PROXY_CPU, microsPerRequest(result, List.of(pid)));
            note(pipeline, subject, Metric.RSS, usage(result, pid).residentBytes() / (double) (1 << 20));
        }
        say("round %d/%d, pipeline %d, %s: %s k requests/s"
                .formatted(
                        round,
                        setup.rounds(),
                        pipeline,
                        subject.name(),
                        Spread.digits(result.requestsPerSecond() / 1_000)));
    }

    private void measureLatencies(int round, int pipeline, Running subject) throws IOException, InterruptedException {
        long rate = Objects.requireNonNull(rates.get(pipeline));
        Latencies latencies =
                run(subject, pipeline, rate, setup.measureMillis()).latencies();
        if (latencies == null) {
            throw new IOException("a run at a fixed rate gave no latencies");
        }
        note(pipeline, subject, Metric.P50, micros(latencies.p50Nanos()));
        note(pipeline, subject, Metric.P99, micros(latencies.p99Nanos()));
        note(pipeline, subject, Metric.P999, micros(latencies.p999Nanos()));
        note(pipeline, subject, Metric.LATE, micros(latencies.lateP99Nanos()));
        say("round %d/%d, pipeline %d, %s: p99 %s µs at %d requests/s"
                .formatted(
                        round,
                        setup.rounds(),
                        pipeline,
                        subject.name(),
                        Spread.digits(micros(latencies.p99Nanos())),
                        rate));
    }

    private long rate(int pipeline) {
        if (setup.rate() > 0) {
            return setup.rate();
        }
        double slowest = subjects.stream()
                .mapToDouble(subject -> Spread.of(figures.rounds(pipeline, subject.name(), Metric.REQUESTS))
                        .median())
                .min()
                .orElseThrow();
        return Math.max(1, (long) (slowest * 1_000 * RATE_SHARE));
    }

    private LoadResult run(Running subject, int pipeline, long rate, long measureMillis)
            throws IOException, InterruptedException {
        List<Long> pids = new ArrayList<>(redisPids());
        subject.process().ifPresent(process -> pids.add(process.pid()));
        LoadResult result = load.run(new LoadPlan(
                subject.address().getHostString(),
                subject.address().getPort(),
                setup.traffic(pipeline),
                rate,
                LEAD_MILLIS,
                measureMillis,
                pids));
        if (result.errors() > 0 || result.misses() > 0) {
            throw new IOException("%s gave %d errors and missed %d values at pipeline %d"
                    .formatted(subject.name(), result.errors(), result.misses(), pipeline));
        }
        return result;
    }

    private void note(int pipeline, Running subject, Metric metric, double value) {
        figures.add(pipeline, subject.name(), metric, value);
    }

    private List<Long> redisPids() {
        return redis.servers().stream().map(RedisProcess::pid).toList();
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
