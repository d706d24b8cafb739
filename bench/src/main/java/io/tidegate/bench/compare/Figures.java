package io.tidegate.bench.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** All that was measured, round by round. */
final class Figures {
    private record Place(int pipeline, String subject, Metric metric) {}

    private final Map<Place, List<Double>> rounds = new LinkedHashMap<>();

    /** Adds the next round's. */
    void add(int pipeline, String subject, Metric metric, double value) {
        rounds.computeIfAbsent(new Place(pipeline, subject, metric), place -> new ArrayList<>())
                .add(value);
    }

    /** Empty if this subject has no such thing. */
    List<Double> rounds(int pipeline, String subject, Metric metric) {
        return rounds.getOrDefault(new Place(pipeline, subject, metric), List.of());
    }
}
