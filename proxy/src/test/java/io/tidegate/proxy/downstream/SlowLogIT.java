package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.dispatch.DispatchSettings.SlowLogSettings;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** PROXY SLOWLOG. Where a time is measured it is one that cannot have been shorter, however slow the machine. */
@Timeout(60)
class SlowLogIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String LEAK = "hunter2";

    /** Keeps redis busy for 20 ms of its own clock. */
    private static final String BUSY = "local t = redis.call('TIME') local b = t[1] * 1000000 + t[2]"
            + " repeat t = redis.call('TIME') until t[1] * 1000000 + t[2] > b + 20000 return 1";

    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        proxy = with(0, 8, false);
    }

    /** A proxy with two loops, whose clients are on both. */
    private static HandFedProxy with(long slowNanos, int entriesMax, boolean passthrough) {
        return new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.loops = 2;
            options.slowLog = new SlowLogSettings(slowNanos, entriesMax);
            options.passthrough = passthrough;
        }));
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void itTellsNameAndKeyAndNoOtherArgument() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("CLIENT", "SETNAME", "somebody");
            client.command("set", "k\n\\é" + "x".repeat(200), LEAK);
            client.command("MSET", "a", LEAK, "b", LEAK);
            client.command("CONFIG", "GET", "maxmemory");
            client.command("EVAL", "return '" + LEAK + "'", "1", "key of a script", LEAK);
            client.command("LPUSH", "list", "x");
            client.command("BLPOP", "list", "0");
            assertThatThrownBy(() -> client.command(LEAK, LEAK)).hasMessageStartingWith("ERR unknown command");
            List<Map<String, RespValue>> entries = entries(client, "PROXY", "SLOWLOG", "GET");

            assertThat(entries.stream().map(entry -> text(entry, "command")))
                    .containsExactly("(unknown)", "lpush", "eval", "config get", "mset", "set");
            Map<String, RespValue> eval = entries.get(2);
            assertThat(text(eval, "key")).isEqualTo("key of a script");
            assertThat(number(eval, "arguments")).isEqualTo(5);
            assertThat(text(eval, "node")).isEqualTo(primary.endpoint());
            assertThat(text(eval, "level")).isEqualTo("session");
            assertThat(text(eval, "name")).isEqualTo("somebody");
            assertThat(text(eval, "client")).startsWith("127.0.0.1:");
            assertThat(number(eval, "commands")).isEqualTo(1);
            assertThat(entries.get(3).get("key"))
                    .matches(key -> Objects.requireNonNull(key).isNull());
            assertThat(text(entries.get(4), "key")).isEqualTo("a");
            assertThat(text(entries.get(5), "key"))
                    .isEqualTo("k\\x0a\\x5c\\xc3\\xa9" + "x".repeat(123) + "... (77 more bytes)");
            assertThat(entries.toString()).doesNotContain(LEAK);
        }
    }

    @Test
    void itKeepsTheLatestOfAllLoopsAndForgetsThemOnRequest() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient one = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient two = proxy.connect(ReadLevel.SESSION)) {
            for (int i = 0; i < 10; i++) {
                one.command("GET", "one" + i);
                two.command("GET", "two" + i);
            }
            assertThat(one.command("PROXY", "SLOWLOG", "LEN").integer()).isEqualTo(8);
            List<Map<String, RespValue>> all = entries(one, "PROXY", "SLOWLOG", "GET", "-1");
            assertThat(all.stream().map(entry -> text(entry, "key")))
                    .containsExactly("two9", "one9", "two8", "one8", "two7", "one7", "two6", "one6");
            assertThat(all.stream().map(entry -> number(entry, "id")))
                    .containsExactly(19L, 18L, 17L, 16L, 15L, 14L, 13L, 12L);
            assertThat(entries(two, "PROXY", "SLOWLOG", "GET", "2")).hasSize(2);
            assertThat(two.command("PROXY", "SLOWLOG", "RESET").text()).isEqualTo("OK");
            assertThat(entries(one, "PROXY", "SLOWLOG", "GET")).isEmpty();
            one.command("GET", "again");
            assertThat(entries(one, "PROXY", "SLOWLOG", "GET").stream().map(entry -> number(entry, "id")))
                    .containsExactly(20L);
            assertThatThrownBy(() -> one.command("PROXY", "SLOWLOG", "GET", "-2"))
                    .hasMessage("ERR count should be greater than or equal to -1");
            assertThatThrownBy(() -> one.command("PROXY", "SLOWLOG", "LIST")).hasMessageStartingWith("ERR expected: ");
        }
    }

    @Test
    void itSaysWhereTheTimeWent() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SET", "held", "1");
            await().atMost(SOON).until(() -> proxy.counted("tidegate_held_requests") == 1);
            await().atMost(SOON).until(fiveMillisPass());
            proxy.primary(1, primary);
            client.read();

            client.command("EVAL", BUSY, "0");

            proxy.table(1, primary, WriteGate.OPEN, Instants.UNKNOWN, List.of());
            client.write("SET", "parked", "1");
            await().atMost(SOON).until(() -> proxy.counted("tidegate_parked_replies") == 1);
            await().atMost(SOON).until(fiveMillisPass());
            proxy.primary(1, primary);
            client.read();

            List<Map<String, RespValue>> entries = entries(client, "PROXY", "SLOWLOG", "GET");
            assertThat(entries).hasSize(3);
            assertThat(millis(entries.get(2), "queue-millis")).isGreaterThanOrEqualTo(5);
            assertThat(millis(entries.get(1), "upstream-millis")).isGreaterThanOrEqualTo(20);
            assertThat(millis(entries.get(0), "parked-millis")).isGreaterThanOrEqualTo(5);
            assertThat(entries)
                    .allSatisfy(entry -> assertThat(millis(entry, "total-millis"))
                            .isCloseTo(
                                    millis(entry, "queue-millis")
                                            + millis(entry, "upstream-millis")
                                            + millis(entry, "parked-millis"),
                                    Offset.offset(0.001)));
        }
    }

    @Test
    void whatIsFastIsNotInIt() throws Exception {
        try (HandFedProxy other = with(Duration.ofHours(1).toNanos(), 8, false);
                HandFedProxy off = with(0, 0, false)) {
            for (HandFedProxy each : List.of(other, off)) {
                each.primary(1, primary);
                try (RedisCommandClient client = each.connect(ReadLevel.SESSION)) {
                    client.command("GET", "k");
                    assertThat(entries(client, "PROXY", "SLOWLOG", "GET")).isEmpty();
                    assertThat(client.command("PROXY", "SLOWLOG", "LEN").integer())
                            .isZero();
                    client.command("PROXY", "SLOWLOG", "RESET");
                }
            }
        }
    }

    /** SLOWLOG itself is for those whom the server lets ask it: so is this, as it shows others' keys. */
    @Test
    void whoMayNotAskTheServerMayNotAskTheProxy() throws Exception {
        primary.command("ACL", "SETUSER", "app", "on", ">" + LEAK, "~app:*", "+@read", "+@write", "-slowlog");
        primary.command("ACL", "SETUSER", "ops", "on", ">" + LEAK, "+slowlog");
        try (HandFedProxy users = with(0, 8, true)) {
            users.primary(1, primary);
            try (RedisCommandClient app = users.connect(ReadLevel.SESSION);
                    RedisCommandClient ops = users.connect(ReadLevel.SESSION)) {
                app.command("AUTH", "app", LEAK);
                ops.command("AUTH", "ops", LEAK);
                app.command("SET", "app:1", LEAK);
                for (String verb : List.of("GET", "LEN", "RESET")) {
                    assertThatThrownBy(() -> app.command("PROXY", "SLOWLOG", verb))
                            .hasMessageStartingWith("NOPERM");
                }
                assertThat(text(entries(ops, "PROXY", "SLOWLOG", "GET").get(0), "key"))
                        .isEqualTo("app:1");
            }
        }
    }

    private static Callable<Boolean> fiveMillisPass() {
        long beginNanos = System.nanoTime();
        return () -> System.nanoTime() - beginNanos > 5_000_000;
    }

    private static List<Map<String, RespValue>> entries(RedisCommandClient client, String... command)
            throws IOException {
        return client.command(command).elements().stream().map(SlowLogIT::map).toList();
    }

    /** In RESP2 a map is its names and values in turn. */
    private static Map<String, RespValue> map(RespValue entry) {
        Map<String, RespValue> map = new HashMap<>();
        for (int i = 0; i < entry.elements().size(); i += 2) {
            map.put(entry.elements().get(i).text(), entry.elements().get(i + 1));
        }
        return map;
    }

    private static String text(Map<String, RespValue> entry, String name) {
        return Objects.requireNonNull(entry.get(name), name).text();
    }

    private static long number(Map<String, RespValue> entry, String name) {
        return Objects.requireNonNull(entry.get(name), name).integer();
    }

    private static double millis(Map<String, RespValue> entry, String name) {
        return Double.parseDouble(text(entry, name));
    }
}
