package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisURI;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.RedisClient;

/**
 * Failovers as applications with Lettuce and Jedis see them: a pause, and at most {@code UNCERTAIN} for writes in flight.
 * Lettuce is used with its default options; of Jedis the socket timeout, 2 s by default, has to be longer than the pause.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ClientFailoverIT {
    private static final int BATCH = 20;

    private Stack stack;
    private io.lettuce.core.RedisClient lettuce;
    private RedisClient jedis;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void start() {
        stack = Stack.start();
        InetSocketAddress address = stack.address(Kind.SESSION);
        lettuce = io.lettuce.core.RedisClient.create(RedisURI.create(address.getHostString(), address.getPort()));
        jedis = RedisClient.builder()
                .hostAndPort(address.getHostString(), address.getPort())
                .clientConfig(
                        DefaultJedisClientConfig.builder().timeoutMillis(20_000).build())
                .build();
    }

    @AfterEach
    void stop() {
        lettuce.shutdown(0, 2, TimeUnit.SECONDS);
        jedis.close();
        stack.close();
        threads.shutdownNow();
    }

    @Test
    void thePrimaryIsKilled() throws Exception {
        failOver(RedisProcess::kill);
    }

    @Test
    void anOperatorFailsOver() throws Exception {
        failOver(old -> stack.redis.failover());
    }

    /** What makes the servers fail over. */
    private interface Fault {
        void happensTo(RedisProcess primary) throws IOException;
    }

    private void failOver(Fault fault) throws Exception {
        RedisProcess old = stack.redis.primary();
        List<CompletableFuture<?>> blocked = List.of(
                lettuce.connect().async().blpop(60, "queue").toCompletableFuture(),
                CompletableFuture.supplyAsync(() -> jedis.blpop(60, "queue"), threads));
        await().until(() -> Stack.blockedClients(old) == 2);
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        CompletableFuture<?> jedisSubscriber = subscribe(heard);
        try (Workload single = new Workload("lettuce", () -> new LettuceConnection(lettuce.connect()), 3, 1);
                Workload batches =
                        new Workload("lettuce-async", () -> new LettuceConnection(lettuce.connect()), 2, BATCH);
                Workload pooled = new Workload("jedis", () -> new JedisConnection(jedis), 3, 1);
                Workload pipelines = new Workload("jedis-pipeline", () -> new JedisConnection(jedis), 2, BATCH)) {
            List<Workload> loads = List.of(single, batches, pooled, pipelines);
            awaitProgress(loads);
            fault.happensTo(old);
            long adoptedNanos = stack.awaitOtherPrimary(old);
            awaitProgress(loads);
            RedisProcess survivor = stack.primary();
            assertThat(survivor).isNotNull();
            try (RedisCommandClient direct = survivor.connect()) {
                for (Workload load : loads) {
                    load.stop();
                    load.check(direct, adoptedNanos);
                }
            }
            assertThat(single.uncertain()).isLessThanOrEqualTo(3);
            assertThat(batches.uncertain()).isLessThanOrEqualTo(2L * BATCH);
            assertThat(pooled.uncertain()).isLessThanOrEqualTo(3);
            assertThat(pipelines.uncertain()).isLessThanOrEqualTo(2L * BATCH);
        }
        for (CompletableFuture<?> pop : blocked) {
            assertThat(failure(pop)).hasMessageStartingWith("UNCERTAIN may have run");
        }
        // Both are still subscribed, and none of them was told to connect again.
        await().atMost(Stack.PATIENCE).until(() -> {
            jedis.publish("news", "after");
            return heard.stream().filter("after"::equals).count() >= 2;
        });
        assertThat(jedisSubscriber).isNotDone();
    }

    private static void awaitProgress(List<Workload> loads) throws InterruptedException {
        for (Workload load : loads) {
            load.awaitProgress(2 * BATCH);
        }
    }

    /** Has both clients listen; returns Jedis' subscription, which ends when it is lost. */
    private CompletableFuture<?> subscribe(Queue<String> heard) {
        StatefulRedisPubSubConnection<String, String> subscriber = lettuce.connectPubSub();
        subscriber.addListener(new RedisPubSubAdapter<>() {
            @Override
            public void message(String channel, String message) {
                heard.add(message);
            }
        });
        subscriber.sync().subscribe("news");
        CompletableFuture<?> jedisSubscriber =
                CompletableFuture.runAsync(() -> jedis.subscribe(hearing(heard), "news"), threads);
        await().until(() -> {
            jedis.publish("news", "before");
            return heard.stream().filter("before"::equals).count() >= 2;
        });
        await().until(() -> heard.stream().filter("before"::equals).count() >= 2);
        return jedisSubscriber;
    }

    private static Throwable failure(CompletableFuture<?> future) {
        Throwable failure = future.handle((value, thrown) -> thrown == null ? new AssertionError(value) : thrown)
                .orTimeout(Stack.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static JedisPubSub hearing(Queue<String> heard) {
        return new JedisPubSub() {
            @Override
            public void onMessage(String channel, String message) {
                heard.add(message);
            }
        };
    }
}
