package io.tidegate.proxy.cli.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** The admin port of a Tidegate: whether whoever watches it would see what happens. */
final class Monitoring {
    /** What alerts are made of; see {@code deploy/prometheus}. */
    static final List<String> METRICS = List.of(
            "tidegate_requests_total",
            "tidegate_write_gate",
            "tidegate_epoch",
            "tidegate_held_requests",
            "tidegate_sentinel_up",
            "tidegate_replica_as_of_age_seconds");

    private static final String FAILOVERS = "tidegate_failovers_total";
    private static final int WAIT_MILLIS_MAX = (int) TimeUnit.SECONDS.toMillis(5);
    private static final int BYTES_MAX = 16 * 1024 * 1024;

    private final URI admin;
    private final @Nullable SSLSocketFactory tls;
    private final boolean sentinels;

    /**
     * Asks nothing yet.
     *
     * @param tls for an address that wants it
     * @param sentinels whether there are any to be seen
     */
    Monitoring(URI admin, @Nullable SSLSocketFactory tls, boolean sentinels) {
        this.admin = admin;
        this.tls = tls;
        this.sentinels = sentinels;
    }

    /** An answer of the admin port. */
    private record Page(int code, String body) {}

    /** What should be there, without any fault. */
    void look(Step step) throws IOException {
        for (String path : List.of("/livez", "/readyz")) {
            int code = get(path).code();
            step.fact(path.substring(1), code, path + " " + code);
            if (code != HttpURLConnection.HTTP_OK) {
                step.fail(path + " says " + code);
            }
        }
        Page metrics = get("/metrics");
        List<String> missing = METRICS.stream()
                .filter(metric -> sentinels || !metric.equals("tidegate_sentinel_up"))
                .filter(metric -> !has(metrics.body(), metric))
                .toList();
        step.fact(
                "metrics",
                METRICS.size() - missing.size(),
                "/metrics has " + (missing.isEmpty() ? "all that alerts need" : "not all that alerts need"));
        if (!missing.isEmpty()) {
            step.warn("/metrics has no " + missing.stream().collect(Collectors.joining(", ")));
        }
    }

    /** Failovers that it has counted; null if it does not say. */
    @Nullable Double failovers() throws IOException {
        List<Double> samples = get("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(FAILOVERS))
                .map(line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)))
                .toList();
        return samples.isEmpty()
                ? null
                : samples.stream().mapToDouble(Double::doubleValue).sum();
    }

    private static boolean has(String metrics, String name) {
        return metrics.lines().anyMatch(line -> line.startsWith(name));
    }

    private Page get(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) admin.resolve(path).toURL().openConnection();
        if (tls != null && connection instanceof HttpsURLConnection secured) {
            secured.setSSLSocketFactory(tls);
        }
        connection.setConnectTimeout(WAIT_MILLIS_MAX);
        connection.setReadTimeout(WAIT_MILLIS_MAX);
        try {
            int code = connection.getResponseCode();
            try (InputStream body = code < HttpURLConnection.HTTP_BAD_REQUEST
                    ? connection.getInputStream()
                    : connection.getErrorStream()) {
                return new Page(code, body == null ? "" : new String(body.readNBytes(BYTES_MAX), UTF_8));
            }
        } catch (IOException e) {
            throw new IOException(admin.resolve(path) + ": " + e.getMessage(), e);
        } finally {
            connection.disconnect();
        }
    }
}
