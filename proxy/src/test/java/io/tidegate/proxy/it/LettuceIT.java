package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.FlushMode;
import io.lettuce.core.KeyValue;
import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.TransactionResult;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.support.AsyncConnectionPoolSupport;
import io.lettuce.core.support.BoundedAsyncPool;
import io.lettuce.core.support.BoundedPoolConfig;
import io.tidegate.routing.ReadLevel.Kind;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Lettuce as an application uses it, told nothing but the address of a Tidegate listener. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LettuceIT {
    private static final int BIG_BYTES = 8 << 20;

    private static Stack stack;
    private static RedisClient client;

    @BeforeAll
    static void start() {
        stack = Stack.start();
        client = RedisClient.create(uri(stack.address(Kind.SESSION)));
    }

    @AfterAll
    static void stop() {
        client.shutdown(0, 2, TimeUnit.SECONDS);
        stack.close();
    }

    @BeforeEach
    void empty() throws Exception {
        stack.redis.primary().command("FLUSHALL");
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void everyReplyIsTheOneThatTheServerGives(ProtocolVersion protocol) {
        RedisClient direct = RedisClient.create(uri(stack.redis.primary().address()));
        RedisClient through = RedisClient.create(uri(stack.address(Kind.SESSION)));
        ClientOptions options =
                ClientOptions.builder().protocolVersion(protocol).build();
        direct.setOptions(options);
        through.setOptions(options);
        try (StatefulRedisConnection<String, String> bare = direct.connect();
                StatefulRedisConnection<String, String> proxied = through.connect()) {
            List<String> expected = LettuceScript.run(bare.sync(), 3);
            assertThat(expected).hasSizeGreaterThan(80);
            assertThat(LettuceScript.run(proxied.sync(), 4)).isEqualTo(expected);
        } finally {
            direct.shutdown(0, 2, TimeUnit.SECONDS);
            through.shutdown(0, 2, TimeUnit.SECONDS);
        }
    }

    @Test
    void theHandshakeIsKept() {
        RedisURI uri = uri(stack.address(Kind.SESSION));
        uri.setClientName("an-application");
        uri.setDatabase(5);
        try (StatefulRedisConnection<String, String> connection = client.connect(uri)) {
            assertThat(connection.sync().clientGetname()).isEqualTo("an-application");
            assertThat(connection.sync().clientList())
                    .containsPattern("name=an-application .*db=5 .*lib-name=Lettuce lib-ver=\\d+\\.");
            connection.sync().set("k", "in 5");
            assertThat(connection.sync().select(0)).isEqualTo("OK");
            assertThat(connection.sync().get("k")).isNull();
            assertThat(connection.sync().select(5)).isEqualTo("OK");
            assertThat(connection.sync().get("k")).isEqualTo("in 5");
        }
    }

    @Test
    void anyBytesAndMegabytesOfThem() {
        byte[] every = new byte[256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        byte[] big = new byte[BIG_BYTES];
        new Random(11).nextBytes(big);
        try (StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE)) {
            RedisCommands<byte[], byte[]> commands = connection.sync();
            commands.set(every, every);
            assertThat(commands.get(every)).isEqualTo(every);
            List<RedisFuture<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                byte[] key = ("big" + i).getBytes(UTF_8);
                big[0] = (byte) i;
                connection.async().set(key, big.clone());
                connection.async().append(key, every);
                reads.add(connection.async().get(key));
            }
            for (int i = 0; i < 4; i++) {
                byte[] value = LettuceFutures.awaitOrCancel(reads.get(i), 30, TimeUnit.SECONDS);
                assertThat(value).hasSize(BIG_BYTES + every.length).startsWith(i, big[1]);
                assertThat(value).endsWith(every);
            }
        }
    }

    @Test
    void aPipelineIsAnsweredInOrder() throws Exception {
        int rounds = 20_000;
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisAsyncCommands<String, String> async = connection.async();
            List<RedisFuture<String>> reads = new ArrayList<>();
            connection.setAutoFlushCommands(false);
            for (int i = 0; i < rounds; i++) {
                async.set("k" + i % 10, Integer.toString(i));
                reads.add(async.get("k" + i % 10));
                if (i % 100 == 99) {
                    connection.flushCommands();
                }
            }
            connection.setAutoFlushCommands(true);
            for (int i = 0; i < rounds; i++) {
                assertThat(reads.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test
    void transactions() {
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            assertThat(commands.multi()).isEqualTo("OK");
            commands.set("a", "1");
            commands.incr("a");
            commands.lpush("a", "x");
            commands.get("a");
            TransactionResult result = commands.exec();
            assertThat(result.wasDiscarded()).isFalse();
            assertThat(result.<Object>get(1)).isEqualTo(2L);
            assertThat(result.<Throwable>get(2)).hasMessageStartingWith("WRONGTYPE");
            assertThat(result.<Object>get(3)).isEqualTo("2");

            commands.watch("a");
            other.sync().set("a", "changed");
            commands.multi();
            commands.set("a", "mine");
            assertThat(commands.exec().wasDiscarded()).isTrue();
            assertThat(commands.get("a")).isEqualTo("changed");

            commands.multi();
            commands.set("a", "no");
            assertThat(commands.discard()).isEqualTo("OK");
            assertThat(commands.get("a")).isEqualTo("changed");
        }
    }

    @Test
    void blockingPops() {
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            assertThat(connection.sync().blpop(0.01, "empty")).isNull();
            RedisFuture<KeyValue<String, String>> pop = connection.async().blpop(20, "queue", "other");
            RedisFuture<String> behind = connection.async().get("behind");
            other.sync().set("behind", "it");
            await().until(() -> Stack.blockedClients(stack.redis.primary()) == 1);
            assertThat(behind.isDone()).isFalse();
            other.sync().rpush("queue", "x");
            assertThat(LettuceFutures.awaitOrCancel(pop, 20, TimeUnit.SECONDS)).isEqualTo(KeyValue.just("queue", "x"));
            assertThat(LettuceFutures.awaitOrCancel(behind, 20, TimeUnit.SECONDS))
                    .isEqualTo("it");
        }
    }

    @Test
    void aTimeoutOfTheClientLeavesItsConnectionInStep() {
        try (StatefulRedisConnection<String, String> connection = client.connect();
                StatefulRedisConnection<String, String> other = client.connect()) {
            connection.setTimeout(Duration.ofMillis(100));
            assertThatThrownBy(() -> connection.sync().blpop(0, "late"))
                    .isInstanceOf(RedisCommandTimeoutException.class);
            connection.setTimeout(Stack.PATIENCE);
            other.sync().rpush("late", "for nobody");
            connection.sync().set("k", "v");
            assertThat(connection.sync().get("k")).isEqualTo("v");
        }
    }

    @ParameterizedTest
    @EnumSource(ProtocolVersion.class)
    void subscriptions(ProtocolVersion protocol) {
        RedisClient own = RedisClient.create(uri(stack.address(Kind.SESSION)));
        own.setOptions(ClientOptions.builder().protocolVersion(protocol).build());
        Queue<String> heard = new ConcurrentLinkedQueue<>();
        try (StatefulRedisPubSubConnection<String, String> subscriber = own.connectPubSub();
                StatefulRedisConnection<String, String> publisher = own.connect()) {
            subscriber.addListener(new RedisPubSubAdapter<>() {
                @Override
                public void message(String channel, String message) {
                    heard.add(channel + "=" + message);
                }

                @Override
                public void message(String pattern, String channel, String message) {
                    heard.add(pattern + "/" + channel + "=" + message);
                }
            });
            subscriber.sync().subscribe("news", "weather");
            subscriber.sync().psubscribe("n*");
            assertThat(publisher.sync().publish("news", "1")).isEqualTo(2);
            assertThat(publisher.sync().publish("weather", "2")).isEqualTo(1);
            subscriber.sync().unsubscribe("news");
            assertThat(publisher.sync().publish("news", "3")).isEqualTo(1);
            await().untilAsserted(
                            () -> assertThat(heard).containsExactly("news=1", "n*/news=1", "weather=2", "n*/news=3"));
            if (protocol == ProtocolVersion.RESP3) {
                assertThat(subscriber.sync().set("while", "subscribed")).isEqualTo("OK");
                assertThat(subscriber.sync().get("while")).isEqualTo("subscribed");
            }
            // Under RESP2 a subscriber's pong is a message of two parts, of which Lettuce gives the last.
            assertThat(subscriber.sync().ping()).isEqualTo(protocol == ProtocolVersion.RESP3 ? "PONG" : "");
        } finally {
            own.shutdown(0, 2, TimeUnit.SECONDS);
        }
    }

    @Test
    void scripts() {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisCommands<String, String> commands = connection.sync();
            String script = "redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('GET', KEYS[1]), 7}";
            assertThat(commands.<List<Object>>eval(script, ScriptOutputType.MULTI, new String[] {"s"}, "v"))
                    .containsExactly("v", 7L);
            String read = "return redis.call('GET', KEYS[1])";
            String sha = commands.scriptLoad(read);
            assertThat(commands.scriptExists(sha)).containsExactly(true);
            for (int i = 0; i < 20; i++) {
                commands.set("s", "v" + i);
                assertThat(commands.<String>evalsha(sha, ScriptOutputType.VALUE, "s"))
                        .isEqualTo("v" + i);
                assertThat(commands.<String>evalshaReadOnly(sha, ScriptOutputType.VALUE, new String[] {"s"}))
                        .isEqualTo("v" + i);
            }
            assertThat(commands.functionLoad("""
                            #!lua name=lib
                            redis.register_function('put', function(keys, args)
                                return redis.call('SET', keys[1], args[1])
                            end)
                            """)).isEqualTo("lib");
            assertThat(commands.<String>fcall("put", ScriptOutputType.STATUS, new String[] {"f"}, "v"))
                    .isEqualTo("OK");
            assertThat(commands.get("f")).isEqualTo("v");
            assertThat(commands.functionFlush(FlushMode.SYNC)).isEqualTo("OK");
        }
    }

    @Test
    void aPoolOfConnections() {
        BoundedAsyncPool<StatefulRedisConnection<String, String>> pool =
                AsyncConnectionPoolSupport.createBoundedObjectPool(
                        () -> client.connectAsync(StringCodec.UTF8, uri(stack.address(Kind.SESSION))),
                        BoundedPoolConfig.builder().maxTotal(4).maxIdle(4).build());
        List<CompletableFuture<Long>> increments = new ArrayList<>();
        CompletableFuture<Long> previous = CompletableFuture.completedFuture(0L);
        for (int i = 0; i < 200; i++) {
            previous = previous.thenCompose(ignored -> pool.acquire()
                    .thenCompose(connection -> connection
                            .async()
                            .incr("pooled")
                            .toCompletableFuture()
                            .thenCompose(value -> pool.release(connection).thenApply(done -> value))));
            increments.add(previous);
        }
        assertThat(increments.stream().map(CompletableFuture::join)).isSorted().hasSize(200);
        pool.close();
    }

    private static RedisURI uri(InetSocketAddress address) {
        return RedisURI.create(address.getHostString(), address.getPort());
    }
}
