package io.tidegate.proxy.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.Response;
import redis.clients.jedis.exceptions.JedisDataException;

/** A thread's use of a Jedis client and its pool under {@link Workload}; the client belongs to the test. */
record JedisConnection(RedisClient client) implements Workload.Connection {
    @Override
    public List<Optional<String>> push(String key, List<String> values) {
        List<Response<Long>> replies = new ArrayList<>();
        try (AbstractPipeline pipeline = client.pipelined()) {
            for (String value : values) {
                replies.add(pipeline.rpush(key, value));
            }
            pipeline.sync();
        }
        List<Optional<String>> errors = new ArrayList<>();
        for (Response<Long> reply : replies) {
            try {
                reply.get();
                errors.add(Optional.empty());
            } catch (JedisDataException e) {
                errors.add(Optional.of(String.valueOf(e.getMessage())));
            }
        }
        return errors;
    }

    @Override
    public long increment(String key) {
        return client.incr(key);
    }

    @Override
    public Optional<String> last(String key) {
        return Optional.ofNullable(client.lindex(key, -1));
    }

    @Override
    public void close() {
        // The pool is the client's, and shared.
    }
}
