package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A process that is told to read its configuration again, while clients are connected. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ReloadIT {
    private static final int CLIENTS = 8;
    private static final int RELOADS = 20;
    private static final long ROUND_WRITES = 200;
    private static final String ALLOWED = "commands: {allow: ['proxy|reload', 'config|set']}\n";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @SuppressWarnings("NullAway.Init") // by JUnit
    private LocalRedis redis;

    @BeforeEach
    void startRedis() throws IOException {
        redis = LocalRedis.builder().replicas(0).sentinels(0).start();
    }

    @AfterEach
    void stopRedis() {
        redis.close();
    }

    private Serving serve(String settings) throws IOException {
        return Serving.start(directory, settings + Serving.upstream(redis));
    }

    private void rewrite(Serving serving, String settings) throws IOException {
        // As editors and config maps do: the file is never half written.
        Path fresh =
                Files.writeString(directory.resolve("fresh.yaml"), Serving.PORTS + settings + Serving.upstream(redis));
        Files.move(fresh, serving.config(), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aSignalAppliesWhatCanBeAndTellsWhatCannot() throws Exception {
        try (Serving serving = serve("clients: {connections-max: 2}\n");
                RedisCommandClient one = serving.connect();
                RedisCommandClient two = serving.connect()) {
            assertThat(two.command("SET", "k", "v").text()).isEqualTo("OK");
            assertThatThrownBy(() -> one.command("CONFIG", "SET", "maxmemory", "0"))
                    .hasMessageContaining("refuses");
            assertThatThrownBy(() -> one.command("PROXY", "RELOAD", "DRY", "RUN"))
                    .hasMessageContaining("commands.allow with proxy|reload");
            try (RedisCommandClient refused = serving.connect()) {
                assertThatThrownBy(() -> refused.command("PING")).hasMessageContaining("max number of clients");
            }

            rewrite(serving, ALLOWED + "clients: {connections-max: 3}\nhold: {time-max: 1s}\nevent-loops: 3\n");
            serving.hangUp();
            awaitLine(serving, "SIGHUP: 3 changed, 1 waiting for a restart");
            awaitLine(serving, "SIGHUP: event-loops: 0 -> 3 (needs a restart, and stays as it is until then)");
            assertThat(serving.log())
                    .anyMatch(line -> line.contains("clients.connections-max: 2 -> 3 (at once)"))
                    .anyMatch(line -> line.contains("hold.time-max: 15s -> 1s (at once)"))
                    .anyMatch(line -> line.contains("commands.allow: none -> [proxy|reload, config|set] (at once)"));
            assertThat(one.command("CONFIG", "SET", "maxmemory", "0").text()).isEqualTo("OK");
            assertThat(two.command("GET", "k").text()).isEqualTo("v");
            try (RedisCommandClient three = serving.connect()) {
                assertThat(three.command("PING").text()).isEqualTo("PONG");
                assertThat(lines(three.command("PROXY", "RELOAD")))
                        .as("what waits is told each time")
                        .containsExactly(
                                "0 changed, 1 waiting for a restart",
                                "event-loops: 0 -> 3 (needs a restart, and stays as it is until then)");
            }
            assertThat(serving.get("/config").replaceAll("\\s+", " "))
                    .as("what is in force, and from where")
                    .containsPattern(
                            "\"hold.time-max\", \"value\" : \"1s\", \"from\" : \"[^\"]+yaml:5\", \"waiting\" : null")
                    .contains("\"event-loops\", \"value\" : \"0\", \"from\" : \"default\", \"waiting\" : \"3\"");
            assertThat(serving.get("/metrics"))
                    .contains("tidegate_config_reloads_total{outcome=\"applied\"} 1.0")
                    .contains("tidegate_config_reloads_total{outcome=\"unchanged\"} 1.0")
                    .contains("tidegate_config_reloads_total{outcome=\"refused\"} 0.0")
                    .contains("tidegate_config_restart_pending 1.0")
                    .contains("tidegate_limit{setting=\"clients.connections-max\"} 3.0");
            redis.primary().kill();
            assertThatThrownBy(() -> one.command("GET", "k"))
                    .as("the new time to wait")
                    .hasMessageContaining("NOPRIMARY");
            assertThat(serving.terminate()).isEqualTo(143);
        }
    }

    @Test
    void whoIsStartedToIgnoreTheSignalSaysSoAndIsReloadedAllTheSame() throws Exception {
        List<String> nohup = List.of("/bin/sh", "-c", "trap '' HUP; exec \"$@\"", "nohup");
        try (Serving serving = Serving.start(nohup, directory, ALLOWED + Serving.upstream(redis));
                RedisCommandClient client = serving.connect()) {
            awaitLine(serving, "SIGHUP is ignored");
            serving.hangUp();
            rewrite(serving, ALLOWED + "hold: {time-max: 1s}\n");
            assertThat(lines(client.command("PROXY", "RELOAD"))).first().isEqualTo("1 changed");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hold: {time-maxx: 1s}                 | hold.time-maxx: unknown, did you mean 'time-max'?",
                "hold: {time-max: soon}                | hold.time-max: 'soon' (expected: a duration of 0ms..10m)",
                "hold: {time-max: 1s                   | expected",
                "zone: {file: nowhere}                 | zone: a map (expected: a name without spaces)",
                "upstream: {password: {file: nowhere}} | file 'nowhere' does not exist",
            })
    void aMistakeChangesNothing(String mistake, String told) throws Exception {
        try (Serving serving = serve(ALLOWED + "hold: {time-max: 10s}\n");
                RedisCommandClient client = serving.connect()) {
            Files.writeString(
                    serving.config(),
                    Serving.PORTS
                            + (mistake.contains("upstream")
                                    ? mistake.replace("{password", "{static: {nodes: ['a:1']}, password")
                                    : mistake + "\n" + Serving.upstream(redis))
                            + "\n");
            serving.hangUp();
            awaitLine(serving, "SIGHUP: not reloaded, nothing has changed: ");
            assertThat(serving.log())
                    .filteredOn(line -> line.contains("SIGHUP"))
                    .singleElement()
                    .asString()
                    .contains(told)
                    .contains("ERROR");
            assertThatThrownBy(() -> client.command("PROXY", "RELOAD"))
                    .hasMessageStartingWith("ERR not reloaded, nothing has changed: ")
                    .hasMessageContaining(told);
            assertThat(client.command("CONFIG", "SET", "maxmemory", "0").text()).isEqualTo("OK");
            assertThat(serving.get("/metrics"))
                    .contains("tidegate_config_reloads_total{outcome=\"refused\"} 2.0")
                    .contains("tidegate_config_last_reload_refused 1.0");
            assertThat(serving.get("/config").replaceAll("\\s+", " "))
                    .contains("\"hold.time-max\", \"value\" : \"10s\"");

            rewrite(serving, ALLOWED + "hold: {time-max: 9s}\n");
            assertThat(lines(client.command("PROXY", "RELOAD", "DRY", "RUN")))
                    .containsExactly("1 would be changed", "hold.time-max: 10s -> 9s (at once)");
            assertThat(lines(client.command("PROXY", "RELOAD")))
                    .containsExactly("1 changed", "hold.time-max: 10s -> 9s (at once)");
            assertThat(lines(client.command("PROXY", "RELOAD"))).containsExactly("nothing has changed");
            assertThat(serving.get("/metrics"))
                    .contains("tidegate_config_reloads_total{outcome=\"applied\"} 1.0")
                    .contains("tidegate_config_last_reload_refused 0.0");
        }
    }

    @Test
    void aFileThatVanishedChangesNothing() throws Exception {
        try (Serving serving = serve(ALLOWED);
                RedisCommandClient client = serving.connect()) {
            Files.delete(serving.config());
            serving.hangUp();
            awaitLine(serving, "nothing has changed: " + serving.config() + ": cannot be read: there is no such file");
            assertThat(client.command("CONFIG", "SET", "maxmemory", "0").text()).isEqualTo("OK");
        }
    }

    /** What is looked at while the proxy runs, and who may: the log, the slow log, keys, time limits, the token. */
    @Test
    void whatIsWatchedChangesWithoutARestart() throws Exception {
        String token = "0123456789abcdef";
        try (Serving serving = serve(ALLOWED + "hotkeys: {sample-every: 0}\nslowlog: {slower-than: 1h}\n");
                RedisCommandClient client = serving.connect()) {
            for (int i = 0; i < 10; i++) {
                client.command("SET", "cold", "v");
            }
            assertThat(client.command("PROXY", "HOTKEYS").elements()).isEmpty();
            assertThat(client.command("PROXY", "SLOWLOG", "LEN").integer()).isZero();
            assertThat(release(serving, token)).as("nobody may").isEqualTo(403);

            Path secret = Files.writeString(directory.resolve("token"), token);
            Files.writeString(
                    serving.config(),
                    Serving.PORTS.replace("admin: {", "admin: {token: {file: " + secret + "}, ") + ALLOWED
                            + Serving.upstream(redis)
                            + "hotkeys: {sample-every: 1}\nslowlog: {slower-than: 0ms, entries-max: 7}\n"
                            + "scripts: {bytes-max: 0B}\nlog: {format: json, level: warn}\n"
                            + "reads: {max-lag: 1s, silence-max: 300ms, probation: 10ms}\n");
            assertThat(lines(client.command("PROXY", "RELOAD")).get(0)).isEqualTo("10 changed");
            for (int i = 0; i < 10; i++) {
                client.command("SET", "hot", "v");
            }
            assertThat(client.command("PROXY", "HOTKEYS").toString())
                    .contains("hot")
                    .doesNotContain("cold");
            assertThat(client.command("PROXY", "SLOWLOG", "LEN").integer()).isEqualTo(7);
            assertThat(release(serving, "another-0123456789")).isEqualTo(401);
            assertThat(release(serving, token)).as("heard, and about nothing").isEqualTo(400);
            awaitLine(serving, "{\"");
            assertThat(serving.get("/metrics"))
                    .contains("tidegate_limit{setting=\"scripts.bytes-max\"} 0.0")
                    .contains("tidegate_config_restart_pending 0.0");

            Files.writeString(secret, "fedcba9876543210");
            serving.hangUp();
            await().atMost(Stack.PATIENCE).until(() -> release(serving, token) == 401);
            assertThat(release(serving, "fedcba9876543210")).isEqualTo(400);
        }
    }

    /** A server that stands still is noticed after the times that hold by then. */
    @Test
    void serversHaveOtherTimesToAnswerIn() throws Exception {
        try (Serving serving = serve(ALLOWED);
                RedisCommandClient client = serving.connect()) {
            assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
            Files.writeString(
                    serving.config(),
                    Serving.PORTS
                            + ALLOWED
                            + Serving.upstream(redis)
                                    .replace(
                                            "upstream: {", "upstream: {reply-timeout: 150ms, connect-timeout: 70ms, "));
            assertThat(lines(client.command("PROXY", "RELOAD")))
                    .contains("upstream.connect-timeout: 1s -> 70ms (for new connections)")
                    .contains("upstream.reply-timeout: 30s -> 150ms (at once)");
            redis.primary().freeze();
            awaitLine(serving, "within 150 ms");
            redis.primary().thaw();
            // As before: a busy machine may need longer than that all the time.
            rewrite(serving, ALLOWED);
            assertThat(lines(client.command("PROXY", "RELOAD"))).first().isEqualTo("2 changed");
            assertThat(client.command("GET", "k").text()).isEqualTo("v");
        }
    }

    private static int release(Serving serving, String token) throws IOException {
        HttpURLConnection connection = serving.open("/actions/release");
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Authorization", "Bearer " + token);
        return connection.getResponseCode();
    }

    @Test
    void nobodyNoticesTwentyReloadsUnderLoad() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicLong written = new AtomicLong();
        try (Serving serving = serve(ALLOWED)) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                String key = "count:" + i;
                counts.add(threads.submit(() -> count(serving, key, stopped, written)));
            }
            for (int reload = 1; reload <= RELOADS; reload++) {
                awaitMore(written);
                rewrite(
                        serving,
                        "commands: {allow: ['proxy|reload']}\nhold: {time-max: %ds, drain-rate: %d}\n"
                                        .formatted(reload, 1_000 + reload)
                                + "reads: {settle: %dms}\nclients: {output-buffer-max: %dMiB, bulk-max: %dMiB}\n"
                                        .formatted(reload, 64 + reload, 1 + reload % 7));
                serving.hangUp();
                int done = reload;
                await().atMost(Stack.PATIENCE).until(() -> reloadsIn(serving) == done);
            }
            awaitMore(written);
            stopped.set(true);
            try (RedisCommandClient direct = redis.primary().connect()) {
                for (int i = 0; i < CLIENTS; i++) {
                    String acknowledged = Long.toString(counts.get(i).get(30, TimeUnit.SECONDS));
                    assertThat(direct.command("GET", "count:" + i).text()).isEqualTo(acknowledged);
                }
            }
            assertThat(serving.get("/metrics"))
                    .contains("tidegate_config_reloads_total{outcome=\"applied\"} " + RELOADS + ".0")
                    .contains("tidegate_client_connections_opened_total " + CLIENTS + ".0");
            assertThat(serving.log()).noneMatch(line -> line.contains(" WARN ") || line.contains(" ERROR "));
        } finally {
            threads.shutdownNow();
        }
    }

    /** How many signals have brought a change, by the log. */
    private static long reloadsIn(Serving serving) throws IOException {
        return serving.log().stream()
                .filter(line -> line.matches(".* SIGHUP: [1-9]\\d* changed.*"))
                .count();
    }

    /** How many INCR were acknowledged over one connection, which is to last. */
    private static long count(Serving serving, String key, AtomicBoolean stopped, AtomicLong written)
            throws IOException {
        long acknowledged = 0;
        try (RedisCommandClient client = serving.connect()) {
            while (!stopped.get()) {
                assertThat(client.command("INCR", key).text()).isEqualTo(Long.toString(++acknowledged));
                written.incrementAndGet();
            }
        }
        return acknowledged;
    }

    private static void awaitMore(AtomicLong written) {
        long before = written.get();
        await().atMost(Stack.PATIENCE).until(() -> written.get() > before + ROUND_WRITES);
    }

    @Test
    void reloadsThatComeTogetherAreDoneInTurn() throws Exception {
        try (Serving serving = serve(ALLOWED);
                RedisCommandClient one = serving.connect();
                RedisCommandClient two = serving.connect()) {
            rewrite(serving, ALLOWED + "hold: {time-max: 1s}\n");
            for (int i = 0; i < 5; i++) {
                one.write("PROXY", "RELOAD");
                two.write("PROXY", "RELOAD");
                serving.hangUp();
            }
            List<String> heads = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                heads.add(lines(one.read()).get(0));
                heads.add(lines(two.read()).get(0));
            }
            long signals = reloadsIn(serving);
            assertThat(heads.stream().filter("1 changed"::equals).count() + signals)
                    .as("one of them found the change: %s", heads)
                    .isEqualTo(1);
            assertThat(heads).isSubsetOf("1 changed", "nothing has changed");
        }
    }

    @Test
    void aRequestThatWaitsForAPrimaryGoesOnWaiting() throws Exception {
        try (Serving serving = serve(ALLOWED + "hold: {time-max: 1m}\n");
                RedisCommandClient client = serving.connect()) {
            assertThat(client.command("SET", "k", "1").text()).isEqualTo("OK");
            redis.primary().kill();
            client.write("GET", "k"); // of a write it would not be known whether it ran
            await().atMost(Stack.PATIENCE).until(() -> serving.get("/metrics").contains("tidegate_held_requests 1.0"));
            rewrite(serving, ALLOWED + "hold: {time-max: 10ms, drain-rate: 7}\n");
            serving.hangUp();
            awaitLine(serving, "SIGHUP: 2 changed");
            try (RedisCommandClient late = serving.connect()) {
                assertThatThrownBy(() -> late.command("GET", "k")).hasMessageContaining("NOPRIMARY");
            }
            redis.primary().restart();
            assertThat(client.read())
                    .as("its time is the one that it began with")
                    .isNotNull();
        }
    }

    /** As secrets are renewed that are mounted: the server knows the new one, then the proxy does, then the old one ends. */
    @Test
    void aPasswordIsRenewed() throws Exception {
        Path secret = Files.writeString(directory.resolve("password"), "the-old-one");
        try (RedisCommandClient direct = redis.primary().connect()) {
            direct.command("ACL", "SETUSER", "default", ">the-old-one");
            try (Serving serving = Serving.start(
                            directory,
                            Serving.upstream(redis)
                                    .replace("upstream: {", "upstream: {password: {file: " + secret + "}, "));
                    RedisCommandClient client = serving.connect()) {
                assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
                direct.command("ACL", "SETUSER", "default", ">the-new-one");
                Files.writeString(secret, "the-new-one");
                serving.hangUp();
                awaitLine(serving, "upstream.password: *** -> *** (for new connections)");
                direct.command("ACL", "SETUSER", "default", "<the-old-one");
                assertThat(client.command("GET", "k").text())
                        .as("over the old connection")
                        .isEqualTo("v");
                direct.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                assertThat(client.command("GET", "k").text())
                        .as("over a new one")
                        .isEqualTo("v");
                assertThat(client.command("SET", "k", "w").text()).isEqualTo("OK");
                assertThat(serving.log()).noneMatch(line -> line.contains("-one"));
            }
        }
    }

    private static void awaitLine(Serving serving, String part) {
        await().atMost(Stack.PATIENCE).until(() -> serving.log().stream().anyMatch(line -> line.contains(part)));
    }

    private static List<String> lines(RespValue reply) {
        return reply.elements().stream().map(RespValue::text).toList();
    }
}
