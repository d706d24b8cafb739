package io.tidegate.proxy.pubsub;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a server sends under RESP2 on a connection with subscriptions.
 *
 * @param type what it is
 * @param topic of a message, what of the subscriber's it matches
 */
record ServerFrame(Type type, @Nullable Topic topic) {
    enum Type {
        MESSAGE,
        /** One topic of the oldest unanswered command is done, or all of it, if that was a marker. */
        CONFIRMATION,
        ERROR,
        /** Nothing that was asked for. */
        UNKNOWN
    }

    private static final ServerFrame CONFIRMED = new ServerFrame(Type.CONFIRMATION, null);
    private static final ServerFrame FAILED = new ServerFrame(Type.ERROR, null);
    private static final ServerFrame STRANGE = new ServerFrame(Type.UNKNOWN, null);

    /** Reads the whole frame that begins at {@code from}. */
    static ServerFrame read(ByteBuf buf, int from) {
        byte type = buf.getByte(from);
        if (type == '-') {
            return FAILED;
        }
        int word = lineAfter(buf, from);
        if (type != '*' || word == buf.writerIndex() || buf.getByte(word) != '$') {
            return STRANGE;
        }
        int wordLength = number(buf, word);
        int wordAt = lineAfter(buf, word);
        int next = wordAt + wordLength + 2;
        return switch (buf.toString(wordAt, wordLength, StandardCharsets.US_ASCII)) {
            case "message" -> message(Kind.CHANNEL, buf, next);
            case "pmessage" -> message(Kind.PATTERN, buf, next);
            case "smessage" -> message(Kind.SHARD_CHANNEL, buf, next);
            case "subscribe", "psubscribe", "ssubscribe", "unsubscribe", "punsubscribe", "sunsubscribe" -> CONFIRMED;
            default -> STRANGE;
        };
    }

    private static ServerFrame message(Kind kind, ByteBuf buf, int at) {
        byte[] name = new byte[number(buf, at)];
        buf.getBytes(lineAfter(buf, at), name);
        return new ServerFrame(Type.MESSAGE, new Topic(kind, name));
    }

    /** The number behind the type byte at {@code at}; the frame's scanner has checked its form. */
    private static int number(ByteBuf buf, int at) {
        int value = 0;
        for (int i = at + 1; buf.getByte(i) != '\r'; i++) {
            value = value * 10 + buf.getByte(i) - '0';
        }
        return value;
    }

    private static int lineAfter(ByteBuf buf, int at) {
        return buf.indexOf(at, buf.writerIndex(), (byte) '\n') + 1;
    }
}
