package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisSentinelPool;

/** Clients that look for the primary by asking a sentinel, and find the proxy, through a failover behind it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class SentinelClientsIT {
    private Stack stack;
    private InetSocketAddress port;

    @BeforeEach
    void start() {
        stack = Stack.withSentinelPort();
        InetSocketAddress address = stack.tidegate.sentinelPortAddress();
        assertThat(address).isNotNull();
        port = address;
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void lettuce() {
        io.lettuce.core.RedisClient client = io.lettuce.core.RedisClient.create(uri());
        try {
            RedisCommands<String, String> commands = client.connect().sync();
            CountedKeys.overTheEndOfThePrimary(stack, commands::incr);
        } finally {
            client.shutdown(0, 2, TimeUnit.SECONDS);
        }
    }

    @Test
    @SuppressWarnings("deprecation") // What most applications have.
    void jedis() {
        try (JedisSentinelPool pool = new JedisSentinelPool(
                LocalRedis.MASTER_NAME,
                Set.of(new HostAndPort(port.getHostString(), port.getPort())),
                DefaultJedisClientConfig.builder().timeoutMillis(20_000).build(),
                DefaultJedisClientConfig.builder().build())) {
            CountedKeys.overTheEndOfThePrimary(stack, key -> {
                try (Jedis jedis = pool.getResource()) {
                    return jedis.incr(key);
                }
            });
        }
    }

    /** A listener for reads that is called a replica is read from. */
    @Test
    void replicasAreTheListenersThatAreAnnounced() throws IOException {
        InetSocketAddress listener = listener();
        try (Tidegate second =
                Tidegate.start(Stack.parse("""
                listeners: [{address: "127.0.0.1:0"}]
                upstream: {static: {nodes: ["%s"]}}
                sentinel-port: {address: "127.0.0.1:0", master: cache, announce: ["tier:1", "127.0.0.1:%d"]}
                """.formatted(stack.redis.primary().endpoint(), listener.getPort())))) {
            InetSocketAddress address = second.sentinelPortAddress();
            assertThat(address).isNotNull();
            try (RedisCommandClient sentinel = RedisCommandClient.connect(address, Stack.PATIENCE)) {
                assertThat(sentinel.command("SENTINEL", "get-master-addr-by-name", "cache")
                                .elements())
                        .extracting(RespValue::text)
                        .containsExactly("tier", "1");
                List<RespValue> replicas =
                        sentinel.command("SENTINEL", "replicas", "cache").elements();
                assertThat(replicas).hasSize(1);
                assertThat(replicas.get(0).elements())
                        .extracting(RespValue::text)
                        .contains("slave", Integer.toString(listener.getPort()), "127.0.0.1:" + listener.getPort());
            }
        }
    }

    private RedisURI uri() {
        return RedisURI.Builder.sentinel(port.getHostString(), port.getPort(), LocalRedis.MASTER_NAME)
                .withTimeout(Duration.ofSeconds(30))
                .build();
    }

    private InetSocketAddress listener() {
        return stack.tidegate.listeners().get(0).address().socketAddress();
    }
}
