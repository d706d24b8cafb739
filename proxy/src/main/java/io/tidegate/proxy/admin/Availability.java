package io.tidegate.proxy.admin;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.tidegate.routing.RoutingTable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One question whether the shard is available, as load balancers and clients with several sites ask Redis Enterprise
 * (<a href="https://redis.io/docs/latest/operate/rs/monitoring/db-availability/">database availability</a>): whether the
 * primary takes writes; with {@code extend_check=lag} also whether a replica that may be promoted holds everything that
 * the primary had executed {@code availability_lag_tolerance_ms} before the question came. That is proven as it is for a
 * read of level {@code bounded}; if it is not yet, the nodes are asked and the answer waits a moment.
 */
final class Availability {
    private static final String CHECK = "extend_check";
    private static final String TOLERANCE = "availability_lag_tolerance_ms";
    private static final String LAG = "lag";
    private static final long TOLERANCE_MILLIS = 100;
    private static final long TOLERANCE_MILLIS_MAX = TimeUnit.DAYS.toMillis(1);
    private static final long WAIT_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    private final AdminSources sources;
    private final @Nullable String mistake;
    private final boolean lag;
    private final long toleranceMillis;
    private final long askedNanos;

    /**
     * An answer.
     *
     * @param status of HTTP
     * @param code in one word, for programs; null if it is available
     * @param description for people
     */
    record Verdict(int status, @Nullable String code, String description) {
        static final Verdict AVAILABLE = new Verdict(200, null, "");
    }

    private Availability(AdminSources sources, @Nullable String mistake, boolean lag, long toleranceMillis) {
        this.sources = sources;
        this.mistake = mistake;
        this.lag = lag;
        this.toleranceMillis = toleranceMillis;
        this.askedNanos = sources.clock().getAsLong();
    }

    static Availability asked(AdminSources sources, String uri) {
        Map<String, List<String>> parameters = new QueryStringDecoder(uri).parameters();
        boolean lag = false;
        for (String checks : parameters.getOrDefault(CHECK, List.of())) {
            for (String check : checks.split(",", -1)) {
                if (!check.equals(LAG)) {
                    return new Availability(sources, CHECK + ": unknown (expected: " + LAG + ")", false, 0);
                }
                lag = true;
            }
        }
        String tolerance = parameters
                .getOrDefault(TOLERANCE, List.of(Long.toString(TOLERANCE_MILLIS)))
                .get(0);
        boolean number = tolerance.matches("\\d{1,9}") && Long.parseLong(tolerance) <= TOLERANCE_MILLIS_MAX;
        return number
                ? new Availability(sources, null, lag, Long.parseLong(tolerance))
                : new Availability(sources, TOLERANCE + " (expected: 0.." + TOLERANCE_MILLIS_MAX + ")", false, 0);
    }

    /** The answer as things are; null if waiting may bring a better one. */
    @Nullable Verdict look() {
        if (mistake != null) {
            return new Verdict(400, "invalid_parameter", mistake);
        }
        RoutingTable table = sources.table().get();
        if (sources.listeners().get().isEmpty()) {
            return new Verdict(503, "not_listening", "this proxy is starting or stopping");
        }
        if (table.primary() == null || !table.writes().open()) {
            String gate = table.writes().name().toLowerCase(Locale.ROOT);
            return new Verdict(503, "no_primary", "no write can be sent: " + gate);
        }
        if (!lag) {
            return Verdict.AVAILABLE;
        }
        long neededNanos = askedNanos - TimeUnit.MILLISECONDS.toNanos(toleranceMillis);
        boolean held = table.replicas().stream()
                .anyMatch(replica -> replica.promotable() && replica.asOfNanos() >= neededNanos);
        if (held) {
            return Verdict.AVAILABLE;
        }
        if (table.promotable() > 0 && sources.clock().getAsLong() - askedNanos < WAIT_NANOS_MAX) {
            sources.freshnessWanted().accept(neededNanos);
            return null;
        }
        return new Verdict(
                503,
                "replica_lag",
                "no replica that may be promoted is known to be within " + toleranceMillis + " ms of the primary");
    }
}
