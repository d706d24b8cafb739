package io.tidegate.bench.chart;

import java.util.ArrayList;
import java.util.List;

/** How a curve is drawn: a colour that those who see few colours can tell from the others, and a shape. */
enum Look {
    BLUE("#0969da", Shape.CIRCLE),
    ORANGE("#d1570b", Shape.SQUARE),
    GREEN("#1a7f37", Shape.DIAMOND),
    PURPLE("#8250df", Shape.TRIANGLE),
    BROWN("#7d5a2b", Shape.CIRCLE),
    TEAL("#0f7b83", Shape.SQUARE),
    /** For what is there to be compared with. */
    GREY("#6e7781", Shape.DIAMOND);

    enum Shape {
        CIRCLE,
        SQUARE,
        DIAMOND,
        TRIANGLE
    }

    /** What everything else is compared with; not everywhere is there such a curve. */
    private static final String REFERENCE = "direct";

    private static final double SIZE = 4.5;

    private final String colour;
    private final Shape shape;

    Look(String colour, Shape shape) {
        this.colour = colour;
        this.shape = shape;
    }

    /** The looks of curves with these names: {@code direct} is grey and takes no colour from those behind it. */
    static List<Look> of(List<String> names) {
        List<Look> looks = new ArrayList<>();
        int next = 0;
        for (String name : names) {
            looks.add(name.equals(REFERENCE) ? GREY : values()[next++ % (values().length - 1)]);
        }
        return looks;
    }

    String colour() {
        return colour;
    }

    /** Draws the shape around a point. */
    void mark(Svg svg, double x, double y) {
        switch (shape) {
            case CIRCLE -> svg.element("circle", "cx", x, "cy", y, "r", SIZE, "fill", colour);
            case SQUARE ->
                svg.element(
                        "rect",
                        "x",
                        x - SIZE + 0.5,
                        "y",
                        y - SIZE + 0.5,
                        "width",
                        2 * SIZE - 1,
                        "height",
                        2 * SIZE - 1,
                        "fill",
                        colour);
            case DIAMOND -> polygon(svg, x, y - SIZE - 1, x + SIZE + 1, y, x, y + SIZE + 1, x - SIZE - 1, y);
            case TRIANGLE -> polygon(svg, x, y - SIZE - 1, x + SIZE + 1, y + SIZE, x - SIZE - 1, y + SIZE);
        }
    }

    private void polygon(Svg svg, double... coordinates) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < coordinates.length; i += 2) {
            points.append(i == 0 ? "" : " ")
                    .append(Svg.number(coordinates[i]))
                    .append(',')
                    .append(Svg.number(coordinates[i + 1]));
        }
        svg.element("polygon", "points", points, "fill", colour);
    }
}
