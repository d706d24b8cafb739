package io.tidegate.proxy.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Unit;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The histograms of all loops, summed up when they are scraped; those in which nothing was counted are left out. */
final class DurationCollector implements MultiCollector {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Iterable<LoopStats> loops;

    DurationCollector(Iterable<LoopStats> loops) {
        this.loops = loops;
    }

    @Override
    public MetricSnapshots collect() {
        Sums requests = new Sums(Meter.REQUEST_DURATION);
        Sums staleness = new Sums(Meter.READ_STALENESS);
        Sums upstream = new Sums(Meter.UPSTREAM_DURATION);
        Sums delays = new Sums(Meter.LOOP_DELAY);
        DurationVisitor visitor = new DurationVisitor() {
            @Override
            public void request(
                    @Nullable NodeAddress node, RequestGroup group, ReadLevel.Kind level, Histograms all, int one) {
                requests.add(all, one, word(group), word(level), NodeStats.name(node));
            }

            @Override
            public void staleness(@Nullable NodeAddress node, ReadLevel.Kind level, Histograms all, int one) {
                staleness.add(all, one, word(level), NodeStats.name(node));
            }

            @Override
            public void upstream(@Nullable NodeAddress node, Histograms all, int one) {
                upstream.add(all, one, NodeStats.name(node));
            }
        };
        int number = 0;
        for (LoopStats loop : loops) {
            loop.nodes().eachDuration(visitor);
            delays.add(loop.delays(), 0, Integer.toString(number++));
        }
        return new MetricSnapshots(requests.snapshot(), upstream.snapshot(), staleness.snapshot(), delays.snapshot());
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** One meter's histograms by the values of its tags. */
    private static final class Sums {
        private final Meter meter;
        private final Map<List<String>, Sum> byTags = new LinkedHashMap<>();

        Sums(Meter meter) {
            this.meter = meter;
        }

        void add(Histograms all, int one, String... tagValues) {
            long[] counts = new long[Histograms.BUCKETS];
            for (int bucket = 0; bucket < counts.length; bucket++) {
                counts[bucket] = all.count(one, bucket);
            }
            if (Arrays.stream(counts).sum() > 0) {
                byTags.computeIfAbsent(List.of(tagValues), fresh -> new Sum()).add(counts, all.sumNanos(one));
            }
        }

        HistogramSnapshot snapshot() {
            List<HistogramDataPointSnapshot> points = new ArrayList<>();
            byTags.forEach((values, sum) -> points.add(sum.point(Labels.of(meter.tags(), values))));
            HistogramSnapshot.Builder snapshot = HistogramSnapshot.builder()
                    .name(meter.prometheusName())
                    .help(meter.meaning())
                    .unit(Unit.SECONDS);
            points.forEach(snapshot::dataPoint);
            return snapshot.build();
        }
    }

    private static final class Sum {
        private final long[] counts = new long[Histograms.BUCKETS];
        private long nanos;

        void add(long[] more, long moreNanos) {
            for (int bucket = 0; bucket < counts.length; bucket++) {
                counts[bucket] += more[bucket];
            }
            nanos += moreNanos;
        }

        HistogramDataPointSnapshot point(Labels labels) {
            ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
            for (int bucket = 0; bucket < counts.length; bucket++) {
                buckets.bucket(bound(bucket), counts[bucket]);
            }
            return HistogramDataPointSnapshot.builder()
                    .labels(labels)
                    .classicHistogramBuckets(buckets.build())
                    .sum(nanos / NANOS_PER_SECOND)
                    .build();
        }

        private static double bound(int bucket) {
            return bucket < Histograms.BOUNDS_MICROS.length
                    ? Histograms.BOUNDS_MICROS[bucket] / (double) TimeUnit.SECONDS.toMicros(1)
                    : Double.POSITIVE_INFINITY;
        }
    }
}
