package io.tidegate.proxy.control;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;

/** Texts captured from Redis 7.0.15, and replies as the control plane sees them. */
final class Texts {
    private Texts() {}

    /** The INFO of sections server, replication and persistence in that situation, with the wire's line ends. */
    static String info(String situation) {
        String name = "info-" + situation + ".txt";
        try (InputStream file = Objects.requireNonNull(Texts.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), UTF_8).replace("\n", "\r\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Reply reply(Object value) {
        return new Reply("QUERY", value, null);
    }

    static Reply nothing() {
        return new Reply("QUERY", null, null);
    }

    static Reply error(String text) {
        return new Reply("QUERY", null, text);
    }

    static Reply list(Object... elements) {
        return reply(List.of(elements));
    }
}
