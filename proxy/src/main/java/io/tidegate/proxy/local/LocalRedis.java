package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A real replicated Redis, on loopback unless told otherwise: one primary, replicas, and sentinels unless it is to be plain replication.
 *
 * <pre>{@code
 * try (LocalRedis redis = LocalRedis.builder().downAfterMillis(500).start()) {
 *     RedisProcess old = redis.primary();
 *     old.kill();
 *     RedisProcess promoted = redis.awaitFailoverFrom(old);
 * }
 * }</pre>
 *
 * <p>{@link #primary} and {@link #replicas} are who was what at the start; {@link #currentPrimary} asks. Closing kills
 * all processes and removes the directory if it was a temporary one. So does the end of the JVM, by a shutdown hook,
 * and, if it is killed, by a {@link Watchdog}. Ctrl-C at a terminal is heard by the JVM and, as members of its process
 * group, by the servers themselves.
 */
public final class LocalRedis implements AutoCloseable {
    /** The name under which the sentinels know the primary. */
    public static final String MASTER_NAME = "mymaster";

    private static final int PORT_ATTEMPTS_MAX = 20;

    /** A sentinel's own default. */
    private static final int HELLO_MILLIS = 2_000;

    private static final int HELLO_MILLIS_AT_FIRST = 50;

    private final LocalRedisBuilder setup;
    private final Path directory;
    private final RedisBinary binary;
    private final Watchdog watchdog;
    private final Thread shutdownHook = new Thread(this::killAll, "local-redis-shutdown");

    // Complete when start() returns, unchanged from then on. The shutdown hook may read them before.
    private final List<RedisProcess> servers = new CopyOnWriteArrayList<>();
    private final List<RedisProcess> sentinels = new CopyOnWriteArrayList<>();

    private LocalRedis(LocalRedisBuilder setup) {
        this.setup = setup;
        this.directory = createDirectory(setup);
        this.binary = RedisBinary.locate(directory);
        this.watchdog = new Watchdog(setup.directory.isPresent() ? Optional.empty() : Optional.of(directory));
    }

    public static LocalRedisBuilder builder() {
        return new LocalRedisBuilder();
    }

    static LocalRedis start(LocalRedisBuilder setup) {
        LocalRedis redis = new LocalRedis(setup);
        Runtime.getRuntime().addShutdownHook(redis.shutdownHook);
        try {
            redis.startAll();
            return redis;
        } catch (RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    /** The server that was started as primary, whatever it is now. */
    public RedisProcess primary() {
        return servers.get(0);
    }

    /** The servers that were started as replicas, whatever they are now. */
    public List<RedisProcess> replicas() {
        return Collections.unmodifiableList(servers.subList(1, servers.size()));
    }

    /** The primary and the replicas. */
    public List<RedisProcess> servers() {
        return Collections.unmodifiableList(servers);
    }

    public List<RedisProcess> sentinels() {
        return Collections.unmodifiableList(sentinels);
    }

    /** The program that all of them run. */
    public RedisBinary binary() {
        return binary;
    }

    /** Where each process has a directory of its own, with its configuration and log. */
    public Path directory() {
        return directory;
    }

    /** Process ids by endpoint, servers before sentinels; of the processes that exist. */
    public Map<String, Long> pids() {
        return Stream.concat(servers.stream(), sentinels.stream())
                .filter(RedisProcess::alive)
                .collect(Collectors.toMap(RedisProcess::endpoint, RedisProcess::pid, (a, b) -> a, LinkedHashMap::new));
    }

    /**
     * Who is primary now: the server that says so of itself and is named by every sentinel that answers (or, without
     * sentinels, is the only one to say so). Empty while there is none.
     */
    public Optional<RedisProcess> currentPrimary() {
        return consensus().currentPrimary();
    }

    /**
     * The {@link #currentPrimary} if nothing is about to replace it: every other server that answers replicates from it, and
     * every sentinel sees it up, at the same epoch, and is not failing over. Unlike {@link #awaitAgreement} this does not
     * want the sentinels to have looked at every replica yet, which they do every 10 s.
     */
    public Optional<RedisProcess> settledPrimary() {
        return consensus().settledPrimary();
    }

    /** Waits until a server other than {@code old} is the {@link #currentPrimary}. */
    public RedisProcess awaitFailoverFrom(RedisProcess old) {
        Await.until(
                "a primary other than " + old,
                setup.timeout,
                () -> currentPrimary().filter(now -> now != old).isPresent()
                        ? Optional.empty()
                        : Optional.of("the current primary is "
                                + currentPrimary().map(RedisProcess::toString).orElse("unknown")),
                this::logTails);
        return currentPrimary().orElseThrow();
    }

    /**
     * Waits until all that answers is in its place again: one primary, every other server replicating from it, every
     * sentinel of the same opinion and epoch, none failing over. A replaced primary that has come back keeps its role
     * until the sentinels have watched it for some 10 to 20 s, and this waits for that.
     */
    public void awaitAgreement() {
        Await.until("an agreement", setup.timeout, consensus()::obstacle, this::logTails);
    }

    /** Orders a planned failover ({@code SENTINEL FAILOVER}) from the first sentinel that answers; does not wait. */
    public void failover() throws IOException {
        RedisProcess sentinel = sentinels.stream()
                .filter(RedisProcess::responsive)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no sentinel that could fail over"));
        sentinel.command("SENTINEL", "FAILOVER", MASTER_NAME);
    }

    /** Kills every process and removes a temporary directory. Idempotent. */
    @Override
    public void close() {
        killAll();
        watchdog.close();
        try {
            Runtime.getRuntime().removeShutdownHook(shutdownHook);
        } catch (IllegalStateException e) {
            return; // the JVM is ending, and the hook finds nothing left to do
        }
    }

    /** The ends of all logs, for error messages. */
    public String logTails() {
        return Stream.concat(servers.stream(), sentinels.stream())
                .map(RedisProcess::logTail)
                .collect(Collectors.joining("\n"));
    }

    private Consensus consensus() {
        return new Consensus(servers, sentinels);
    }

    /** The watchdog stays: when the JVM is told to end while it starts servers, the next one may just be coming. */
    private synchronized void killAll() {
        Stream.concat(sentinels.stream(), servers.stream())
                .filter(RedisProcess::alive)
                .forEach(RedisProcess::kill);
        if (setup.directory.isEmpty()) {
            delete(directory);
        }
    }

    private void startAll() {
        servers.add(launch(0, false, Config.server(setup, Optional.empty())));
        for (int i = 0; i < setup.replicas; i++) {
            servers.add(launch(servers.size(), false, Config.server(setup, Optional.of(primary()))));
        }
        // A sentinel learns the replicas from the primary's INFO, which it asks for when it starts and then every 10 s.
        awaitAgreement();
        for (int i = 0; i < setup.sentinels; i++) {
            sentinels.add(launch(servers.size() + i, true, Config.sentinel(setup, primary())));
        }
        greetEvery(HELLO_MILLIS_AT_FIRST);
        awaitAgreement();
        greetEvery(HELLO_MILLIS);
    }

    /**
     * How often each sentinel publishes that it is there: by that the others come to know it. Before 7.0 it cannot be told;
     * to get to know one another then takes two seconds more.
     */
    private void greetEvery(int millis) {
        if (!binary.atLeast(7, 0)) {
            return;
        }
        for (RedisProcess sentinel : sentinels) {
            try {
                sentinel.command("SENTINEL", "DEBUG", "PUBLISH-PERIOD", Integer.toString(millis));
            } catch (IOException e) {
                throw new LocalRedisException(sentinel + " cannot be told how often to greet", e);
            }
        }
    }

    /** Starts one process on its fixed port, or on the first free port that nobody else takes meanwhile. */
    private RedisProcess launch(int index, boolean sentinel, List<String> config) {
        Place place = setup.places.apply(index);
        if (setup.portBase.isPresent()) {
            return launch(place, sentinel, setup.portBase.getAsInt() + index, config);
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return launch(place, sentinel, Ports.next(), config);
            } catch (LocalRedisException.PortTaken e) {
                if (attempt == PORT_ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    private RedisProcess launch(Place place, boolean sentinel, int port, List<String> config) {
        Path home = directory.resolve((sentinel ? "sentinel-" : "redis-") + port);
        try {
            Files.createDirectories(home);
            Files.write(home.resolve("redis.conf"), Config.at(place, port, config), UTF_8);
        } catch (IOException e) {
            throw new LocalRedisException("cannot write to " + home, e);
        }
        RedisProcess process = new RedisProcess(
                binary,
                home,
                place,
                port,
                sentinel,
                sentinel ? setup.sentinelPassword : setup.password,
                setup.timeout,
                watchdog);
        process.start();
        return process;
    }

    private static Path createDirectory(LocalRedisBuilder setup) {
        try {
            return setup.directory.isPresent()
                    ? Files.createDirectories(setup.directory.get())
                    : Files.createTempDirectory("tidegate-redis-");
        } catch (IOException e) {
            throw new LocalRedisException("cannot create a directory for the servers", e);
        }
    }

    private static void delete(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + directory, e);
        }
    }
}
