package io.tidegate.proxy.pubsub;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many clients of all hubs have each topic, and over how many connections, which is how many the server takes them for.
 * Every event loop writes, when somebody subscribes or not any more, and reads what the others wrote a moment ago.
 */
public final class Audience {
    /** {@code missed}: how many more there are than the server knows of. */
    private record Size(int clients, int links) {
        int missed() {
            return clients - links;
        }
    }

    private final Map<Topic, Size> topics = new ConcurrentHashMap<>();
    /** Those of the topics that are patterns. */
    private final Map<Topic, Glob> patterns = new ConcurrentHashMap<>();

    private final AtomicLong missed = new AtomicLong();

    /** Whether the server knows of as many as there are, whatever it is asked. */
    public boolean isKnown() {
        return missed.get() == 0;
    }

    /** One hub has so many clients for a topic where it had {@code before}; with none the server has no connection for it. */
    void changed(Topic topic, int before, int after) {
        int clients = after - before;
        int links = Integer.signum(after) - Integer.signum(before);
        topics.compute(topic, (same, size) -> {
            Size now =
                    size == null ? new Size(clients, links) : new Size(size.clients() + clients, size.links() + links);
            if (topic.kind() == Kind.PATTERN && now.clients() > 0) {
                patterns.computeIfAbsent(topic, pattern -> new Glob(pattern.name()));
            } else if (topic.kind() == Kind.PATTERN) {
                patterns.remove(topic);
            }
            return now.clients() == 0 ? null : now;
        });
        missed.addAndGet(clients - links);
    }

    /** How many subscribers of a channel the server does not know of. Takes ownership of {@code channel}. */
    public int missed(Kind kind, byte[] channel) {
        return missed(new Topic(kind, channel));
    }

    /** How many get a message that is published there, once for each of their patterns, without the server's knowing. */
    public int missedReceivers(Kind kind, byte[] channel) {
        int sum = missed(kind, channel);
        if (kind == Kind.CHANNEL) {
            for (Map.Entry<Topic, Glob> pattern : patterns.entrySet()) {
                if (pattern.getValue().matches(channel)) {
                    sum += missed(pattern.getKey());
                }
            }
        }
        return sum;
    }

    private int missed(Topic topic) {
        Size size = topics.get(topic);
        return size == null ? 0 : size.missed();
    }
}
