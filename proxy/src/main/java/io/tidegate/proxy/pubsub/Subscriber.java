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
    private final Map<Kind, Set<Topic>> topics = new EnumMap<>(Kind.class);

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
