package io.tidegate.bench.chart;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.chart.Chart.Curve;
import io.tidegate.bench.chart.Chart.Point;
import io.tidegate.bench.chart.Chart.Tick;
import io.tidegate.bench.report.Spread;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ChartSvgTest {
    private static final Chart CHART = new Chart(
            "Cost & <price>",
            "50 connections",
            "pipeline",
            "µs",
            List.of(new Tick(1, "1"), new Tick(16, "16")),
            List.of(
                    new Curve(
                            "tidegate",
                            List.of(new Point(1, new Spread(8, 7, 10)), new Point(16, new Spread(0.5, 0.4, 0.6)))),
                    new Curve(
                            "direct", List.of(new Point(1, new Spread(8, 8, 8)), new Point(16, new Spread(2, 1, 3))))));

    @Test
    void isXmlWithEveryTextAndAMarkForEachPoint() throws Exception {
        Element svg = svg();
        assertThat(texts(svg))
                .contains(
                        "Cost & <price>",
                        "50 connections",
                        "pipeline",
                        "µs (log scale)",
                        "1",
                        "16",
                        "tidegate",
                        "direct");
        assertThat(svg.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        // Two points and the one beside the name.
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(3);
        assertThat(svg.getElementsByTagName("polygon").getLength()).isEqualTo(3);
    }

    @Test
    void lessIsLowerDown() throws Exception {
        Element line = (Element) svg().getElementsByTagName("polyline").item(1);
        String[] points = line.getAttribute("points").split("[ ,]", -1);
        assertThat(Double.parseDouble(points[0])).isLessThan(Double.parseDouble(points[2]));
        assertThat(Double.parseDouble(points[1])).isLessThan(Double.parseDouble(points[3]));
    }

    @Test
    void aSubjectLooksTheSameWhereThereIsNothingDirect() {
        assertThat(Look.of(List.of("tidegate", "direct", "haproxy")))
                .containsExactly(Look.BLUE, Look.GREY, Look.ORANGE);
        assertThat(Look.of(List.of("tidegate", "haproxy"))).containsExactly(Look.BLUE, Look.ORANGE);
    }

    @Test
    void namesKeepApart() {
        assertThat(ChartSvg.places(List.of(100.0, 105.0, 200.0))).containsExactly(100.0, 118.0, 200.0);
        assertThat(ChartSvg.places(List.of(350.0, 352.0, 354.0))).containsExactly(318.0, 336.0, 354.0);
    }

    private static Element svg() throws Exception {
        byte[] bytes = ChartSvg.of(CHART).getBytes(UTF_8);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(bytes))
                .getDocumentElement();
    }

    private static List<String> texts(Element svg) {
        NodeList nodes = svg.getElementsByTagName("text");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }
}
