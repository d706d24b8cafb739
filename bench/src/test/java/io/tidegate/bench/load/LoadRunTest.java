package io.tidegate.bench.load;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.bench.load.LoadResult.Latencies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(60)
class LoadRunTest {
    private static final String VALUE = "$1\r\nv\r\n";

    @Test
    void aClosedLoopCountsWhatItIsAnswered() throws Exception {
        LoadResult result = run(0, 1, 200, request -> switch (request) {
            case 10 -> "-ERR no\r\n";
            case 11, 12 -> "$-1\r\n";
            case 13 -> "$0\r\n\r\n";
            default -> VALUE;
        });
        assertThat(result.requests()).isGreaterThan(20);
        assertThat(result.errors()).isEqualTo(1);
        assertThat(result.misses()).isEqualTo(2);
        assertThat(result.latencies()).isNull();
        assertThat(result.nanos()).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(200));
        assertThat(result.requestsPerSecond()).isEqualTo(result.requests() * 1e9 / result.nanos());
    }

    @Test
    void aClosedLoopSendsNoBatchBeforeTheLastIsAnswered() throws Exception {
        // Answers the third batch of four but for its last request, which is not sent a fourth.
        LoadResult result = run(0, 4, 200, request -> request == 12 ? "" : VALUE);
        assertThat(result.requests()).isEqualTo(11);
    }

    @Test
    void anOpenLoopShowsEveryWaitThatAStallCaused() throws Exception {
        // Requests come every millisecond. Those from 100 on are answered when the 300th has come.
        LoadResult result = run(1_000, 1, 600, request -> {
            if (request >= 100 && request < 300) {
                return "";
            }
            return request == 300 ? VALUE.repeat(201) : VALUE;
        });
        Latencies latencies = Objects.requireNonNull(result.latencies());
        assertThat(latencies.unanswered()).isZero();
        // The first of them waited for 200 ms and each of the next for one less: a sixth of all for more than 100 ms.
        assertThat(latencies.maxNanos()).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(199));
        assertThat(latencies.p99Nanos()).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(190));
        assertThat(latencies.p50Nanos()).isLessThanOrEqualTo(latencies.p99Nanos());
    }

    @Test
    void anOpenLoopCountsWhatIsNeverAnswered() throws Exception {
        LoadResult result = run(1_000, 2, 300, request -> request <= 51 ? VALUE : "");
        Latencies latencies = Objects.requireNonNull(result.latencies());
        assertThat(latencies.unanswered()).isEqualTo(300 - 51);
        // They were waited for after the end.
        assertThat(latencies.p50Nanos()).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(LoadRun.DRAIN_MILLIS_MAX));
        assertThat(latencies.maxNanos()).isLessThan(SECONDS.toNanos(50));
    }

    @Test
    void anOpenLoopGoesNoFurtherAheadThanItMay() throws Exception {
        int[] seen = new int[1];
        LoadResult result = run(1_000_000, 100, 300, request -> {
            seen[0] = request;
            return "";
        });
        assertThat(seen[0]).isEqualTo(OpenLoop.UNANSWERED_MAX / 100 * 100);
        assertThat(Objects.requireNonNull(result.latencies()).unanswered()).isEqualTo(300_000);
    }

    @Test
    void anOpenLoopMeasuresNothingOfTheLead() throws Exception {
        // The first 200 requests are meant for the lead; 50 of them are answered by the last of them.
        IntFunction<String> script = request -> {
            if (request >= 150 && request < 200) {
                return "";
            }
            return request == 200 ? VALUE.repeat(51) : request <= 250 ? VALUE : "";
        };
        try (ScriptedServer server = new ScriptedServer(script)) {
            LoadResult result = LoadRun.make(new LoadPlan(
                    "127.0.0.1", server.port(), List.of(new Traffic(1, 1, 16, 0)), 1_000, 200, 100, List.of()));
            assertThat(Objects.requireNonNull(result.latencies()).unanswered()).isEqualTo(50);
        }
    }

    @Test
    void aMixIsDividedAmongItsConnections() {
        List<Traffic> mix = Traffic.mix(10, List.of(1, 4, 16), 16, 0);
        assertThat(mix).extracting(Traffic::connections).containsExactly(3, 3, 4);
        LoadPlan plan = new LoadPlan("127.0.0.1", 1, mix, 7_900, 0, 100, List.of());
        // Each connection sends equally many batches: 3 + 12 + 64 requests when each has sent one.
        assertThat(plan.rateOf(mix.get(0))).isEqualTo(300);
        assertThat(plan.rateOf(mix.get(1))).isEqualTo(1_200);
        assertThat(plan.rateOf(mix.get(2))).isEqualTo(6_400);
        assertThatThrownBy(() -> new LoadPlan("h", 1, List.of(mix.get(0), mix.get(0)), 0, 0, 1, List.of()))
                .hasMessageContaining("mix");
    }

    @Test
    void everyKindOfAMixIsSentAndMeasured() throws Exception {
        try (ScriptedServer server = new ScriptedServer(request -> VALUE)) {
            // One connection of each kind: the requests of a turn are 1 and 4.
            LoadResult result = LoadRun.make(new LoadPlan(
                    "127.0.0.1", server.port(), Traffic.mix(2, List.of(1, 4), 16, 0), 1_000, 0, 300, List.of()));
            assertThat(result.requests()).isBetween(280L, 310L);
            assertThat(Objects.requireNonNull(result.latencies()).unanswered()).isZero();
        }
    }

    @Test
    void aWriteThatWaitsForAReplicaIsAnsweredWithBothReplies() throws Exception {
        // SET and WAIT by turns; the third WAIT is in vain, the fourth is never answered.
        try (ScriptedServer server = new ScriptedServer(request -> switch (request) {
            case 6 -> ":0\r\n";
            case 8 -> "";
            default -> request % 2 == 1 ? "+OK\r\n" : ":1\r\n";
        })) {
            List<Traffic> writes = List.of(new Traffic(1, 1, 16, 100));
            LoadResult result =
                    LoadRun.make(new LoadPlan("127.0.0.1", server.port(), writes, 0, 0, 200, List.of(), true));
            assertThat(result.requests()).isEqualTo(3);
            assertThat(result.misses()).isEqualTo(1);
            assertThat(result.errors()).isZero();
        }
        List<Traffic> reads = List.of(new Traffic(1, 1, 16, 99));
        assertThatThrownBy(() -> new LoadPlan("h", 1, reads, 0, 0, 1, List.of(), true))
                .hasMessageContaining("expected: 100");
    }

    @Test
    void aRunLeavesNoConnectionOpen() throws Exception {
        try (ScriptedServer server = new ScriptedServer(request -> VALUE)) {
            for (int i = 0; i < 5; i++) {
                LoadRun.make(new LoadPlan(
                        "127.0.0.1", server.port(), Traffic.mix(8, List.of(1), 16, 0), 0, 0, 50, List.of()));
            }
            assertThat(server.awaitGone(5 * 8)).isTrue();
        }
    }

    @Test
    void aRunFailsWithItsServer() {
        assertThatThrownBy(() -> run(0, 1, 5_000, request -> request == 5 ? "close" : VALUE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("closed a connection");
        assertThatThrownBy(() -> run(0, 1, 5_000, request -> "HTTP/1.1 400 Bad Request\r\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a reply");
    }

    @Test
    void aRunNeedsAServer() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        LoadPlan plan = new LoadPlan("127.0.0.1", port, List.of(new Traffic(1, 1, 16, 0)), 0, 0, 100, List.of());
        assertThatThrownBy(() -> LoadRun.make(plan))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no connection 1 to 127.0.0.1:" + port);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aRunLooksAtTheProcessesItWasAskedFor() throws Exception {
        long self = ProcessHandle.current().pid();
        try (ScriptedServer server = new ScriptedServer(request -> VALUE)) {
            LoadResult result = LoadRun.make(new LoadPlan(
                    "127.0.0.1", server.port(), List.of(new Traffic(1, 1, 16, 0)), 0, 0, 200, List.of(self)));
            ProcessUsage usage = Objects.requireNonNull(result.processes().get(self));
            // Not since it was started.
            assertThat(usage.cpuNanos()).isBetween(0L, ProcessUsage.of(self).cpuNanos() - 1);
            assertThat(usage.residentBytes()).isPositive();
        }
    }

    private static LoadResult run(long rate, int pipeline, long millis, IntFunction<String> script) throws Exception {
        try (ScriptedServer server = new ScriptedServer(script)) {
            Traffic traffic = new Traffic(1, pipeline, 16, 0);
            return LoadRun.make(new LoadPlan("127.0.0.1", server.port(), List.of(traffic), rate, 0, millis, List.of()));
        }
    }
}
