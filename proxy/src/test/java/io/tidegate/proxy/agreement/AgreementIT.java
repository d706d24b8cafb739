package io.tidegate.proxy.agreement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tidegate.proxy.agreement.Duel.Difference;
import io.tidegate.proxy.it.Stack;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Random mixes of everything a client can send get the same replies through the proxy as from a bare server. {@code
 * -Dtidegate.agreement.seconds=3600} goes on for an hour, {@code -Dtidegate.agreement.seed=4711} begins with that seed; a
 * failure names the seed and prints the shortest program that was found to show it.
 *
 * <p>With {@code -Dtidegate.agreement.subscriptions=false} no connection subscribes.
 */
class AgreementIT {
    private static final Logger log = LoggerFactory.getLogger(AgreementIT.class);

    private static final long SECONDS = Long.getLong("tidegate.agreement.seconds", 30);
    /** Unless it is to go on for a given time, the same programs every time, however fast the machine. */
    private static final int PROGRAMS_MAX =
            System.getProperty("tidegate.agreement.seconds") == null ? 100 : Integer.MAX_VALUE;

    private static final long FIRST_SEED = Long.getLong("tidegate.agreement.seed", 1);
    private static final boolean SUBSCRIPTIONS =
            !"false".equals(System.getProperty("tidegate.agreement.subscriptions"));
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** While shrinking, a reply that has not come by then does not come. */
    private static final Duration IMPATIENCE = Duration.ofSeconds(2);

    private static final Duration SHRINKING = Duration.ofSeconds(60);

    private static LocalRedis bareServers;
    /** What sentinels do at the servers behind the proxy: PUBSUB CHANNELS tells of it. */
    private static RedisCommandClient listener;

    private static Stack stack;

    @BeforeAll
    static void start() throws IOException {
        bareServers = LocalRedis.builder().replicas(2).sentinels(0).start();
        listener = bareServers.primary().connect();
        listener.command("SUBSCRIBE", "__sentinel__:hello");
        stack = Stack.start();
    }

    @AfterAll
    static void stop() throws IOException {
        stack.close();
        listener.close();
        bareServers.close();
    }

    @Test
    void everyReplyIsTheServersOwn() throws IOException {
        long deadlineNanos = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
        long seed = FIRST_SEED;
        try (Peer bare = new Peer(bareServers.primary().address(), bareServers.primary());
                Peer proxied = new Peer(stack.address(Kind.STRONG), stack.redis.primary())) {
            for (; System.nanoTime() < deadlineNanos && seed - FIRST_SEED < PROGRAMS_MAX; seed++) {
                check(bare, proxied, seed);
            }
        }
        log.info("{} programs, from seed {} on", seed - FIRST_SEED, FIRST_SEED);
        assertThat(seed).isGreaterThan(FIRST_SEED + 5);
    }

    private static void check(Peer bare, Peer proxied, long seed) throws IOException {
        List<Step> program = Mix.program(seed, SUBSCRIPTIONS);
        Difference difference = new Duel(bare, proxied, PATIENCE).run(program);
        if (difference != null) {
            fail("seed " + seed + ": " + report(bare, proxied, program, difference));
        }
    }

    private static String report(Peer bare, Peer proxied, List<Step> program, Difference difference) {
        Duel duel = new Duel(bare, proxied, IMPATIENCE);
        List<Step> shortest = new Shrinking(duel, System.nanoTime() + SHRINKING.toNanos()).shrink(program);
        String shown = shortest.stream().map(Step::toString).collect(Collectors.joining("\n"));
        try {
            return "%s%nshortest found:%n%s%n%s".formatted(difference, shown, duel.run(shortest));
        } catch (IOException unsound) {
            return "%s%nfound to differ once:%n%s%n%s".formatted(difference, shown, unsound);
        }
    }
}
