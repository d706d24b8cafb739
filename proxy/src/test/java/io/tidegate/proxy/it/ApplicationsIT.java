package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.redisson.config.Protocol;
import redis.clients.jedis.DefaultJedisClientConfig;

/**
 * Failovers as whole applications see them: Redisson's locks, queues, scripts and batches, and streams with consumer groups
 * by Lettuce and Jedis. All replicas hold what is acknowledged, so that a lock is nobody else's and nothing acknowledged is
 * lost even if the primary is killed; whose writes count for reads is the whole application's matter.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ApplicationsIT {
    @ParameterizedTest
    @CsvSource({"false, RESP2", "true, RESP3"})
    void theyGoOn(boolean killed, Protocol protocol) throws Exception {
        LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start();
        // As long as the clients wait: on few processors replicas may take many seconds to follow a new primary.
        try (Stack stack = Stack.before(redis, "replicated(all), causal: listener", "park: {time-max: 20s}")) {
            InetSocketAddress address = stack.address(Kind.SESSION);
            RedisClient lettuce = RedisClient.create(RedisURI.create(address.getHostString(), address.getPort()));
            try (redis.clients.jedis.RedisClient jedis = jedis(address);
                    StreamGroup ofLettuce = new StreamGroup("lettuce", new LettuceStream(lettuce, "lettuce"));
                    StreamGroup ofJedis = new StreamGroup("jedis", new JedisStream(jedis, "jedis"));
                    RedissonApplication redisson = new RedissonApplication(address, protocol)) {
                redisson.awaitProgress();
                RedisProcess old = redis.primary();
                if (killed) {
                    old.kill();
                } else {
                    redis.failover();
                }
                stack.awaitOtherPrimary(old);
                stack.completeReplicas();
                redisson.awaitProgress();
                ofLettuce.awaitProgress();
                ofJedis.awaitProgress();
                redisson.check();
                RedisProcess survivor = stack.primary();
                assertThat(survivor).isNotNull();
                try (RedisCommandClient direct = survivor.connect()) {
                    ofLettuce.check(direct);
                    ofJedis.check(direct);
                }
            } finally {
                lettuce.shutdown(0, 2, TimeUnit.SECONDS);
            }
        }
    }

    private static redis.clients.jedis.RedisClient jedis(InetSocketAddress address) {
        return redis.clients.jedis.RedisClient.builder()
                .hostAndPort(address.getHostString(), address.getPort())
                .clientConfig(
                        DefaultJedisClientConfig.builder().timeoutMillis(20_000).build())
                .build();
    }
}
