package io.tidegate.bench.compare;

import io.tidegate.bench.load.Traffic;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that was measured, round by round. */
final class Figures {
    /**
     * What one subject gave in one case.
     *
     * @param rounds a value of each
     */
    record Line(Traffic traffic, String subject, Metric metric, List<Double> rounds) {}

    private record Place(Traffic traffic, String subject, Metric metric) {}

    private final Map<Place, List<Double>> rounds = new LinkedHashMap<>();

    /** What {@link #lines} gave. */
    static Figures of(List<Line> lines) {
        Figures figures = new Figures();
        for (Line line : lines) {
            line.rounds().forEach(value -> figures.add(line.traffic(), line.subject(), line.metric(), value));
        }
        return figures;
    }

    /** Adds the next round's. */
    void add(Traffic traffic, String subject, Metric metric, double value) {
        rounds.computeIfAbsent(new Place(traffic, subject, metric), place -> new ArrayList<>())
                .add(value);
    }

    /** Empty if this subject has no such thing. */
    List<Double> rounds(Traffic traffic, String subject, Metric metric) {
        return rounds.getOrDefault(new Place(traffic, subject, metric), List.of());
    }

    /** All of it, in the order in which it came. */
    List<Line> lines() {
        return rounds.entrySet().stream()
                .map(entry -> new Line(
                        entry.getKey().traffic(),
                        entry.getKey().subject(),
                        entry.getKey().metric(),
                        List.copyOf(entry.getValue())))
                .toList();
    }
}
