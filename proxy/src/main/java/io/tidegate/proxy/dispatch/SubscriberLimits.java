package io.tidegate.proxy.dispatch;

/**
 * What a client may leave unread of the messages that it is sent, as Redis bounds it by {@code client-output-buffer-limit
 * pubsub}.
 *
 * @param bytesMax beyond this it is disconnected at once
 * @param softBytesMax beyond this it is disconnected after {@code softNanosMax}
 */
public record SubscriberLimits(long bytesMax, long softBytesMax, long softNanosMax) {
    /** Redis's own: {@code 32mb 8mb 60}. */
    public static final SubscriberLimits REDIS_DEFAULTS = new SubscriberLimits(32 << 20, 8 << 20, 60_000_000_000L);
}
