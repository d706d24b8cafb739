package io.tidegate.proxy.it;

import java.util.List;
import java.util.Map;
import redis.clients.jedis.RedisClient;
import redis.clients.jedis.StreamEntryID;
import redis.clients.jedis.params.XReadGroupParams;
import redis.clients.jedis.resps.StreamEntry;

/** A stream's producer and consumer with Jedis and its pool; the client belongs to the test. */
record JedisStream(RedisClient client, String stream) implements StreamGroup.Client {
    @Override
    public void create() {
        client.xgroupCreate(stream, StreamGroup.GROUP, new StreamEntryID(0, 0), true);
    }

    @Override
    public void add(long number) {
        client.xadd(stream, StreamEntryID.NEW_ENTRY, Map.of(StreamGroup.FIELD, "" + number));
    }

    @Override
    public List<StreamGroup.Entry> read(boolean fresh) {
        XReadGroupParams params = XReadGroupParams.xReadGroupParams().count(StreamGroup.COUNT);
        if (fresh) {
            params.block(StreamGroup.BLOCK_MILLIS);
        }
        StreamEntryID from = fresh ? StreamEntryID.XREADGROUP_UNDELIVERED_ENTRY : new StreamEntryID(0, 0);
        List<Map.Entry<String, List<StreamEntry>>> read =
                client.xreadGroup(StreamGroup.GROUP, StreamGroup.CONSUMER, params, Map.of(stream, from));
        return read == null
                ? List.of()
                : read.get(0).getValue().stream()
                        .map(entry -> new StreamGroup.Entry(
                                entry.getID().toString(),
                                Long.parseLong(entry.getFields().get(StreamGroup.FIELD))))
                        .toList();
    }

    @Override
    public void acknowledge(String id) {
        client.xack(stream, StreamGroup.GROUP, new StreamEntryID(id));
    }

    @Override
    public void close() {
        // The pool is the test's.
    }
}
