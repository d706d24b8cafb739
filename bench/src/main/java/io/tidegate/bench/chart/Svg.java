package io.tidegate.bench.chart;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Writes elements, one a line. Attributes are pairs of a name and a value. */
final class Svg {
    private final StringBuilder text = new StringBuilder();

    Svg(int width, int height, String title) {
        text.append("""
                <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" \
                font-family="system-ui, 'Segoe UI', 'DejaVu Sans', Helvetica, Arial, sans-serif">
                <title>%s</title>
                """.formatted(width, height, width, height, escaped(title)));
    }

    void element(String name, Object... attributes) {
        open(name, attributes);
        text.append("/>\n");
    }

    void text(String content, Object... attributes) {
        open("text", attributes);
        text.append('>').append(escaped(content)).append("</text>\n");
    }

    /** All of it. */
    String end() {
        return text + "</svg>\n";
    }

    private void open(String name, Object... attributes) {
        text.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            String value = attributes[i + 1] instanceof Double number ? number(number) : attributes[i + 1].toString();
            text.append(' ')
                    .append(attributes[i])
                    .append("=\"")
                    .append(escaped(value))
                    .append('"');
        }
    }

    /** A tenth of a pixel is enough. */
    static String number(double value) {
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(1, RoundingMode.HALF_UP);
        return rounded.stripTrailingZeros().toPlainString();
    }

    private static String escaped(String raw) {
        return raw.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
