package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Plays the scripts that the simulated sentinel of {@code io.tidegate.routing.sim} is held to, to real ones: what they say
 * must be what the script has, in its order. Compared are the channels of the leader's failover and of what the others say
 * of it; not times, nor what each thinks of single nodes.
 */
@Tag("alone")
class SentinelScriptsIT {
    private static final Path SCRIPTS =
            Path.of("../routing/src/test/resources/io/tidegate/routing/sim/sentinel-scripts.txt");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A sentinel writes into its log what it says to its subscribers. */
    private static final Pattern SAID = Pattern.compile("^\\d+:X .* [#*] ([+-][a-z-]+)", Pattern.MULTILINE);

    /** How much each had said when the script began. */
    private final Map<RedisProcess, Integer> saidBefore = new HashMap<>();

    @Test
    void thePrimaryIsKilled() throws IOException {
        try (LocalRedis redis = shard()) {
            redis.primary().kill();

            assertSaid("the primary is killed", redis.sentinels());
        }
    }

    @Test
    void thePrimaryGoesOnInMidFailover() throws IOException {
        try (LocalRedis redis = shard()) {
            redis.primary().freeze();
            await().atMost(PATIENCE).until(() -> {
                boolean tries = false;
                for (RedisProcess sentinel : redis.sentinels()) {
                    tries |= said(sentinel).contains("+try-failover");
                }
                return tries;
            });
            redis.primary().thaw();

            assertSaid("the primary is stopped, and goes on once somebody tries to fail over", redis.sentinels());
        }
    }

    @Test
    void aFailoverIsForced() throws IOException {
        try (LocalRedis redis = shard()) {
            RedisProcess leader = redis.sentinels().get(0);
            leader.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            assertSaid("a failover is forced", redis.sentinels());

            begin(redis);
            await().atMost(PATIENCE)
                    .ignoreExceptionsMatching(RedisErrorException.class::isInstance) // until a replica was heard of
                    .until(() -> leader.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME)
                            .text()
                            .equals("OK"));
            assertSaid("once all follow, another one is forced", redis.sentinels());

            RedisProcess primary = named(redis);
            follow(redis, primary);
            begin(redis);
            for (RedisProcess sentinel : redis.sentinels()) {
                sentinel.command("SENTINEL", "RESET", LocalRedis.MASTER_NAME);
            }
            for (RedisProcess sentinel : redis.sentinels()) {
                await().atMost(PATIENCE).until(() -> knowsTheShard(sentinel));
            }
            primary.kill();
            assertSaid(
                    "then all are reset, and once they know the shard again the primary is killed", redis.sentinels());
        }
    }

    private static RedisProcess named(LocalRedis redis) throws IOException {
        String port = redis.sentinels()
                .get(0)
                .command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", LocalRedis.MASTER_NAME)
                .elements()
                .get(1)
                .text();
        return redis.servers().stream()
                .filter(server -> port.equals(Integer.toString(server.port())))
                .findFirst()
                .orElseThrow();
    }

    /** Who is not made a replica before the sentinels forget it never is. */
    private static void follow(LocalRedis redis, RedisProcess primary) throws IOException {
        for (RedisProcess server : redis.servers()) {
            if (!server.equals(primary)) {
                server.command("REPLICAOF", primary.address().getHostString(), Integer.toString(primary.port()));
            }
        }
        await().atMost(PATIENCE)
                .until(() -> primary.command("INFO", "replication").text().contains("connected_slaves:2"));
    }

    private static boolean knowsTheShard(RedisProcess sentinel) throws IOException {
        List<RespValue> facts =
                sentinel.command("SENTINEL", "MASTER", LocalRedis.MASTER_NAME).elements();
        Map<String, String> named = new HashMap<>();
        for (int i = 0; i < facts.size(); i += 2) {
            named.put(facts.get(i).text(), facts.get(i + 1).text());
        }
        return "2".equals(named.get("num-slaves")) && "2".equals(named.get("num-other-sentinels"));
    }

    @Test
    void aLeaderCrashesAfterThePromotion() throws IOException {
        try (LocalRedis redis = shard()) {
            RedisProcess leader = redis.sentinels().get(0);
            leader.command("SENTINEL", "SIMULATE-FAILURE", "crash-after-promotion");
            leader.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            await().atMost(PATIENCE).until(() -> !leader.alive());
            leader.restart();

            assertSaid(
                    "the leader of a forced failover crashes after the promotion, and starts again",
                    redis.sentinels(),
                    redis.sentinels().subList(1, 3));
        }
    }

    @Test
    void aLeaderCrashesAfterItsElection() throws IOException {
        try (LocalRedis redis = shard()) {
            RedisProcess leader = redis.sentinels().get(0);
            leader.command("SENTINEL", "SIMULATE-FAILURE", "crash-after-election");
            leader.command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);
            await().atMost(PATIENCE).until(() -> !leader.alive());
            redis.primary().kill();

            assertSaid(
                    "the leader of a forced failover crashes after its election, then the primary is killed",
                    redis.sentinels().subList(1, 3));
        }
    }

    private static LocalRedis shard() {
        return LocalRedis.builder()
                .replicas(2)
                .downAfterMillis(2_000)
                .failoverTimeoutMillis(6_000)
                .start();
    }

    /** Another script begins. */
    private void begin(LocalRedis redis) throws IOException {
        for (RedisProcess sentinel : redis.sentinels()) {
            saidBefore.merge(sentinel, said(sentinel).size(), Integer::sum);
        }
    }

    private void assertSaid(String name, List<RedisProcess> living) throws IOException {
        assertSaid(name, living, living);
    }

    private void assertSaid(String name, List<RedisProcess> living, List<RedisProcess> switching) throws IOException {
        List<String> lines = Files.readAllLines(SCRIPTS);
        int at = lines.indexOf(name);
        List<String> leader = channels(lines.get(at + 1), "leader: ");
        List<String> follower = channels(lines.get(at + 2), "follower: ");
        await().atMost(PATIENCE).until(() -> {
            boolean all = true;
            for (RedisProcess sentinel : switching) {
                all &= said(sentinel).contains("+switch-master");
            }
            return all;
        });
        int led = 0;
        for (RedisProcess sentinel : living) {
            List<String> said = said(sentinel);
            if (said.contains("+promoted-slave")) {
                led++;
                List<String> lately = said.subList(said.lastIndexOf("+try-failover"), said.size());
                List<String> once = new ArrayList<>(new LinkedHashSet<>(lately));
                once.retainAll(leader);
                assertThat(once).as("%s leads: %s", sentinel, said).isEqualTo(leader);
            } else {
                List<String> last = new ArrayList<>();
                for (String channel : said) {
                    last.remove(channel);
                    last.add(channel);
                }
                last.retainAll(follower);
                assertThat(last).as("%s follows: %s", sentinel, said).isEqualTo(follower);
            }
        }
        assertThat(led).isEqualTo(1);
    }

    private static List<String> channels(String line, String kind) {
        assertThat(line).startsWith(kind);
        return List.of(line.substring(kind.length()).split(" "));
    }

    private List<String> said(RedisProcess sentinel) throws IOException {
        return SAID.matcher(Files.readString(sentinel.logFile()))
                .results()
                .skip(saidBefore.getOrDefault(sentinel, 0))
                .map(line -> line.group(1))
                .toList();
    }
}
