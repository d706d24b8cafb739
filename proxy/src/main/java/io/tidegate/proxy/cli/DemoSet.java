package io.tidegate.proxy.cli;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.LocalRedisBuilder;
import io.tidegate.routing.RouteReason;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The demo's servers (a primary, two replicas, three sentinels) and the proxy in front of them. */
final class DemoSet implements AutoCloseable {
    /** Sentinels ping once per second; what they call down must have been silent for clearly longer. */
    private static final long DOWN_AFTER_MILLIS = 2_000;

    private static final int SERVERS_PORT_OFFSET = 10;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
    private static final Duration START_MAX = Duration.ofSeconds(30);

    private final LocalRedis redis;
    private final Tidegate tidegate;

    private DemoSet(LocalRedis redis, Tidegate tidegate) {
        this.redis = redis;
        this.tidegate = tidegate;
    }

    /**
     * Starts all.
     *
     * @param directory where everything goes and stays; null for a temporary one
     * @param portBase the first listener's port; 0 for any free ones
     */
    static DemoSet start(@Nullable Path directory, int portBase) throws ConfigException, IOException {
        LocalRedisBuilder builder = LocalRedis.builder().downAfterMillis(DOWN_AFTER_MILLIS);
        if (portBase != 0) {
            builder.portBase(portBase + SERVERS_PORT_OFFSET);
        }
        LocalRedis redis = (directory == null ? builder : builder.directory(directory)).start();
        try {
            // Reads the file like anybody's; the environment overrides nothing.
            Path file = DemoConfig.write(redis, portBase);
            return new DemoSet(
                    redis, Tidegate.start(ConfigLoader.load(file, Map.of()).config()));
        } catch (ConfigException | IOException | RuntimeException e) {
            redis.close();
            throw e;
        }
    }

    LocalRedis redis() {
        return redis;
    }

    Tidegate tidegate() {
        return tidegate;
    }

    /** Waits until the proxy has found all there is; false if the command is to end before. */
    boolean awaitFound(Lifetime lifetime) throws IOException, InterruptedException {
        long giveUpNanos = tidegate.clock().nowNanos() + START_MAX.toNanos();
        while (!tidegate.table().writes().open()
                || eligible() < redis.replicas().size()) {
            if (tidegate.clock().nowNanos() > giveUpNanos) {
                throw new IOException("the proxy did not find the demo's servers within " + START_MAX.toSeconds()
                        + " s; it knows: " + tidegate.table());
            }
            if (lifetime.await(LOOK_AGAIN)) {
                return false;
            }
        }
        return true;
    }

    private long eligible() {
        return tidegate.table().replicas().stream()
                .filter(replica -> replica.health() == RouteReason.ELIGIBLE)
                .count();
    }

    @Override
    public void close() {
        tidegate.close();
        redis.close();
    }
}
