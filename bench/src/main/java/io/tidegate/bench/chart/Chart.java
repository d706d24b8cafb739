package io.tidegate.bench.chart;

import io.tidegate.bench.report.Spread;
import java.util.List;

/**
 * Curves over one axis.
 *
 * @param subtitle under which conditions, in a line
 * @param ticks along the horizontal axis, on which every doubling is equally wide; in order, one at least
 * @param curves one at least
 */
public record Chart(String title, String subtitle, String xLabel, String yLabel, List<Tick> ticks, List<Curve> curves) {
    /** A place on the horizontal axis, and what is written there. */
    public record Tick(double x, String text) {}

    /** What one subject gave. */
    public record Curve(String name, List<Point> points) {
        public Curve {
            points = List.copyOf(points);
        }
    }

    /** The median is drawn, and whiskers from the least to the most. */
    public record Point(double x, Spread y) {}

    public Chart {
        ticks = List.copyOf(ticks);
        curves = List.copyOf(curves);
    }
}
