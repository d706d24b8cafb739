package io.tidegate.bench.drill;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.api.StatefulRedisConnection;
import io.tidegate.proxy.cli.drill.Answer;
import io.tidegate.proxy.local.LocalRedis;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lettuce's connections to the primary that the sentinels name: a connection that is lost is made again, after asking them,
 * and what was in flight is sent again. Everything is as it is by default.
 */
final class LettuceClients implements Clients {
    private static final int QUIT_SECONDS_MAX = 2;

    private final RedisClient client;

    LettuceClients(List<String> sentinels) {
        client = RedisClient.create("redis-sentinel://" + String.join(",", sentinels) + "#" + LocalRedis.MASTER_NAME);
    }

    @Override
    public Appender open() {
        return new Connected();
    }

    @Override
    public void close() {
        client.shutdown(0, QUIT_SECONDS_MAX, TimeUnit.SECONDS);
    }

    private final class Connected implements Appender {
        private @Nullable StatefulRedisConnection<String, String> connection;

        @Override
        public Answer append(String key, long number) {
            StatefulRedisConnection<String, String> current = connection;
            try {
                if (current == null) {
                    current = client.connect();
                    connection = current;
                }
            } catch (RedisException e) {
                return Answer.unsent(e);
            }
            try {
                current.sync().xadd(key, Map.of(FIELD, Long.toString(number)));
                return Answer.ACKNOWLEDGED;
            } catch (RedisCommandExecutionException e) {
                return Answer.refused(String.valueOf(e.getMessage()));
            } catch (RedisException e) {
                return Answer.unanswered(e);
            }
        }

        @Override
        public void close() {
            if (connection != null) {
                connection.close();
            }
        }
    }
}
