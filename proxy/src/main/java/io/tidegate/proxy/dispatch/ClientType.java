package io.tidegate.proxy.dispatch;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The types of clients that CLIENT LIST and CLIENT KILL tell apart. This proxy has none that replicate. */
public enum ClientType {
    NORMAL,
    PUBSUB,
    REPLICA,
    MASTER;

    /** By Redis's names; null if it has none such. */
    public static @Nullable ClientType named(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "normal" -> NORMAL;
            case "pubsub" -> PUBSUB;
            case "slave", "replica" -> REPLICA;
            case "master" -> MASTER;
            default -> null;
        };
    }

    public static String unknown(String name) {
        return "ERR Unknown client type '" + name + "'";
    }
}
