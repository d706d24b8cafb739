package io.tidegate.proxy.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON (RFC 8259) to be written: objects and arrays of plain values, in the order in which they were put. A library's trees
 * would do, but they come with all that reads JSON, and maps it to classes: three hundred classes of a start, and
 * some megabytes of every proxy for good.
 */
public abstract sealed class Json {
    /** Control characters that have a short form, and what stands for each behind the backslash. */
    private static final String SHORT = "\b\t\n\f\r\"\\";

    private static final String SHORTENED = "btnfr\"\\";

    /** One {@code {…}}. */
    public static final class Fields extends Json {
        private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

        public Fields put(String name, @Nullable String value) {
            return set(name, value);
        }

        public Fields put(String name, long value) {
            return set(name, value);
        }

        public Fields put(String name, double value) {
            return set(name, value);
        }

        public Fields put(String name, boolean value) {
            return set(name, value);
        }

        public Fields putNull(String name) {
            return set(name, null);
        }

        /** What it returns is the value, to be filled. */
        public Fields putObject(String name) {
            Fields value = new Fields();
            set(name, value);
            return value;
        }

        /** What it returns is the value, to be filled. */
        public Items putArray(String name) {
            Items value = new Items();
            set(name, value);
            return value;
        }

        private Fields set(String name, @Nullable Object value) {
            fields.put(name, value);
            return this;
        }

        @Override
        void write(StringBuilder out, @Nullable String indent) {
            String inner = indent == null ? null : indent + "  ";
            String separator = "";
            out.append('{');
            for (Map.Entry<String, @Nullable Object> field : fields.entrySet()) {
                out.append(separator).append(inner == null ? "" : "\n" + inner);
                text(out, field.getKey());
                out.append(inner == null ? ":" : " : ");
                value(out, field.getValue(), inner);
                separator = ",";
            }
            if (indent != null) {
                out.append(fields.isEmpty() ? " " : "\n" + indent);
            }
            out.append('}');
        }
    }

    /** One {@code […]}. */
    public static final class Items extends Json {
        private final List<Object> items = new ArrayList<>();

        public Items add(String value) {
            items.add(value);
            return this;
        }

        /** What it returns is the item, to be filled. */
        public Fields addObject() {
            Fields value = new Fields();
            items.add(value);
            return value;
        }

        @Override
        void write(StringBuilder out, @Nullable String indent) {
            String blank = indent == null ? "" : " ";
            String separator = blank;
            out.append('[');
            for (Object item : items) {
                out.append(separator);
                value(out, item, indent);
                separator = "," + blank;
            }
            out.append(blank).append(']');
        }
    }

    /** @param indent of the line that it begins on, or null for all on one line */
    abstract void write(StringBuilder out, @Nullable String indent);

    /** For people: a field per line. */
    public final String pretty() {
        StringBuilder out = new StringBuilder();
        write(out, "");
        return out.toString();
    }

    /** All on one line, without a blank. */
    @Override
    public final String toString() {
        StringBuilder out = new StringBuilder();
        write(out, null);
        return out.toString();
    }

    private static void value(StringBuilder out, @Nullable Object value, @Nullable String indent) {
        if (value instanceof Json nested) {
            nested.write(out, indent);
        } else if (value instanceof String text) {
            text(out, text);
        } else if (value instanceof Double number && !Double.isFinite(number)) {
            text(out, number.toString()); // JSON has no number for it
        } else {
            out.append(value);
        }
    }

    private static void text(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int known = SHORT.indexOf(c);
            if (known >= 0) {
                out.append('\\').append(SHORTENED.charAt(known));
            } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\u%04X", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
