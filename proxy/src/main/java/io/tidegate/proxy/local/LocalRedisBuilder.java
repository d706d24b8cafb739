package io.tidegate.proxy.local;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * What a {@link LocalRedis} is made of. As it stands: one primary, two replicas, three sentinels with a quorum of two,
 * any free ports, a temporary directory, no password.
 */
public final class LocalRedisBuilder {
    int replicas = 2;
    int sentinels = 3;
    long downAfterMillis = 1_000;
    long failoverTimeoutMillis = 10_000;
    IntFunction<Place> places = index -> Place.LOOPBACK;
    OptionalInt portBase = OptionalInt.empty();
    Optional<Path> directory = Optional.empty();
    Optional<String> password = Optional.empty();
    Optional<String> sentinelPassword = Optional.empty();
    List<String> serverConfig = List.of();
    List<String> sentinelConfig = List.of();
    Duration timeout = Duration.ofSeconds(30);

    LocalRedisBuilder() {}

    public LocalRedisBuilder replicas(int count) {
        replicas = notNegative("replicas", count);
        return this;
    }

    /** Zero makes it plain replication, which nobody but the test fails over. The quorum is the majority. */
    public LocalRedisBuilder sentinels(int count) {
        sentinels = notNegative("sentinels", count);
        return this;
    }

    /** Sentinel's {@code down-after-milliseconds}: how long silence must last until a sentinel calls a server down. */
    public LocalRedisBuilder downAfterMillis(long millis) {
        downAfterMillis = millis;
        return this;
    }

    /** Sentinel's {@code failover-timeout}; a second attempt to fail over waits for twice this. */
    public LocalRedisBuilder failoverTimeoutMillis(long millis) {
        failoverTimeoutMillis = millis;
        return this;
    }

    /**
     * Fixed ports instead of free ones: the primary gets this one, the replicas the next ones, then the sentinels. If
     * one of them is taken, the start fails.
     */
    public LocalRedisBuilder portBase(int port) {
        portBase = OptionalInt.of(port);
        return this;
    }

    /** Where each process runs, by its index: 0 is the primary, then come the replicas, then the sentinels. */
    public LocalRedisBuilder places(IntFunction<Place> byIndex) {
        places = byIndex;
        return this;
    }

    /** Where configurations, logs and data go and stay; created if needed. Otherwise a temporary directory is used. */
    public LocalRedisBuilder directory(Path path) {
        directory = Optional.of(path.toAbsolutePath());
        return this;
    }

    /** The servers' password ({@code requirepass} and {@code masterauth}), known to the sentinels. */
    public LocalRedisBuilder password(String text) {
        password = Optional.of(text);
        return this;
    }

    /** The sentinels' own password. */
    public LocalRedisBuilder sentinelPassword(String text) {
        sentinelPassword = Optional.of(text);
        return this;
    }

    /** Lines to end each server's configuration with; a later line overrides an earlier one. */
    public LocalRedisBuilder serverConfig(String... lines) {
        serverConfig = List.of(lines);
        return this;
    }

    /** Lines to end each sentinel's configuration with. */
    public LocalRedisBuilder sentinelConfig(String... lines) {
        sentinelConfig = List.of(lines);
        return this;
    }

    /** How long each step may take that waits for servers: a start, replication, an agreement. */
    public LocalRedisBuilder timeout(Duration limit) {
        timeout = limit;
        return this;
    }

    /**
     * Starts it all and returns when every replica is up to its primary and every sentinel knows all the others.
     *
     * @throws LocalRedisException if that does not happen in time; nothing is left running then
     */
    public LocalRedis start() {
        return LocalRedis.start(this);
    }

    private static int notNegative(String what, int count) {
        if (count < 0) {
            throw new IllegalArgumentException(what + ": " + count + " (expected: >= 0)");
        }
        return count;
    }
}
