package io.tidegate.bench.stage;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a running Tidegate counted, as Prometheus would see it.
 *
 * @param samples by name and tags, as they are written: {@code tidegate_requests_total{level="session"}}
 */
public record Scrape(Map<String, Double> samples) {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration LIMIT = Duration.ofSeconds(10);

    public Scrape {
        samples = Map.copyOf(samples);
    }

    /**
     * Asks now.
     *
     * @param admin a Tidegate's admin address
     */
    public static Scrape of(InetSocketAddress admin) throws IOException, InterruptedException {
        URI page = URI.create("http://" + Stage.text(admin) + "/metrics");
        HttpRequest request = HttpRequest.newBuilder(page).timeout(LIMIT).build();
        return parse(CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body());
    }

    /** @param text in Prometheus' text format */
    static Scrape parse(String text) {
        Map<String, Double> samples = new LinkedHashMap<>();
        text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            String value = line.substring(space + 1).replace("+Inf", "Infinity").replace("-Inf", "-Infinity");
            samples.put(line.substring(0, space), Double.valueOf(value));
        });
        return new Scrape(samples);
    }

    /** Of this name, whatever its tags. */
    public double sum(String name) {
        return samples.entrySet().stream()
                .filter(sample ->
                        sample.getKey().equals(name) || sample.getKey().startsWith(name + "{"))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** Those of this name by the value of a tag, in the order of these. */
    public Map<String, Double> by(String name, String tag) {
        Pattern pattern = Pattern.compile(Pattern.quote(name) + "\\{(?:.*,)?" + Pattern.quote(tag) + "=\"([^\"]*)\".*");
        Map<String, Double> found = new TreeMap<>();
        samples.forEach((series, value) -> {
            Matcher matcher = pattern.matcher(series);
            if (matcher.matches()) {
                found.merge(matcher.group(1), value, Double::sum);
            }
        });
        return found;
    }
}
