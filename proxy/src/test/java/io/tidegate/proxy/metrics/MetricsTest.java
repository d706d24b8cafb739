package io.tidegate.proxy.metrics;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.metrics.Figures.NodeFigures;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Acknowledged.Writes;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.WarningKind;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class MetricsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Node PRIMARY = node(0);
    private static final Node FRESH = node(1);
    private static final Node UNKNOWN = node(2);

    private RoutingTable table = table(11 * SECOND);
    private final ControlStats control = new ControlStats();
    private final BackendView backend = BackendView.on();
    private final TlsStats tls = new TlsStats();
    private final Metrics metrics =
            new Metrics(() -> table, () -> 10 * SECOND, control, Map.of("hold.bytes-max", 70L), backend, tls);

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void namesAreUniqueAndFollowTheConventionsOfPrometheus() {
        Set<String> names = new HashSet<>();
        for (Meter meter : Meter.values()) {
            String name = meter.prometheusName();
            assertThat(names.add(name)).as(name).isTrue();
            assertThat(name).matches("tidegate(_[a-z]+)+");
            assertThat(name.endsWith("_total")).as(name).isEqualTo(meter.kind() == Meter.Kind.COUNTER);
            assertThat(name.replace("_total", "").endsWith("_bytes"))
                    .as(name)
                    .isEqualTo(meter.unit() == Meter.Unit.BYTES);
            assertThat(name.replace("_total", "").endsWith("_seconds"))
                    .as(name)
                    .isEqualTo(meter.unit() == Meter.Unit.SECONDS);
            assertThat(meter.meaning()).as(name).matches("[A-Z0-9].*\\.");
            assertThat(meter.tags()).as(name).allMatch(tag -> tag.matches("[a-z]+"));
        }
    }

    @Test
    void everyMeterIsScrapedUnderItsNameAndNoOther() {
        countEverything();
        String text = metrics.scrape();

        Map<String, String> types = text.lines()
                .filter(line -> line.startsWith("# TYPE tidegate_"))
                .map(line -> line.split(" ", -1))
                .collect(toMap(words -> words[2], words -> words[3]));
        assertThat(types)
                .isEqualTo(Arrays.stream(Meter.values())
                        .collect(toMap(
                                Meter::prometheusName,
                                meter -> meter.kind().name().toLowerCase(Locale.ROOT))));
        for (Meter meter : Meter.values()) {
            assertThat(text).contains("# HELP " + meter.prometheusName() + " " + meter.meaning());
            String labels = meter.tags().isEmpty()
                    ? " "
                    : "\\{"
                            + String.join(
                                    ",",
                                    meter.tags().stream()
                                            .map(tag -> tag + "=\"[^\"]+\"")
                                            .toList()) + "} ";
            String suffix = meter.kind() == Meter.Kind.HISTOGRAM ? "_count" : "";
            assertThat(text).containsPattern("(?m)^" + meter.prometheusName() + suffix + labels);
        }
        assertThat(text)
                .contains(
                        "jvm_memory_used_bytes{",
                        "jvm_threads_live_threads ",
                        "process_uptime_seconds ",
                        "process_cpu_seconds_total ")
                .doesNotContain("process_cpu_time_ns");
    }

    @Test
    void countsOfAllLoopsAreSummed() {
        countEverything();
        countEverything();

        assertThat(metrics.scrape())
                .contains(
                        "tidegate_requests_total{level=\"session\"} 4.0\n",
                        "tidegate_requests_total{level=\"strong\"} 0.0\n",
                        "tidegate_routed_total{node=\"h:1\",reason=\"write\"} 2.0\n",
                        "tidegate_client_connections 2.0\n",
                        "tidegate_loop_client_connections{loop=\"0\"} 1.0\n",
                        "tidegate_loop_client_connections{loop=\"1\"} 1.0\n",
                        "tidegate_client_received_bytes_total 20.0\n",
                        "tidegate_parked_bytes 200.0\n",
                        "tidegate_hold_longest_seconds 2.5\n",
                        "tidegate_held_bytes 12.0\n",
                        "tidegate_upstream_connections_lent 2.0\n",
                        "tidegate_limit{setting=\"hold.bytes-max\"} 70.0\n",
                        "tidegate_errors_total{error=\"uncertain\"} 2.0\n",
                        "tidegate_refusals_total{error=\"readonly\"} 2.0\n");
        assertThat(metrics.scrape()).contains("tidegate_errors_total{error=\"uncertain\"} 2.0\n");
    }

    @Test
    void durationsAreSummedByWhatTheyAreOf() {
        countEverything();
        countEverything();
        String request = "{group=\"write\",level=\"session\",node=\"h:1\"";
        assertThat(metrics.scrape())
                .contains(
                        "tidegate_request_duration_seconds_bucket" + request + ",le=\"2.5E-4\"} 0\n",
                        "tidegate_request_duration_seconds_bucket" + request + ",le=\"5.0E-4\"} 4\n",
                        "tidegate_request_duration_seconds_bucket" + request + ",le=\"+Inf\"} 4\n",
                        "tidegate_request_duration_seconds_sum" + request + "} 0.0012\n",
                        "tidegate_upstream_duration_seconds_bucket{node=\"h:1\",le=\"2.5E-4\"} 4\n",
                        "tidegate_upstream_duration_seconds_sum{node=\"h:1\"} 0.001\n",
                        "tidegate_read_staleness_seconds_bucket{level=\"session\",node=\"h:2\",le=\"0.01\"} 0\n",
                        "tidegate_read_staleness_seconds_bucket{level=\"session\",node=\"h:2\",le=\"0.025\"} 2\n",
                        "tidegate_loop_delay_seconds_count{loop=\"1\"} 1\n")
                .doesNotContain(
                        "group=\"read\"", "tidegate_read_staleness_seconds_count{level=\"session\",node=\"h:1\"");
    }

    @Test
    void nodesAreShownUnderTheNamesOfRedisExporter() {
        backend.told(
                PRIMARY.address(),
                Map.of(
                        "role",
                        "master",
                        "used_memory",
                        "1000",
                        "total_commands_processed",
                        "7",
                        "master_repl_offset",
                        "90",
                        "slave0",
                        "ip=10.0.0.2,port=6380,state=online,offset=80,lag=1",
                        "db3",
                        "keys=5,expires=2,avg_ttl=0",
                        "rdb_last_bgsave_status",
                        "ok",
                        "used_memory_human",
                        "1K"));
        backend.told(
                FRESH.address(),
                Map.of("role", "slave", "master_host", "h", "master_port", "1", "master_link_status", "down"));
        backend.lost(UNKNOWN.address());
        assertThat(metrics.scrape())
                .contains(
                        "redis_up{node=\"h:1\"} 1.0\n",
                        "redis_up{node=\"h:3\"} 0.0\n",
                        "redis_instance_info{master_replid=\"\",maxmemory_policy=\"\",node=\"h:1\",os=\"\",redis_mode=\"\",",
                        "redis_memory_used_bytes{node=\"h:1\"} 1000.0\n",
                        "# TYPE redis_commands_processed_total counter\n",
                        "redis_commands_processed_total{node=\"h:1\"} 7.0\n",
                        "redis_connected_slave_offset_bytes{node=\"h:1\",slave_ip=\"10.0.0.2\",slave_port=\"6380\","
                                + "slave_state=\"online\"} 80.0\n",
                        "redis_replication_lag{node=\"h:1\",slave_ip=\"10.0.0.2\",slave_port=\"6380\","
                                + "slave_state=\"online\"} 1.0\n",
                        "redis_replication_lag_bytes{node=\"h:1\",slave_ip=\"10.0.0.2\",slave_port=\"6380\","
                                + "slave_state=\"online\"} 10.0\n",
                        "redis_db_keys{db=\"db3\",node=\"h:1\"} 5.0\n",
                        "redis_rdb_last_bgsave_status{node=\"h:1\"} 1.0\n",
                        "redis_master_link_up{master_host=\"h\",master_port=\"1\",node=\"h:2\"} 0.0\n")
                .doesNotContain("redis_memory_used_bytes{node=\"h:2\"");
        backend.forgotten(UNKNOWN.address());
        assertThat(metrics.scrape()).doesNotContain("redis_up{node=\"h:3\"}");
    }

    @Test
    void nodesAreAskedOnlyWhileSomebodyScrapes() {
        assertThat(backend.wanted(10 * SECOND)).isFalse();
        metrics.scrape();
        assertThat(backend.wanted(10 * SECOND)).isTrue();
        assertThat(backend.wanted(140 * SECOND)).isFalse();
        BackendView off = BackendView.off();
        off.told(PRIMARY.address(), Map.of("role", "master"));
        assertThat(off.scraped(10 * SECOND)).isEmpty();
        assertThat(off.wanted(10 * SECOND)).isFalse();
    }

    @Test
    void whatTheTableKnowsIsShownAsItIsNow() {
        control.heard(new Notice.SentinelLinkChanged(new NodeAddress("s", 1), true, "of this test"));
        control.heard(new Notice.SentinelLinkChanged(new NodeAddress("s", 2), false, "of this test"));
        assertThat(metrics.scrape())
                .contains(
                        "tidegate_epoch 7.0\n",
                        "tidegate_lease_remaining_seconds 1.0\n",
                        "tidegate_write_gate{state=\"open\"} 1.0\n",
                        "tidegate_write_gate{state=\"fenced\"} 0.0\n",
                        "tidegate_replica_as_of_age_seconds{node=\"h:2\"} 0.5\n",
                        "tidegate_replica_as_of_age_seconds{node=\"h:3\"} +Inf\n",
                        "tidegate_replica_eligible{node=\"h:2\"} 1.0\n",
                        "tidegate_replica_eligible{node=\"h:3\"} 0.0\n",
                        "tidegate_sentinel_up{sentinel=\"s:1\"} 1.0\n",
                        "tidegate_sentinel_up{sentinel=\"s:2\"} 0.0\n");

        table = RoutingTable.EMPTY;
        assertThat(metrics.scrape())
                .contains(
                        "tidegate_epoch -1.0\n",
                        "tidegate_lease_remaining_seconds -Inf\n",
                        "tidegate_write_gate{state=\"no_claim\"} 1.0\n",
                        "tidegate_sentinel_up{sentinel=\"s:1\"} 1.0\n")
                .doesNotContain("tidegate_replica_as_of_age_seconds{");

        table = table(Instants.FOREVER);
        assertThat(metrics.scrape()).contains("tidegate_lease_remaining_seconds +Inf\n");
    }

    @Test
    void aWarningStandsUntilItHasEnded() {
        Notice.Warning quorum = new Notice.Warning(WarningKind.QUORUM_ONE, "quorum: 1");
        control.heard(quorum);
        control.heard(new Notice.Warning(WarningKind.OFFSET_WENT_BACK, "offset of primary h:1 went back"));
        assertThat(control.warnings()).containsExactly(quorum);
        assertThat(metrics.scrape())
                .contains(
                        "tidegate_warnings_total{kind=\"quorum_one\"} 1.0\n",
                        "tidegate_warnings_total{kind=\"offset_went_back\"} 1.0\n",
                        "tidegate_warnings_total{kind=\"epochs_lost\"} 0.0\n",
                        "tidegate_warnings_standing{kind=\"quorum_one\"} 1.0\n",
                        "tidegate_warnings_standing{kind=\"epochs_lost\"} 0.0\n")
                .doesNotContain("tidegate_warnings_standing{kind=\"offset_went_back\"}");

        control.heard(new Notice.WarningEnded(WarningKind.QUORUM_ONE, "quorum: 1"));
        assertThat(control.warnings()).isEmpty();
        assertThat(metrics.scrape())
                .contains(
                        "tidegate_warnings_total{kind=\"quorum_one\"} 1.0\n",
                        "tidegate_warnings_standing{kind=\"quorum_one\"} 0.0\n");
    }

    @Test
    void figuresShowTheGist() {
        countEverything();
        Figures figures = metrics.figures();

        assertThat(figures.nodes())
                .containsExactly(
                        new NodeFigures(PRIMARY.address(), true, 1, 0),
                        new NodeFigures(FRESH.address(), false, 0, SECOND / 2),
                        new NodeFigures(UNKNOWN.address(), false, 0, Long.MAX_VALUE));
        assertThat(figures.leaseNanos()).isEqualTo(SECOND);
        assertThat(figures.gate()).isEqualTo(WriteGate.OPEN);
        assertThat(figures.holds()).isEqualTo(1);
        assertThat(figures.holdNanosMax()).isEqualTo(5 * SECOND / 2);
        assertThat(figures.parks()).isEqualTo(2);
        assertThat(figures.errors()).containsExactly(Map.entry("uncertain", 1L));
        assertThat(figures.uncertain()).isEqualTo(1);
        assertThat(figures.notExecuted()).isZero();
        assertThat(figures.bytesKnownLost()).isEqualTo(9);
    }

    @Test
    void failoversAreCountedByKindAndOutcome() {
        control.failoverEnded("planned", "switched", SECOND / 4, Map.of("fence", SECOND / 2, "kept", 0L));
        control.failoverEnded("unplanned", "kept", SECOND, Map.of("fence", 0L));
        control.failoverEnded("planned", "switched", SECOND / 4, Map.of("fence", SECOND / 2));
        control.writesAtRisk("least", 0);
        control.writesAtRisk("most", 3);
        control.writesAtRisk("most", 4);
        control.probeRounds(() -> 5);
        assertThat(metrics.scrape())
                .contains(
                        "tidegate_failovers_total{kind=\"planned\",outcome=\"switched\"} 2.0\n",
                        "tidegate_failovers_total{kind=\"unplanned\",outcome=\"kept\"} 1.0\n",
                        "tidegate_failover_pause_seconds_total{kind=\"planned\",outcome=\"switched\"} 0.5\n",
                        "tidegate_failover_phase_seconds{phase=\"fence\"} 0.5\n",
                        "tidegate_acknowledged_writes_at_risk_total{bound=\"least\"} 0.0\n",
                        "tidegate_acknowledged_writes_at_risk_total{bound=\"most\"} 7.0\n",
                        "tidegate_probe_rounds_total 5.0\n")
                .doesNotContain("phase=\"kept\"");
    }

    @Test
    void writesAreCountedByClaimAsFarBackAsTwo() {
        LoopStats one = metrics.newLoop();
        LoopStats other = metrics.newLoop();
        one.writesSent(4, 10);
        assertThat(one.writesTold(4, 1, 2)).as("the first of the claim").isTrue();
        one.firstWriteTold(4, 70);
        assertThat(one.writesTold(4, 5, 5)).isFalse();
        other.writesSent(4, 3);
        assertThat(metrics.writes(4)).isEqualTo(new Writes(10 * SECOND, 13, 6, 7, 10 * SECOND));
        assertThat(metrics.firstToldNanos(4)).isEqualTo(70);
        one.writesSent(5, 1);
        assertThat(metrics.writes(4).sent()).isEqualTo(13);
        assertThat(metrics.writes(5)).isEqualTo(new Writes(10 * SECOND, 1, 0, 0, 10 * SECOND));
        assertThat(metrics.firstToldNanos(5)).isEqualTo(Instants.UNKNOWN);
        one.writesSent(6, 1);
        assertThat(metrics.writes(4).sent()).as("two claims back").isEqualTo(13);
        one.writesSent(5, 1);
        assertThat(metrics.writes(5).sent()).as("late ones count for their own").isEqualTo(2);
        one.writesSent(7, 1);
        assertThat(metrics.writes(4).sent())
                .as("of the loop that has not moved on")
                .isEqualTo(3);
        one.writesSent(4, 1);
        assertThat(metrics.writes(7).sent())
                .as("later ones count for the latest")
                .isEqualTo(2);
    }

    @Test
    void theLongestWaitIsTakenOnce() {
        assertThat(metrics.takeLongestWaitNanos()).isZero();
        assertThat(metrics.lastHoldEndNanos()).isEqualTo(Instants.UNKNOWN);
        countEverything();
        metrics.newLoop().holdEnded(SECOND, 2 * SECOND);
        assertThat(metrics.lastHoldEndNanos()).isEqualTo(7 * SECOND / 2);
        assertThat(metrics.takeLongestWaitNanos()).isEqualTo(5 * SECOND / 2);
        assertThat(metrics.takeLongestWaitNanos()).isZero();
        metrics.newLoop().parkEnded(1, SECOND);
        assertThat(metrics.takeLongestWaitNanos()).isEqualTo(SECOND);
    }

    private void countEverything() {
        tls.certificate("upstream.tls", Instant.ofEpochSecond(7));
        tls.handshake("client", "completed");
        LoopStats loop = metrics.newLoop();
        loop.clientOpened();
        metrics.doors().turnedAway(DoorStats.TurnedAway.ADDRESS);
        loop.doors().timedOut(DoorStats.TimedOut.REQUEST);
        loop.slowClientClosed();
        loop.slowSubscriberClosed();
        loop.messagesPassedOn(21);
        loop.subscriptionsInterrupted(22);
        loop.clientBytesRead(10);
        loop.clientBytesWritten(11);
        loop.upstreamOpened();
        loop.upstreamRefused();
        loop.upstreamBytesRead(12);
        loop.upstreamBytesWritten(13);
        loop.routed(ReadLevel.Kind.SESSION, PRIMARY, RouteReason.WRITE, 1);
        loop.answered(RequestGroup.WRITE, ReadLevel.Kind.SESSION, PRIMARY, 2, 300_000, 250_000);
        loop.readStale(ReadLevel.Kind.SESSION, FRESH, 1, 20_000_000);
        loop.delayed(1_000);
        loop.answeredLocally(ReadLevel.Kind.SESSION);
        loop.waitBegun(10);
        loop.waitEnded(4);
        loop.lendingBegun();
        loop.held();
        loop.holdEnded(SECOND, 7 * SECOND / 2);
        loop.parked(100);
        loop.parked(50);
        loop.parkEnded(50, SECOND / 10);
        loop.replayed();
        loop.errorAnswered("uncertain");
        loop.refused("readonly");
        control.heard(new Notice.StreamAtRisk(PRIMARY.address(), FRESH.address(), 7, 1, 10, 5, 6));
        control.heard(new Notice.SentinelLinkChanged(new NodeAddress("s", 1), true, "of this test"));
        control.failoverEnded("planned", "switched", SECOND / 4, Map.of("fence", SECOND / 2));
        control.writesAtRisk("most", 3);
        control.switchoverEnded("aborted", 1);
    }

    private static RoutingTable table(long evidenceNanos) {
        return new RoutingTable(
                1,
                7,
                PRIMARY,
                WriteGate.OPEN,
                evidenceNanos,
                List.of(
                        new Replica(FRESH, 10 * SECOND - SECOND / 2, RouteReason.ELIGIBLE),
                        new Replica(UNKNOWN, Instants.UNKNOWN, RouteReason.LOADING)),
                false);
    }

    private static Node node(int id) {
        return new Node(id, new NodeAddress("h", id + 1), "run", true);
    }
}
