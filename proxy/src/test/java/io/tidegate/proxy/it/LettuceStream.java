package io.tidegate.proxy.it;

import io.lettuce.core.Consumer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.XGroupCreateArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.XReadArgs.StreamOffset;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.util.List;
import java.util.Map;

/** A stream's producer and consumer with Lettuce, over a connection each; the client belongs to the test. */
final class LettuceStream implements StreamGroup.Client {
    private final String stream;
    private final StatefulRedisConnection<String, String> producer;
    private final StatefulRedisConnection<String, String> consumer;

    LettuceStream(RedisClient client, String stream) {
        this.stream = stream;
        this.producer = client.connect();
        this.consumer = client.connect();
    }

    @Override
    public void create() {
        producer.sync()
                .xgroupCreate(StreamOffset.from(stream, "0"), StreamGroup.GROUP, XGroupCreateArgs.Builder.mkstream());
    }

    @Override
    public void add(long number) {
        producer.sync().xadd(stream, Map.of(StreamGroup.FIELD, "" + number));
    }

    @Override
    @SuppressWarnings("unchecked") // an array of the one offset, for Lettuce's varargs
    public List<StreamGroup.Entry> read(boolean fresh) {
        RedisCommands<String, String> commands = consumer.sync();
        XReadArgs args = XReadArgs.Builder.count(StreamGroup.COUNT);
        if (fresh) {
            args.block(StreamGroup.BLOCK_MILLIS);
        }
        StreamOffset<String> offset = fresh ? StreamOffset.lastConsumed(stream) : StreamOffset.from(stream, "0");
        return commands.xreadgroup(Consumer.from(StreamGroup.GROUP, StreamGroup.CONSUMER), args, offset).stream()
                .map(message -> new StreamGroup.Entry(
                        message.getId(), Long.parseLong(message.getBody().getOrDefault(StreamGroup.FIELD, ""))))
                .toList();
    }

    @Override
    public void acknowledge(String id) {
        consumer.sync().xack(stream, StreamGroup.GROUP, id);
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
    }
}
