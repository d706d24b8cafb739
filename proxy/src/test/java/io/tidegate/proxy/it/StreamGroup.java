package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A producer of a stream and a consumer of a group of it, by whichever client library. The consumer reads again what it was
 * given and has not acknowledged whenever it does not know what it was given.
 */
final class StreamGroup implements AutoCloseable {
    static final String GROUP = "group";
    static final String CONSUMER = "consumer";
    static final String FIELD = "n";
    static final int COUNT = 10;
    static final int BLOCK_MILLIS = 1_000;

    /** An entry as it was read. */
    record Entry(String id, long number) {}

    /** What a client library does for it. */
    interface Client extends AutoCloseable {
        void create();

        void add(long number);

        /** What nobody was given before, waited for if {@code fresh}; else what was given to this consumer and not acknowledged. */
        List<Entry> read(boolean fresh);

        void acknowledge(String id);

        @Override
        void close();
    }

    private final String stream;
    private final Client client;
    private final Tally producer;
    private final Tally consumer;

    // Written by the consumer, read when it has ended.
    private final Set<String> given = new HashSet<>();
    private final Set<Long> processed = new HashSet<>();
    private boolean doubtful;
    private final AtomicBoolean twice = new AtomicBoolean();

    StreamGroup(String stream, Client client) {
        this.stream = stream;
        this.client = client;
        client.create();
        producer = new Tally(stream + " producer", client::add);
        consumer = new Tally(stream + " consumer", number -> consume());
    }

    private void consume() {
        boolean again = doubtful;
        doubtful = true;
        for (Entry entry : client.read(!again)) {
            if (!again && !given.add(entry.id())) {
                twice.set(true);
            }
            processed.add(entry.number());
            client.acknowledge(entry.id());
        }
        doubtful = false;
    }

    void awaitProgress() {
        int added = producer.rounds();
        int consumed = consumer.rounds();
        await().atMost(Stack.PATIENCE).until(() -> producer.rounds() > added + 20 && consumer.rounds() > consumed + 5);
    }

    /** All that was acknowledged is in the stream, once, and was processed; the group owes nothing. */
    void check(RedisCommandClient direct) throws IOException, InterruptedException {
        producer.stop();
        await().atMost(Stack.PATIENCE).until(() -> {
            consumer.rounds();
            String groups = direct.command("XINFO", "GROUPS", stream).toString();
            return direct.command("XPENDING", stream, GROUP).elements().get(0).integer() == 0
                    && groups.contains(lastId(direct));
        });
        consumer.stop();
        assertThat(twice).as("%s: an entry is given as a new one once", stream).isFalse();
        List<Long> kept = direct.command("XRANGE", stream, "-", "+").elements().stream()
                .map(entry ->
                        Long.parseLong(entry.elements().get(1).elements().get(1).text()))
                .toList();
        assertThat(kept).as(stream).doesNotHaveDuplicates().isSorted().containsAll(producer.acknowledged());
        assertThat(kept.size()).isLessThanOrEqualTo((int) (producer.rounds() + producer.uncertainCount()));
        assertThat(processed).as(stream).containsExactlyInAnyOrderElementsOf(kept);
    }

    private String lastId(RedisCommandClient direct) throws IOException {
        return direct.command("XREVRANGE", stream, "+", "-", "COUNT", "1")
                .elements()
                .get(0)
                .elements()
                .get(0)
                .text();
    }

    @Override
    public void close() {
        producer.close();
        consumer.close();
        client.close();
    }
}
