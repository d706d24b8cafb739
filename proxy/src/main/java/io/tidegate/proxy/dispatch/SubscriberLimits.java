package io.tidegate.proxy.dispatch;

/**
 * What a client may leave unread of the messages that it is sent, as Redis bounds it by {@code client-output-buffer-limit
 * pubsub}, and how much it may be subscribed to, which Redis bounds by its memory alone.
 *
 * @param bytesMax beyond this it is disconnected at once
 * @param softBytesMax beyond this it is disconnected after {@code softNanosMax}
 * @param topicBytesMax of what it has subscribed to; beyond this it subscribes to nothing more
 */
public record SubscriberLimits(long bytesMax, long softBytesMax, long softNanosMax, long topicBytesMax) {
    /** Redis's own: {@code 32mb 8mb 60}; some 200,000 channels. */
    public static final SubscriberLimits REDIS_DEFAULTS =
            new SubscriberLimits(32 << 20, 8 << 20, 60_000_000_000L, 64 << 20);
}
