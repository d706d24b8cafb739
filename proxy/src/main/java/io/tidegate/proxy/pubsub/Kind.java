package io.tidegate.proxy.pubsub;

import org.jspecify.annotations.Nullable;

/** What can be subscribed to; see <a href="https://redis.io/docs/latest/develop/interact/pubsub/">Redis Pub/Sub</a>. */
public enum Kind {
    CHANNEL("subscribe", "unsubscribe"),
    PATTERN("psubscribe", "punsubscribe"),
    SHARD_CHANNEL("ssubscribe", "sunsubscribe");

    private final String subscribe;
    private final String unsubscribe;

    Kind(String subscribe, String unsubscribe) {
        this.subscribe = subscribe;
        this.unsubscribe = unsubscribe;
    }

    /** The command that begins or ends such a subscription, which is also the first word of its confirmation. */
    public String command(boolean begins) {
        return begins ? subscribe : unsubscribe;
    }

    /** The kind that this command is about, null if it is not about subscriptions. */
    public static @Nullable Kind ofCommand(String name) {
        for (Kind kind : values()) {
            if (kind.subscribe.equals(name) || kind.unsubscribe.equals(name)) {
                return kind;
            }
        }
        return null;
    }
}
