package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** PROXY HOTKEYS and PROXY BIGREPLIES. */
@Timeout(60)
class HotKeysIT {
    private static final String LEAK = "hunter2";

    private LocalRedis redis;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        proxy = sampling(1);
    }

    private HandFedProxy sampling(int every) throws IOException {
        HandFedProxy sampling = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.loops = 2;
            options.sampleEvery = every;
        }));
        sampling.primary(1, redis.primary());
        return sampling;
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void theKeysThatAreUsedMostComeFirstWithTheirShare() throws Exception {
        try (RedisCommandClient one = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient two = proxy.connect(ReadLevel.SESSION)) {
            // Halving may come between, but both loops halve alike: shares of even numbers stay about what they are.
            for (int i = 0; i < 45; i++) {
                one.write("GET", "hot");
                two.write("SET", "hot", LEAK);
            }
            for (int i = 0; i < 45; i++) {
                one.read();
                two.read();
            }
            one.command("MGET", "a", "b", "c", "d");
            two.command("MSET", "a", LEAK, "e", LEAK);
            two.command("PING");
            two.command("TIME");
            one.command("MULTI");
            one.command("SET", "in a transaction", LEAK);
            one.command("EXEC");
            List<Map<String, RespValue>> told = told(one, "HOTKEYS");
            assertThat(text(told.get(0), "key")).isEqualTo("hot");
            assertThat(Double.parseDouble(text(told.get(0), "percent-at-least")))
                    .isBetween(80.0, 96.0);
            assertThat(told.get(0).get("percent-at-most")).isEqualTo(told.get(0).get("percent-at-least"));
            assertThat(told.stream().map(key -> text(key, "key")))
                    .contains("a", "in a transaction")
                    .doesNotContain(LEAK);
            assertThat(told(two, "HOTKEYS")).isEqualTo(told(one, "HOTKEYS"));
        }
    }

    @Test
    void oneInManyIsEnoughToFindThem() throws Exception {
        try (HandFedProxy seldom = sampling(64);
                RedisCommandClient client = seldom.connect(ReadLevel.SESSION)) {
            for (int batch = 0; batch < 100; batch++) {
                // The very same pipeline again and again: a fixed distance of 64 would always hit the same command of
                // it.
                for (int i = 0; i < 64; i++) {
                    client.write("GET", i % 2 == 0 ? "hot" : "cold" + batch + ":" + i);
                }
                for (int i = 0; i < 64; i++) {
                    client.read();
                }
            }
            Map<String, RespValue> first = told(client, "HOTKEYS").get(0);
            assertThat(text(first, "key")).isEqualTo("hot");
            assertThat(Double.parseDouble(text(first, "percent-at-least"))).isBetween(20.0, 80.0);
        }
    }

    @Test
    void nothingIsSampledWhereNobodyWantsIt() throws Exception {
        try (HandFedProxy never = sampling(0);
                RedisCommandClient client = never.connect(ReadLevel.SESSION)) {
            client.command("GET", "k");
            assertThat(told(client, "HOTKEYS")).isEmpty();
        }
    }

    @Test
    void bigRepliesHaveTheirKeys() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("SET", "small", "x".repeat(1_000));
            client.command("SET", "big", "x".repeat(500_000));
            client.command("SET", "bigger", "x".repeat(3_000_000));
            for (int i = 0; i < 3; i++) {
                client.write("GET", "small");
                client.write("GET", "big");
                client.write("GET", "small");
            }
            for (int i = 0; i < 9; i++) {
                client.read();
            }
            client.command("GET", "bigger");
            List<Map<String, RespValue>> told = told(client, "BIGREPLIES");
            assertThat(told.stream().map(key -> text(key, "key"))).containsExactly("bigger", "big");
            assertThat(number(told.get(0), "largest-bytes")).isBetween(2_900_000L, 3_100_000L);
            assertThat(number(told.get(1), "largest-bytes")).isBetween(400_000L, 600_000L);
            assertThat(number(told.get(1), "total-bytes-at-least")).isBetween(1_200_000L, 1_800_000L);
            assertThat(text(told.get(0), "command")).isEqualTo("get");
        }
    }

    @Test
    void whoMayNotAskTheServerForKeysOfOthersIsNotToldThem() throws Exception {
        redis.primary().command("ACL", "SETUSER", "app", "on", ">" + LEAK, "~app:*", "+@read", "-slowlog");
        try (HandFedProxy users = new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true))) {
            users.primary(1, redis.primary());
            try (RedisCommandClient app = users.connect(ReadLevel.SESSION)) {
                app.command("AUTH", "app", LEAK);
                assertThatThrownBy(() -> app.command("PROXY", "HOTKEYS")).hasMessageStartingWith("NOPERM");
                assertThatThrownBy(() -> app.command("PROXY", "BIGREPLIES")).hasMessageStartingWith("NOPERM");
                assertThat(app.command("PROXY", "INFO").elements()).isNotEmpty();
            }
        }
    }

    private static List<Map<String, RespValue>> told(RedisCommandClient client, String subcommand) throws IOException {
        return client.command("PROXY", subcommand).elements().stream()
                .map(HotKeysIT::map)
                .toList();
    }

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
}
