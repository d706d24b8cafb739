package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Plays the scripts that the simulated sentinel of {@code io.tidegate.routing.sim} is held to, to real ones: what they say
 * must be what the script has, in its order. Compared are the channels of the leader's failover and of what the others say
 * of it; not times, nor what each thinks of single nodes.
 */
class SentinelScriptsIT {
    private static final Path SCRIPTS =
            Path.of("../routing/src/test/resources/io/tidegate/routing/sim/sentinel-scripts.txt");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A sentinel writes into its log what it says to its subscribers. */
    private static final Pattern SAID = Pattern.compile("^\\d+:X .* [#*] ([+-][a-z-]+)", Pattern.MULTILINE);

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
            redis.sentinels().get(0).command("SENTINEL", "FAILOVER", LocalRedis.MASTER_NAME);

            assertSaid("a failover is forced", redis.sentinels());
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

    private static void assertSaid(String name, List<RedisProcess> living) throws IOException {
        List<String> lines = Files.readAllLines(SCRIPTS);
        int at = lines.indexOf(name);
        List<String> leader = channels(lines.get(at + 1), "leader: ");
        List<String> follower = channels(lines.get(at + 2), "follower: ");
        await().atMost(PATIENCE).until(() -> {
            boolean all = true;
            for (RedisProcess sentinel : living) {
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

    private static List<String> said(RedisProcess sentinel) throws IOException {
        return SAID.matcher(Files.readString(sentinel.logFile()))
                .results()
                .map(line -> line.group(1))
                .toList();
    }
}
