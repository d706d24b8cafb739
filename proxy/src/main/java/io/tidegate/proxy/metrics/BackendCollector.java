package io.tidegate.proxy.metrics;

import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Every {@link BackendMeter}, made of the fields of INFO of every node; what a node does not say is left out. */
final class BackendCollector implements MultiCollector {
    private static final String TOTAL = "_total";
    private static final String INFO = "_info";

    private final Supplier<Map<NodeAddress, Optional<Map<String, String>>>> nodes;

    BackendCollector(Supplier<Map<NodeAddress, Optional<Map<String, String>>>> nodes) {
        this.nodes = nodes;
    }

    /** One value of a meter. */
    private record Point(Labels labels, double value) {}

    @Override
    public MetricSnapshots collect() {
        Map<BackendMeter, List<Point>> points = new EnumMap<>(BackendMeter.class);
        nodes.get().forEach((node, fields) -> {
            add(points, BackendMeter.UP, fields.isPresent() ? 1.0 : 0.0, node.toString());
            fields.ifPresent(known -> describe(points, node.toString(), known));
        });
        List<MetricSnapshot> snapshots = new ArrayList<>();
        points.forEach((meter, values) -> snapshots.add(snapshot(meter, values)));
        return new MetricSnapshots(snapshots);
    }

    private static void describe(Map<BackendMeter, List<Point>> points, String node, Map<String, String> fields) {
        for (BackendMeter meter : BackendMeter.values()) {
            String field = meter.field();
            if (field != null) {
                add(points, meter, number(fields.get(field)), values(meter, node, fields));
            }
        }
        BackendMeter info = BackendMeter.INSTANCE_INFO;
        add(points, info, 1.0, values(info, node, fields));
        fields.forEach((field, text) -> {
            Map<String, String> parts = new LinkedHashMap<>();
            if (field.matches("slave\\d+")) {
                // ip=127.0.0.1,port=6380,state=online,offset=70,lag=1
                split("slave_", text, parts);
                describeReplica(points, node, parts, number(fields.get("master_repl_offset")));
            } else if (field.matches("db\\d+")) {
                // keys=2,expires=1,avg_ttl=300
                split("", text, parts);
                add(points, BackendMeter.DB_KEYS, number(parts.get("keys")), node, field);
                add(points, BackendMeter.DB_KEYS_EXPIRING, number(parts.get("expires")), node, field);
            }
        });
    }

    /** A replica as its primary sees it, with where the primary was when it said so. */
    private static void describeReplica(
            Map<BackendMeter, List<Point>> points, String node, Map<String, String> parts, @Nullable Double end) {
        String[] labels = values(BackendMeter.SLAVE_OFFSET, node, parts);
        Double offset = number(parts.get("slave_offset"));
        Double lag = number(parts.get("slave_lag"));
        add(points, BackendMeter.SLAVE_OFFSET, offset, labels);
        add(points, BackendMeter.SLAVE_LAG, lag, labels);
        add(points, BackendMeter.REPLICATION_LAG, lag, labels);
        add(points, BackendMeter.REPLICATION_LAG_BYTES, end == null || offset == null ? null : end - offset, labels);
    }

    /** The labels' values: those of the fields of their names. */
    private static String[] values(BackendMeter meter, String node, Map<String, String> fields) {
        return meter.labels().stream()
                .map(label -> label.equals(BackendMeter.NODE) ? node : fields.getOrDefault(label, ""))
                .toArray(String[]::new);
    }

    private static void split(String prefix, String text, Map<String, String> parts) {
        for (String pair : text.split(",", -1)) {
            int equals = pair.indexOf('=');
            parts.put(prefix + pair.substring(0, Math.max(0, equals)), pair.substring(equals + 1));
        }
    }

    private static void add(
            Map<BackendMeter, List<Point>> points, BackendMeter meter, @Nullable Double value, String... labelValues) {
        if (value != null) {
            Labels labels = Labels.of(meter.labels(), List.of(labelValues));
            points.computeIfAbsent(meter, fresh -> new ArrayList<>()).add(new Point(labels, value));
        }
    }

    /** Words that say how something is count as 1 or 0; null for what is no number and no such word. */
    private static @Nullable Double number(@Nullable String text) {
        if (text == null) {
            return null;
        }
        switch (text) {
            case "ok", "up" -> {
                return 1.0;
            }
            case "err", "down" -> {
                return 0.0;
            }
            default -> {
                try {
                    return Double.valueOf(text);
                } catch (NumberFormatException e) {
                    return null;
                }
            }
        }
    }

    private static MetricSnapshot snapshot(BackendMeter meter, List<Point> points) {
        String name = meter.prometheusName();
        if (meter == BackendMeter.INSTANCE_INFO) {
            InfoSnapshot.Builder info =
                    InfoSnapshot.builder().name(without(INFO, name)).help(meter.meaning());
            points.forEach(point -> info.dataPoint(
                    InfoDataPointSnapshot.builder().labels(point.labels).build()));
            return info.build();
        }
        if (meter.kind() == Meter.Kind.COUNTER) {
            CounterSnapshot.Builder counter =
                    CounterSnapshot.builder().name(without(TOTAL, name)).help(meter.meaning());
            points.forEach(point -> counter.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(point.labels)
                    .value(point.value)
                    .build()));
            return counter.build();
        }
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(meter.meaning());
        points.forEach(point -> gauge.dataPoint(GaugeDataPointSnapshot.builder()
                .labels(point.labels)
                .value(point.value)
                .build()));
        return gauge.build();
    }

    private static String without(String suffix, String name) {
        return name.substring(0, name.length() - suffix.length());
    }
}
