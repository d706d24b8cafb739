package io.tidegate.proxy.it;

import io.lettuce.core.LettuceFutures;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A connection of Lettuce under {@link Workload}. */
record LettuceConnection(StatefulRedisConnection<String, String> connection) implements Workload.Connection {
    @Override
    public List<Optional<String>> push(String key, List<String> values) {
        List<RedisFuture<Long>> replies = new ArrayList<>();
        for (String value : values) {
            replies.add(connection.async().rpush(key, value));
        }
        List<Optional<String>> errors = new ArrayList<>();
        for (RedisFuture<Long> reply : replies) {
            try {
                LettuceFutures.awaitOrCancel(
                        reply, Stack.PATIENCE.toNanos(), java.util.concurrent.TimeUnit.NANOSECONDS);
                errors.add(Optional.empty());
            } catch (RedisCommandExecutionException e) {
                errors.add(Optional.of(String.valueOf(e.getMessage())));
            }
        }
        return errors;
    }

    @Override
    public long increment(String key) {
        return connection.sync().incr(key);
    }

    @Override
    public Optional<String> last(String key) {
        return Optional.ofNullable(connection.sync().lindex(key, -1));
    }

    @Override
    public void close() {
        connection.close();
    }
}
