package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.BatchOptions;
import org.redisson.api.BatchOptions.ExecutionMode;
import org.redisson.api.RBatch;
import org.redisson.api.RBlockingQueue;
import org.redisson.api.RBucket;
import org.redisson.api.RLock;
import org.redisson.api.RMap;
import org.redisson.api.RScript;
import org.redisson.api.RTopic;
import org.redisson.api.RTransaction;
import org.redisson.api.RedissonClient;
import org.redisson.api.TransactionOptions;
import org.redisson.client.RedisException;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;
import org.redisson.config.Protocol;

/**
 * Two processes, as it were, that share locks, a map, a queue, a topic, scripts, batches and transactions by Redisson in its
 * single-server mode. Redisson resends what was not answered in time, so that it is told not to, and to be more patient than a failover.
 */
final class RedissonApplication implements AutoCloseable {
    /**
     * Redisson's own default. A renewal that is in flight at the kill is uncertain, and lost to Redisson; the next comes after a
     * third of this and the failover, and the lock must still be there.
     */
    private static final long WATCHDOG_MILLIS = 30_000;

    private static final int TIMEOUT_MILLIS = 20_000;
    /** A lock of a transaction's that nobody knows of ends with it. */
    private static final int TRANSACTION_MILLIS = 10_000;

    private final RedissonClient one;
    private final RedissonClient other;
    private final RLock held;

    private final AtomicInteger holders = new AtomicInteger();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final List<Long> taken = new ArrayList<>();
    private final Set<String> heard = ConcurrentHashMap.newKeySet();

    private final List<Tally> lockers = new ArrayList<>();
    private final Tally map;
    private final Tally producer;
    private final Tally consumer;
    private final Tally scripts;
    private final Tally batches;
    private final Tally transactions;

    RedissonApplication(InetSocketAddress address, Protocol protocol) {
        one = connect(address, protocol);
        other = connect(address, protocol);
        held = one.getLock("held");
        held.lock();
        topic(other).addListener(String.class, (channel, message) -> heard.add(message));
        String sha = script(one).scriptLoad("return redis.call('INCR', KEYS[1])");
        for (RedissonClient client : List.of(one, other, one, other)) {
            lockers.add(new Tally("locker", number -> underLock(client)));
        }
        map = new Tally("map", number -> map(one).put("" + number, "v" + number));
        producer = new Tally("producer", number -> queue(one).add("" + number));
        consumer = new Tally("consumer", number -> take());
        scripts = new Tally("scripts", number -> increment(sha, number));
        batches = new Tally("batches", number -> batch());
        transactions = new Tally("transactions", this::change);
    }

    private static RedissonClient connect(InetSocketAddress address, Protocol protocol) {
        Config config = new Config()
                .setCodec(StringCodec.INSTANCE)
                .setProtocol(protocol)
                .setLockWatchdogTimeout(WATCHDOG_MILLIS)
                .setThreads(4)
                .setNettyThreads(2);
        config.useSingleServer()
                .setAddress("redis://" + address.getHostString() + ":" + address.getPort())
                .setTimeout(TIMEOUT_MILLIS)
                .setRetryAttempts(0)
                .setConnectionMinimumIdleSize(2)
                .setConnectionPoolSize(16)
                .setSubscriptionConnectionMinimumIdleSize(1);
        return Redisson.create(config);
    }

    private static RMap<String, String> map(RedissonClient client) {
        return client.getMap("map");
    }

    private static RBlockingQueue<String> queue(RedissonClient client) {
        return client.getBlockingQueue("queue");
    }

    private static RTopic topic(RedissonClient client) {
        return client.getTopic("news");
    }

    private static RScript script(RedissonClient client) {
        return client.getScript();
    }

    /** Reads a counter and writes it back, one more: what only one may do at a time. */
    private void underLock(RedissonClient client) {
        RLock lock = client.getLock("lock");
        boolean sure = false;
        try {
            lock.lock();
            sure = true;
            if (holders.incrementAndGet() != 1) {
                violations.add("two hold the lock");
            }
            RBucket<String> counter = client.getBucket("counter");
            counter.set(Long.toString(number(counter.get()) + 1));
        } finally {
            if (sure) {
                holders.decrementAndGet();
            }
            release(lock, sure);
        }
    }

    /** Whoever does not know whether he has the lock, or has given it back, asks. */
    private static void release(RLock lock, boolean acquired) {
        boolean sure = acquired;
        while (true) {
            try {
                if (sure || lock.isHeldByCurrentThread()) {
                    lock.unlock();
                }
                return;
            } catch (RedisException e) {
                if (!Tally.uncertain(e)) {
                    throw e;
                }
                sure = false;
            } catch (IllegalMonitorStateException e) {
                if (sure) {
                    throw e;
                }
                return;
            }
        }
    }

    private static long number(@Nullable String text) {
        return text == null ? 0 : Long.parseLong(text);
    }

    private void take() throws InterruptedException {
        String element = queue(other).poll(1, TimeUnit.SECONDS);
        if (element != null) {
            synchronized (taken) {
                taken.add(Long.parseLong(element));
            }
        }
    }

    private void increment(String sha, long number) {
        RScript script = script(number % 2 == 0 ? one : other);
        script.<Long>evalSha(RScript.Mode.READ_WRITE, sha, RScript.ReturnType.LONG, List.of("scripted"));
    }

    private void batch() {
        RBatch batch = one.createBatch(BatchOptions.defaults().executionMode(ExecutionMode.IN_MEMORY_ATOMIC));
        batch.getAtomicLong("a").incrementAndGetAsync();
        batch.getAtomicLong("b").incrementAndGetAsync();
        batch.execute();
    }

    /** Two values, which change together: each is locked when it is set, and both are written by the commit. */
    private void change(long number) {
        RTransaction transaction = one.createTransaction(TransactionOptions.defaults()
                .timeout(TRANSACTION_MILLIS, TimeUnit.MILLISECONDS)
                .responseTimeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
                .retryAttempts(0));
        boolean commits = false;
        try {
            transaction.getBucket("left").set("" + number);
            transaction.getBucket("right").set("" + number);
            commits = true;
            transaction.commit();
        } finally {
            if (!commits) {
                transaction.rollback();
            }
        }
    }

    private List<Tally> all() {
        List<Tally> all = new ArrayList<>(lockers);
        all.addAll(List.of(map, producer, consumer, scripts, batches, transactions));
        return all;
    }

    /** Waits until each of its threads has gone on, and somebody has held the lock. */
    void awaitProgress() {
        List<Tally> others = List.of(map, producer, consumer, scripts, batches, transactions);
        List<Integer> before = others.stream().map(Tally::rounds).toList();
        int lockedBefore = lockers.stream().mapToInt(Tally::rounds).sum();
        await().atMost(Stack.PATIENCE).untilAsserted(() -> {
            for (int i = 0; i < others.size(); i++) {
                assertThat(others.get(i).rounds()).isGreaterThan(before.get(i) + 20);
            }
            assertThat(lockers.stream().mapToInt(Tally::rounds).sum()).isGreaterThan(lockedBefore + 20);
        });
    }

    /** What was acknowledged is there, once, and nobody's lock was another's. */
    void check() throws InterruptedException {
        checkHeldLock();
        producer.stop();
        await().atMost(Stack.PATIENCE).until(() -> queue(one).isEmpty());
        for (Tally tally : all()) {
            tally.stop();
        }
        assertThat(violations).isEmpty();
        long locked =
                lockers.stream().mapToLong(tally -> tally.acknowledged().size()).sum();
        long lockUncertain = lockers.stream().mapToLong(Tally::uncertainCount).sum();
        RBucket<String> counter = one.getBucket("counter");
        assertThat(number(counter.get())).isBetween(locked, locked + lockUncertain);
        checkMapAndQueue();
        RBucket<String> scripted = one.getBucket("scripted");
        assertCounted("scripts", number(scripted.get()), scripts);
        long a = one.getAtomicLong("a").get();
        assertThat(one.getAtomicLong("b").get()).as("a batch is whole").isEqualTo(a);
        assertCounted("batches", a, batches);
        checkTransactions();
        await().atMost(Stack.PATIENCE).until(() -> {
            topic(one).publish("after");
            return heard.contains("after");
        });
    }

    private void checkTransactions() {
        RBucket<String> left = one.getBucket("left");
        RBucket<String> right = one.getBucket("right");
        assertThat(left.get()).as("a transaction is whole").isEqualTo(right.get());
        long latest = transactions.acknowledged().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        assertThat(number(left.get())).isBetween(latest, latest + transactions.uncertainCount());
    }

    private static void assertCounted(String what, long count, Tally tally) {
        long told = tally.acknowledged().size();
        assertThat(count).as(what).isBetween(told, told + tally.uncertainCount());
    }

    /** It is still its holder's, whose watchdog goes on, and nobody else's. */
    private void checkHeldLock() {
        RLock others = other.getLock("held");
        assertThat(others.tryLock()).isFalse();
        assertThat(held.isHeldByCurrentThread()).isTrue();
        long leftMillis = held.remainTimeToLive();
        await("the watchdog renews it").atMost(Stack.PATIENCE).until(() -> held.remainTimeToLive() > leftMillis);
        held.unlock();
        assertThat(others.tryLock()).isTrue();
        others.unlock();
    }

    private void checkMapAndQueue() {
        Map<String, String> entries = map(one).readAllMap();
        assertThat(map.acknowledged())
                .allSatisfy(number -> assertThat(entries).containsEntry("" + number, "v" + number));
        synchronized (taken) {
            assertThat(taken)
                    .as("nothing is taken twice")
                    .doesNotHaveDuplicates()
                    .isSorted();
            Set<Long> missing = new TreeSet<>(producer.acknowledged());
            taken.forEach(missing::remove);
            assertThat(missing.size()).as("not taken: %s", missing).isLessThanOrEqualTo((int)
                    consumer.uncertainCount());
        }
    }

    @Override
    public void close() {
        all().forEach(Tally::close);
        one.shutdown(0, 2, TimeUnit.SECONDS);
        other.shutdown(0, 2, TimeUnit.SECONDS);
    }
}
