package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.api.sync.RedisAdvancedClusterCommands;
import io.tidegate.routing.ReadLevel.Kind;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;

/** Clients that insist on Redis Cluster, in front of servers that are none, through a failover. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ClusterClientsIT {
    private Stack stack;
    private InetSocketAddress address;

    @BeforeEach
    void start() {
        stack = Stack.start("cluster: {answer: on}");
        address = stack.address(Kind.SESSION);
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    @Test
    void lettuce() {
        io.lettuce.core.cluster.RedisClusterClient client = io.lettuce.core.cluster.RedisClusterClient.create(
                RedisURI.create(address.getHostString(), address.getPort()));
        try {
            RedisAdvancedClusterCommands<String, String> commands =
                    client.connect().sync();
            assertThat(client.getPartitions()).hasSize(1);
            CountedKeys.overTheEndOfThePrimary(stack, commands::incr);
            client.refreshPartitions();
            assertThat(client.getPartitions().getPartition(0).getSlots()).hasSize(16_384);
        } finally {
            client.shutdown(0, 2, TimeUnit.SECONDS);
        }
    }

    @Test
    void jedis() {
        try (redis.clients.jedis.RedisClusterClient client = redis.clients.jedis.RedisClusterClient.builder()
                .nodes(Set.of(new HostAndPort(address.getHostString(), address.getPort())))
                .clientConfig(
                        DefaultJedisClientConfig.builder().timeoutMillis(20_000).build())
                .build()) {
            assertThat(client.getClusterNodes()).hasSize(1);
            CountedKeys.overTheEndOfThePrimary(stack, client::incr);
        }
    }
}
