package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.DelayingRelay;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.RouteReason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sessions that write and read while the replicas lag, by a network that delays replication or by being stopped: at each
 * level of consistency the recorded history keeps what the level promises, and at the one that promises least it can be
 * seen that the lag was real.
 */
@Tag("alone")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StaleReadIT {
    private static final long BOUND_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final int KEYS_PER_LEVEL = 2;
    private static final int ROUNDS = 30;
    private static final int READS_PER_ROUND_MAX = 250;
    private static final int PIPELINE_MAX = 8;
    private static final int DELAY_MILLIS_MAX = 40;

    /**
     * Who may expect what, each on a listener of its own. Each reads by another command, so that the servers' own
     * counters tell who was served where.
     */
    private enum Level {
        SESSION("session", "connection", "SET %s %s", "GET %s"),
        LISTENER("session", "listener", "SET %s %s", "GETRANGE %s 0 -1"),
        USER("session", "user", "SET %s %s", "SUBSTR %s 0 -1"),
        BOUNDED("bounded(100ms)", "connection", "SET %s %s", "MGET %s"),
        STRONG("strong", "connection", "HSET %s v %s", "HGET %s v"),
        EVENTUAL("eventual", "connection", "HSET %s v %s", "HMGET %s v");

        private final String consistency;
        private final String causal;
        private final String write;
        private final String read;

        Level(String consistency, String causal, String write, String read) {
            this.consistency = consistency;
            this.causal = causal;
            this.write = write;
            this.read = read;
        }

        String[] write(String key, int value) {
            return write.formatted(key, value).split(" ", -1);
        }

        String[] read(String key) {
            return read.formatted(key).split(" ", -1);
        }

        String readCommand() {
            return read.substring(0, read.indexOf(' '));
        }

        boolean seesItsOwnWrites() {
            return this != BOUNDED && this != EVENTUAL;
        }

        /** Whether what is acknowledged on one connection counts for the reads of others. */
        boolean holdsForOthers() {
            return this != SESSION;
        }
    }

    private record Key(Level level, History history) {}

    private final Random random = new Random(20);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<DelayingRelay> relays = new ArrayList<>();
    private final List<Key> keys = new ArrayList<>();
    private LocalRedis redis;
    private Tidegate tidegate;

    @BeforeEach
    void start() throws IOException {
        redis = LocalRedis.builder()
                .sentinels(0)
                .password("of-the-servers")
                .serverConfig("user alice on >secret ~* &* +@all")
                .start();
        for (RedisProcess replica : redis.replicas()) {
            DelayingRelay relay = DelayingRelay.to(redis.primary().address());
            relays.add(relay);
            replica.command(
                    "REPLICAOF", "127.0.0.1", Integer.toString(relay.address().getPort()));
        }
        redis.replicas().forEach(Stack::awaitReplica);
        tidegate = Tidegate.start(Stack.parse("""
                listeners: [%s]
                upstream: {static: {nodes: [%s]}, password: of-the-servers}
                clients: {auth: passthrough}
                reads: {silence-max: 300ms, probation: 20ms}
                """.formatted(
                        List.of(Level.values()).stream()
                                .map(level -> "{address: '127.0.0.1:0', consistency: '" + level.consistency
                                        + "', causal: " + level.causal + "}")
                                .collect(Collectors.joining(", ")),
                        redis.servers().stream()
                                .map(server -> "'" + server.endpoint() + "'")
                                .collect(Collectors.joining(", ")))));
        await().atMost(Stack.PATIENCE)
                .until(() -> tidegate.table().writes().open()
                        && tidegate.table().replicas().stream()
                                        .filter(replica -> replica.health() == RouteReason.ELIGIBLE)
                                        .count()
                                == relays.size());
    }

    @AfterEach
    void stop() {
        tidegate.close();
        relays.forEach(DelayingRelay::close);
        redis.close();
        threads.shutdownNow();
    }

    @Test
    void whileReplicationIsDelayed() throws Exception {
        relays.forEach(relay -> relay.delay(Duration.ofMillis(DELAY_MILLIS_MAX)));
        // Where the primary is quick, a round's reads are over before a replica holds its write: then there are more
        // rounds.
        List<CompletableFuture<Void>> sessions = startSessions(
                () -> {
                    DelayingRelay relay = relays.get(random.nextInt(relays.size()));
                    relay.delay(Duration.ofMillis(random.nextInt(DELAY_MILLIS_MAX)));
                },
                level -> level == Level.STRONG || onReplicas(level) > 0);
        sessions.forEach(CompletableFuture::join);

        checkHistories();
        assertThat(keys)
                .as("keys read behind their writes on the eventual listener: without any there was no lag")
                .anyMatch(key ->
                        key.level() == Level.EVENTUAL && !key.history().stale(0).isEmpty());
        for (Level level : Level.values()) {
            if (level == Level.STRONG) {
                assertThat(onReplicas(level)).isZero();
            } else {
                assertThat(onReplicas(level))
                        .as("served by replicas at " + level)
                        .isPositive();
            }
        }
    }

    /** How many reads of this level the replicas have served. */
    private long onReplicas(Level level) {
        long calls = 0;
        try {
            for (RedisProcess replica : redis.replicas()) {
                calls += Stack.calls(replica, level.readCommand());
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return calls;
    }

    @Test
    void whileReplicasAreStoppedAndGoOn() throws Exception {
        List<CompletableFuture<Void>> sessions = startSessions(() -> {}, level -> true);
        CompletableFuture<Void> all = CompletableFuture.allOf(sessions.toArray(CompletableFuture[]::new));
        int stops = 0;
        while (!all.isDone()) {
            RedisProcess replica =
                    redis.replicas().get(stops++ % redis.replicas().size());
            replica.freeze();
            awaitReads(all, 500);
            replica.thaw();
            awaitReads(all, 500);
        }
        all.join();
        assertThat(stops).isGreaterThan(2);
        checkHistories();
    }

    /**
     * Every level's sessions; a writer's round begins with {@code onRound}, one at a time. After {@link #ROUNDS} it ends as
     * soon as there was {@code enough} of its level.
     */
    private List<CompletableFuture<Void>> startSessions(Runnable onRound, Predicate<Level> enough) {
        List<CompletableFuture<Void>> sessions = new ArrayList<>();
        for (Level level : Level.values()) {
            for (int i = 0; i < KEYS_PER_LEVEL; i++) {
                History history = new History(level + ":" + i);
                keys.add(new Key(level, history));
                long seed = random.nextLong();
                CompletableFuture<Void> writer = CompletableFuture.runAsync(
                        () -> write(level, history, new Random(seed), onRound, enough), threads);
                sessions.add(writer);
                if (level.holdsForOthers()) {
                    sessions.add(CompletableFuture.runAsync(() -> readUntil(writer, level, history), threads));
                    sessions.add(CompletableFuture.runAsync(() -> readUntil(writer, level, history), threads));
                }
            }
        }
        return sessions;
    }

    /** Writes a number, reads it back in the same pipeline, and then a few times more, before the next. */
    private void write(Level level, History history, Random chance, Runnable onRound, Predicate<Level> enough) {
        long endNanos = System.nanoTime() + Stack.PATIENCE.toNanos();
        try (RedisCommandClient client = connect(level)) {
            for (int value = 1; value <= ROUNDS || (!enough.test(level) && System.nanoTime() - endNanos < 0); value++) {
                synchronized (random) {
                    onRound.run();
                }
                long sentNanos = System.nanoTime();
                history.sent(sentNanos);
                client.write(level.write(history.key(), value));
                client.write(level.read(history.key()));
                client.read();
                history.acknowledged(System.nanoTime());
                int readBack = value(client.read());
                history.read(sentNanos, System.nanoTime(), readBack);
                if (level.seesItsOwnWrites()) {
                    assertThat(readBack).as("behind its own write at " + level).isEqualTo(value);
                }
                for (int reads = chance.nextInt(READS_PER_ROUND_MAX); reads > 0; reads -= PIPELINE_MAX) {
                    read(client, level, history, 1 + chance.nextInt(PIPELINE_MAX));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(level + ": " + e, e);
        }
    }

    private void readUntil(CompletableFuture<Void> writer, Level level, History history) {
        try (RedisCommandClient client = connect(level)) {
            while (!writer.isDone()) {
                read(client, level, history, PIPELINE_MAX);
            }
        } catch (IOException e) {
            throw new IllegalStateException(level + ": " + e, e);
        }
    }

    private static void read(RedisCommandClient client, Level level, History history, int times) throws IOException {
        long sentNanos = System.nanoTime();
        for (int i = 0; i < times; i++) {
            client.write(level.read(history.key()));
        }
        for (int i = 0; i < times; i++) {
            int value = value(client.read());
            history.read(sentNanos, System.nanoTime(), value);
        }
    }

    private static int value(RespValue reply) {
        RespValue value =
                reply instanceof RespValue.Array array ? array.elements().get(0) : reply;
        return value.isNull() || value.text().isEmpty() ? 0 : Integer.parseInt(value.text());
    }

    private RedisCommandClient connect(Level level) throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(
                tidegate.listeners()
                        .get(List.of(Level.values()).indexOf(level))
                        .address()
                        .socketAddress(),
                Stack.PATIENCE);
        client.command("AUTH", "alice", "secret");
        return client;
    }

    private void awaitReads(CompletableFuture<Void> all, int more) {
        long goal = reads() + more;
        await().atMost(Stack.PATIENCE).until(() -> all.isDone() || reads() >= goal);
    }

    private long reads() {
        return keys.stream().mapToInt(key -> key.history().reads()).sum();
    }

    private void checkHistories() {
        for (Key key : keys) {
            History history = key.history();
            switch (key.level()) {
                case SESSION, LISTENER, USER -> history.checkFresh(0);
                case BOUNDED -> history.checkFresh(BOUND_NANOS);
                case STRONG -> {
                    history.checkFresh(0);
                    history.checkNoReadGoesBack();
                }
                case EVENTUAL -> history.checkFresh(Stack.PATIENCE.toNanos());
            }
        }
    }
}
