package io.tidegate.bench.chart;

import static java.util.stream.Collectors.joining;

import io.tidegate.bench.chart.Chart.Curve;
import io.tidegate.bench.chart.Chart.Point;
import io.tidegate.bench.chart.Chart.Tick;
import io.tidegate.bench.report.Spread;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Lays a {@link Chart} out: one panel, the names at the right ends of their curves. */
public final class ChartSvg {
    private static final int WIDTH = 820;
    private static final int HEIGHT = 420;

    private static final double LEFT = 78;
    private static final double RIGHT = 560;
    private static final double TOP = 74;
    private static final double BOTTOM = 354;

    /** Between the frame and the first and last place on the horizontal axis. */
    private static final double INSET = 30;

    private static final double NAME_HEIGHT = 18;
    private static final double NAME_GAP = 22;

    /** Curves are so far from one another at the same place, so that their whiskers can be told apart. */
    private static final double STAGGER = 5;

    private static final double WHISKER = 3.5;

    private static final String INK = "#1f2328";
    private static final String FAINT = "#59636e";
    private static final String GRID = "#e4e8ec";
    private static final String GROUND = "#ffffff";
    private static final String FRAME = "#d1d9e0";

    private final Chart chart;
    private final Scale xScale;
    private final Scale yScale;
    private final Svg svg;
    private final List<Look> looks;

    private ChartSvg(Chart chart) {
        this.chart = chart;
        double first = chart.ticks().get(0).x();
        double last = chart.ticks().get(chart.ticks().size() - 1).x();
        xScale = new Scale(true, first, Math.max(last, first * 2), LEFT + INSET, RIGHT - INSET);
        double min = spreads().mapToDouble(Spread::min).min().orElseThrow();
        double max = spreads().mapToDouble(Spread::max).max().orElseThrow();
        yScale = Scale.of(min, max, BOTTOM, TOP);
        looks = Look.of(chart.curves().stream().map(Curve::name).toList());
        svg = new Svg(WIDTH, HEIGHT, chart.title());
    }

    /** The whole file. */
    public static String of(Chart chart) {
        return new ChartSvg(chart).draw();
    }

    private String draw() {
        svg.element(
                "rect",
                "x",
                0.5,
                "y",
                0.5,
                "width",
                WIDTH - 1,
                "height",
                HEIGHT - 1,
                "rx",
                8,
                "fill",
                GROUND,
                "stroke",
                FRAME);
        svg.text(chart.title(), "x", 24, "y", 30, "font-size", 16, "font-weight", 600, "fill", INK);
        svg.text(chart.subtitle(), "x", 24, "y", 50, "font-size", 12, "fill", FAINT);
        drawAxes();
        // The first is what the plot is about: it comes last, above the others.
        for (int i = chart.curves().size() - 1; i >= 0; i--) {
            drawCurve(i);
        }
        drawNames();
        return svg.end();
    }

    private void drawAxes() {
        for (double tick : yScale.ticks()) {
            double y = yScale.at(tick);
            line(LEFT, y, RIGHT, y, GRID, 1);
            svg.text(Ticks.text(tick), "x", LEFT - 8, "y", y + 4, "font-size", 12, "fill", FAINT, "text-anchor", "end");
        }
        for (Tick tick : chart.ticks()) {
            double x = xScale.at(tick.x());
            line(x, BOTTOM, x, BOTTOM + 5, FAINT, 1);
            svg.text(tick.text(), "x", x, "y", BOTTOM + 20, "font-size", 12, "fill", FAINT, "text-anchor", "middle");
        }
        line(LEFT, BOTTOM, RIGHT, BOTTOM, FAINT, 1);
        svg.text(
                chart.xLabel(),
                "x",
                (LEFT + RIGHT) / 2,
                "y",
                BOTTOM + 44,
                "font-size",
                13,
                "fill",
                INK,
                "text-anchor",
                "middle");
        double middle = (TOP + BOTTOM) / 2;
        svg.text(
                chart.yLabel() + (yScale.logarithmic() ? " (log scale)" : ""),
                "x",
                22.0,
                "y",
                middle,
                "font-size",
                13,
                "fill",
                INK,
                "text-anchor",
                "middle",
                "transform",
                "rotate(-90 22 " + Svg.number(middle) + ")");
    }

    private void drawCurve(int index) {
        Curve curve = chart.curves().get(index);
        Look look = look(index);
        String line = curve.points().stream()
                .map(point -> Svg.number(x(point, index)) + ","
                        + Svg.number(yScale.at(point.y().median())))
                .collect(joining(" "));
        svg.element(
                "polyline",
                "points",
                line,
                "fill",
                "none",
                "stroke",
                look.colour(),
                "stroke-width",
                2,
                "stroke-linejoin",
                "round");
        for (Point point : curve.points()) {
            double x = x(point, index);
            double low = yScale.at(point.y().min());
            double high = yScale.at(point.y().max());
            line(x, low, x, high, look.colour(), 1.2);
            line(x - WHISKER, low, x + WHISKER, low, look.colour(), 1.2);
            line(x - WHISKER, high, x + WHISKER, high, look.colour(), 1.2);
            look.mark(svg, x, yScale.at(point.y().median()));
        }
    }

    /** Each beside the end of its curve, or so far below as the one above it needs. */
    private void drawNames() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < chart.curves().size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingDouble(this::endY));
        List<Double> places = places(order.stream().map(this::endY).toList());
        for (int i = 0; i < order.size(); i++) {
            int index = order.get(i);
            double y = places.get(i);
            line(endX(index) + 8, endY(index), RIGHT + NAME_GAP - 12, y, FRAME, 1);
            look(index).mark(svg, RIGHT + NAME_GAP - 4, y);
            svg.text(
                    chart.curves().get(index).name(),
                    "x",
                    RIGHT + NAME_GAP + 8,
                    "y",
                    y + 4,
                    "font-size",
                    13,
                    "font-weight",
                    index == 0 ? 600 : 400,
                    "fill",
                    INK);
        }
    }

    /** These, apart by the height of a name and within the panel. */
    static List<Double> places(List<Double> wanted) {
        List<Double> places = new ArrayList<>();
        double next = TOP;
        for (double y : wanted) {
            places.add(Math.max(y, next));
            next = places.get(places.size() - 1) + NAME_HEIGHT;
        }
        double last = BOTTOM;
        for (int i = places.size() - 1; i >= 0; i--) {
            places.set(i, Math.min(places.get(i), last));
            last = places.get(i) - NAME_HEIGHT;
        }
        return places;
    }

    private double x(Point point, int index) {
        return xScale.at(point.x()) + (index - (chart.curves().size() - 1) / 2.0) * STAGGER;
    }

    private double endX(int index) {
        return x(end(index), index);
    }

    private double endY(int index) {
        return yScale.at(end(index).y().median());
    }

    private Point end(int index) {
        List<Point> points = chart.curves().get(index).points();
        return points.get(points.size() - 1);
    }

    private Look look(int index) {
        return looks.get(index);
    }

    private Stream<Spread> spreads() {
        return chart.curves().stream().flatMap(curve -> curve.points().stream()).map(Point::y);
    }

    private void line(double x1, double y1, double x2, double y2, String colour, double width) {
        svg.element("line", "x1", x1, "y1", y1, "x2", x2, "y2", y2, "stroke", colour, "stroke-width", width);
    }
}
