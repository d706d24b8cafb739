package io.tidegate.bench.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ScrapeTest {
    private static final Scrape SCRAPE = Scrape.parse("""
            # HELP tidegate_requests_total Requests of clients.
            # TYPE tidegate_requests_total counter
            tidegate_requests_total{level="eventual"} 2.0
            tidegate_requests_total{level="session"} 1.5E7
            tidegate_requests_totally 7.0
            tidegate_lease_remaining_seconds +Inf
            tidegate_loop_client_connections{loop="0"} 3.0
            tidegate_loop_client_connections{kind="a",loop="1"} 4.0
            tidegate_loop_client_connections{loop="1",kind="b"} 5.0
            """);

    @Test
    void sumsWhatHasAName() {
        assertThat(SCRAPE.sum("tidegate_requests_total")).isEqualTo(15_000_002);
        assertThat(SCRAPE.sum("tidegate_requests_totally")).isEqualTo(7);
        assertThat(SCRAPE.sum("tidegate_lease_remaining_seconds")).isInfinite();
        assertThat(SCRAPE.sum("tidegate_nothing")).isZero();
    }

    @Test
    void sumsByTag() {
        assertThat(SCRAPE.by("tidegate_loop_client_connections", "loop")).isEqualTo(Map.of("0", 3.0, "1", 9.0));
    }
}
