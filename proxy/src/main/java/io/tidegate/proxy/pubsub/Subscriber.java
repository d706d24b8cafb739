package io.tidegate.proxy.pubsub;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client, and what it is subscribed to: what was confirmed to it, in the order in which it was. At most one command of
 * it is on its way.
 */
public final class Subscriber {
    private final Recipient recipient;
    /** What a topic takes besides its name, in the sets and maps that it is in. */
    private static final long TOPIC_BYTES = 256;

    private final Map<Kind, Set<Topic>> topics = new EnumMap<>(Kind.class);
    private long topicBytes;

    @Nullable Change pending;

    public Subscriber(Recipient recipient) {
        this.recipient = recipient;
        for (Kind kind : Kind.values()) {
            topics.put(kind, new LinkedHashSet<>());
        }
    }

    Recipient recipient() {
        return recipient;
    }

    /** Whether a command of it waits for the server. */
    public boolean waits() {
        return pending != null;
    }

    /** Whether it has a subscription. */
    public boolean subscribed() {
        return !of(Kind.CHANNEL).isEmpty()
                || !of(Kind.PATTERN).isEmpty()
                || !of(Kind.SHARD_CHANNEL).isEmpty();
    }

    /** Whether it has a subscription of this kind. */
    public boolean subscribed(Kind kind) {
        return !of(kind).isEmpty();
    }

    /** How many of this kind it has. */
    public int subscriptions(Kind kind) {
        return of(kind).size();
    }

    /**
     * Bytes that its subscriptions would take, those of all kinds, if it had these too, about.
     *
     * @param names of one kind; those that it has are not counted again
     */
    public long topicBytesWith(Kind kind, List<byte[]> names) {
        long bytes = topicBytes;
        for (byte[] name : names) {
            Topic topic = new Topic(kind, name);
            bytes += of(kind).contains(topic) ? 0 : bytes(topic);
        }
        return bytes;
    }

    private static long bytes(Topic topic) {
        return TOPIC_BYTES + topic.name().length;
    }

    /** It has this, too. */
    void begun(Topic topic) {
        if (of(topic.kind()).add(topic)) {
            topicBytes += bytes(topic);
        }
    }

    /** It has this no more. */
    void ended(Topic topic) {
        if (of(topic.kind()).remove(topic)) {
            topicBytes -= bytes(topic);
        }
    }

    /** Changed by the two above alone. */
    Set<Topic> of(Kind kind) {
        return topics.getOrDefault(kind, Set.of());
    }

    /** The number that confirmations of this kind bear: Redis counts shard channels apart. */
    private int count(Kind kind) {
        return kind == Kind.SHARD_CHANNEL
                ? of(kind).size()
                : of(Kind.CHANNEL).size() + of(Kind.PATTERN).size();
    }

    /** The confirmation of one topic, whose beginning or end is done. */
    void confirm(Kind kind, boolean begins, byte[] name, Protocol protocol, ByteBuf out) {
        RespWriter.pushHeader(out, 3, protocol);
        RespWriter.bulk(out, kind.command(begins));
        RespWriter.bulk(out, name);
        RespWriter.integer(out, count(kind));
    }

    /** The confirmations of ending subscriptions of which it has none; {@code names} is empty where all were to end. */
    public void confirmNothing(Kind kind, List<byte[]> names, Protocol protocol, ByteBuf out) {
        for (byte[] name : names) {
            confirm(kind, false, name, protocol, out);
        }
        if (names.isEmpty()) {
            RespWriter.pushHeader(out, 3, protocol);
            RespWriter.bulk(out, kind.command(false));
            RespWriter.nullValue(out, protocol);
            RespWriter.integer(out, count(kind));
        }
    }
}
