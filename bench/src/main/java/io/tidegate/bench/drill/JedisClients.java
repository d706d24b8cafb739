package io.tidegate.bench.drill;

import io.tidegate.proxy.cli.drill.Answer;
import io.tidegate.proxy.local.LocalRedis;
import java.util.List;
import java.util.stream.Collectors;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Connection;
import redis.clients.jedis.ConnectionPoolConfig;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Protocol;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.providers.SentineledConnectionProvider;

/**
 * Jedis' connections to the primary that the sentinels name, used as its {@code RedisSentinelClient} uses them: each write
 * takes one out of the pool, which is emptied when a sentinel announces another primary. Everything else is as it is by
 * default, a time limit of 2 s among it.
 */
final class JedisClients implements Clients {
    private final SentineledConnectionProvider provider;

    JedisClients(List<String> sentinels, int connections) {
        ConnectionPoolConfig pool = new ConnectionPoolConfig();
        pool.setMaxTotal(connections);
        pool.setMaxIdle(connections);
        provider = new SentineledConnectionProvider(
                LocalRedis.MASTER_NAME,
                DefaultJedisClientConfig.builder().build(),
                pool,
                sentinels.stream().map(HostAndPort::from).collect(Collectors.toSet()),
                DefaultJedisClientConfig.builder().build());
    }

    @Override
    public Appender open() {
        return new Pooled(provider);
    }

    @Override
    public void close() {
        provider.close();
    }

    private record Pooled(SentineledConnectionProvider provider) implements Appender {
        @Override
        public Answer append(String key, long number) {
            Connection borrowed;
            try {
                borrowed = provider.getConnection();
            } catch (JedisException e) {
                return Answer.unsent(e);
            }
            try (Connection connection = borrowed) {
                connection.executeCommand(new CommandArguments(Protocol.Command.XADD)
                        .key(key)
                        .add("*")
                        .add(FIELD)
                        .add(number));
                return Answer.ACKNOWLEDGED;
            } catch (JedisDataException e) {
                return Answer.refused(String.valueOf(e.getMessage()));
            } catch (JedisException e) {
                return Answer.unanswered(e);
            }
        }

        @Override
        public void close() {
            // The pool is shared.
        }
    }
}
