package io.tidegate.proxy.signals;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Names with values, in an order worth reading: one source for what a client, the admin port and the log are shown. Not
 * safe for use by several threads while it is being filled.
 */
public final class Facts {
    private final List<Fact> facts = new ArrayList<>();

    /**
     * One of them.
     *
     * @param name in lower case, with hyphens; a unit comes last
     * @param value a {@link String}, {@link Long}, {@link Double} or {@link Facts}; null if it is not known
     */
    public record Fact(String name, @Nullable Object value) {}

    public Facts add(String name, @Nullable String value) {
        return put(name, value);
    }

    public Facts add(String name, long value) {
        return put(name, value);
    }

    public Facts add(String name, double value) {
        return put(name, value);
    }

    public Facts add(String name, @Nullable Facts value) {
        return put(name, value);
    }

    /** That nobody knows. */
    public Facts unknown(String name) {
        return put(name, null);
    }

    private Facts put(String name, @Nullable Object value) {
        facts.add(new Fact(name, value));
        return this;
    }

    public List<Fact> all() {
        return List.copyOf(facts);
    }

    /** Writes a map; in RESP2 an array of names and values in turn, as Redis does. */
    public void write(ByteBuf out, Protocol protocol) {
        RespWriter.mapHeader(out, facts.size(), protocol);
        for (Fact fact : facts) {
            RespWriter.bulk(out, fact.name);
            Object value = fact.value;
            if (value == null) {
                RespWriter.nullValue(out, protocol);
            } else if (value instanceof Facts nested) {
                nested.write(out, protocol);
            } else if (value instanceof Long number) {
                RespWriter.integer(out, number);
            } else if (value instanceof Double number) {
                RespWriter.doubleValue(out, number, protocol);
            } else {
                RespWriter.bulk(out, value.toString());
            }
        }
    }

    /** One line: {@code name=value} each, nested ones in braces, text with blanks in quotation marks. */
    @Override
    public String toString() {
        StringBuilder line = new StringBuilder();
        for (Fact fact : facts) {
            line.append(line.isEmpty() ? "" : " ").append(fact.name).append('=');
            Object value = fact.value;
            if (value instanceof Facts nested) {
                line.append('{').append(nested).append('}');
            } else if (value instanceof Double number) {
                line.append(String.format(Locale.ROOT, "%.3f", number));
            } else if (value instanceof String text && text.indexOf(' ') >= 0) {
                line.append('"').append(text.replace('"', '\'')).append('"');
            } else {
                line.append(value == null ? "unknown" : value);
            }
        }
        return line.toString();
    }
}
