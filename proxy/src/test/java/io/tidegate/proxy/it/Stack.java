package io.tidegate.proxy.it;

import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A whole Tidegate in front of real servers and sentinels, with one listener per level; everything ends with it. */
public final class Stack implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    public final LocalRedis redis;
    public final Tidegate tidegate;

    private Stack(LocalRedis redis, Tidegate tidegate) {
        this.redis = redis;
        this.tidegate = tidegate;
    }

    /**
     * One primary, two replicas, three sentinels; ready when all can be used. The sentinels call a server down after two
     * seconds: a sentinel opens a lost link again only once a second, and a promoted server drops all links, so with less
     * they would see a second failover now and then.
     */
    public static Stack start() {
        return start("");
    }

    /** The same, with more lines of configuration. */
    public static Stack start(String moreConfig) {
        LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start();
        try {
            Stack stack = new Stack(redis, Tidegate.start(config(redis, moreConfig)));
            await().atMost(PATIENCE).until(stack::ready);
            return stack;
        } catch (IOException | RuntimeException e) {
            redis.close();
            throw new IllegalStateException("Tidegate did not start", e);
        }
    }

    public static TidegateConfig config(LocalRedis redis, String moreConfig) {
        String nodes = redis.sentinels().stream()
                .map(sentinel -> '"' + sentinel.endpoint() + '"')
                .collect(Collectors.joining(", "));
        return parse("""
                listeners:
                  - {address: "127.0.0.1:0", consistency: eventual}
                  - {address: "127.0.0.1:0", consistency: bounded(200ms)}
                  - {address: "127.0.0.1:0", consistency: session}
                  - {address: "127.0.0.1:0", consistency: strong}
                upstream:
                  sentinel: {master: %s, nodes: [%s]}
                %s
                """.formatted(LocalRedis.MASTER_NAME, nodes, moreConfig));
    }

    public static TidegateConfig parse(String yaml) {
        try {
            return ConfigLoader.parse(yaml, "test", Path.of("."), Map.of()).config();
        } catch (ConfigException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private boolean ready() {
        return tidegate.table().writes().open()
                && tidegate.table().replicas().size() == redis.replicas().size()
                && tidegate.table().replicas().stream().allMatch(replica -> replica.health() == RouteReason.ELIGIBLE);
    }

    public InetSocketAddress address(ReadLevel.Kind level) {
        return tidegate.listeners().stream()
                .filter(listener -> listener.level().kind() == level)
                .findFirst()
                .orElseThrow()
                .address()
                .socketAddress();
    }

    public RedisCommandClient connect(ReadLevel.Kind level) throws IOException {
        return RedisCommandClient.connect(address(level), PATIENCE);
    }

    /** Direct connections to the servers that answer. */
    public List<RedisProcess> servers() {
        return redis.servers();
    }

    @Override
    public void close() {
        tidegate.close();
        redis.close();
    }
}
