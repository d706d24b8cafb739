package io.tidegate.proxy.pubsub;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A channel or a pattern, by its bytes. */
final class Topic {
    private final Kind kind;
    private final byte[] name;
    private final int hash;

    /** Takes ownership of {@code name}. */
    Topic(Kind kind, byte[] name) {
        this.kind = kind;
        this.name = name;
        this.hash = 31 * Arrays.hashCode(name) + kind.hashCode();
    }

    Kind kind() {
        return kind;
    }

    /** Not to be changed. */
    byte[] name() {
        return name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Topic topic && kind == topic.kind && Arrays.equals(name, topic.name);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
