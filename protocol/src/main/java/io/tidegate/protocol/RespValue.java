package io.tidegate.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A reply as a tree of values, for those few that somebody wants to read: the answers to a handshake or a probe. The
 * accessors take a value for what it can be read as and throw an {@link IllegalStateException} that names what was there
 * instead. RESP2's ways of saying null, a map or a number are read with the same accessors as RESP3's.
 */
public sealed interface RespValue {
    /** Text of one line ({@code +}), decoded as ISO-8859-1. */
    record SimpleString(String text) implements RespValue {
        @Override
        public long integer() {
            return spelled(text);
        }
    }

    /** An error ({@code -} or {@code !}), decoded as ISO-8859-1. */
    record Failure(String text) implements RespValue {
        @Override
        public boolean isFailure() {
            return true;
        }
    }

    /** {@code :}. */
    record Int(long integer) implements RespValue {
        @Override
        public String text() {
            return Long.toString(integer);
        }
    }

    /** {@code ,}. */
    record Real(double value) implements RespValue {}

    /** {@code #}. */
    record Bool(boolean value) implements RespValue {}

    /** {@code (}: any number of decimal digits, with or without a sign. */
    record BigNumber(String text) implements RespValue {}

    /** {@code _}, {@code $-1} and {@code *-1}. */
    record Null() implements RespValue {
        @Override
        public boolean isNull() {
            return true;
        }
    }

    /** {@code *}. */
    record Array(List<RespValue> elements) implements RespValue {}

    /** {@code ~}: in the order of the wire, and with its duplicates. */
    record Set(List<RespValue> elements) implements RespValue {}

    /** {@code >}. */
    record Push(List<RespValue> elements) implements RespValue {}

    /** {@code %}: key, value, key, value, in the order of the wire. */
    record Map(List<RespValue> elements) implements RespValue {}

    /** A value with an attribute ({@code |}) in front, whose keys and values alternate. Reads as the value. */
    record Attributed(List<RespValue> attribute, RespValue value) implements RespValue {
        @Override
        public boolean isNull() {
            return value.isNull();
        }

        @Override
        public boolean isFailure() {
            return value.isFailure();
        }

        @Override
        public String text() {
            return value.text();
        }

        @Override
        public long integer() {
            return value.integer();
        }

        @Override
        public List<RespValue> elements() {
            return value.elements();
        }
    }

    /** Bytes: {@code $}, or {@code =} with its format of three letters. Two are equal if their bytes and formats are. */
    final class Bulk implements RespValue {
        private final byte[] bytes;
        private final @Nullable String format;

        Bulk(byte[] bytes, @Nullable String format) {
            this.bytes = bytes;
            this.format = format;
        }

        /** A copy of the bytes, without the format. */
        public byte[] bytes() {
            return bytes.clone();
        }

        /** {@code txt} or {@code mkd} of a verbatim string, null of any other. */
        public @Nullable String format() {
            return format;
        }

        @Override
        public String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }

        @Override
        public long integer() {
            return spelled(text());
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bulk that
                    && Arrays.equals(bytes, that.bytes)
                    && Objects.equals(format, that.format);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Bulk[" + text() + "]";
        }
    }

    /** Whether this is null, in any of its three forms. */
    default boolean isNull() {
        return false;
    }

    /** Whether this is an error. */
    default boolean isFailure() {
        return false;
    }

    /** The text of a string (bytes are read as UTF-8), an error, an integer or a big number. */
    default String text() {
        throw new IllegalStateException("text expected, got " + this);
    }

    /** The number of an integer, or that a string spells. */
    default long integer() {
        throw new IllegalStateException("integer expected, got " + this);
    }

    /** The elements of an array, a set or a push; of a map, its keys and values in turn. */
    default List<RespValue> elements() {
        throw new IllegalStateException("aggregate expected, got " + this);
    }

    /** The value behind a key of that text, in a map or in the array of keys and values that RESP2 has for it, or null. */
    default @Nullable RespValue field(String name) {
        List<RespValue> elements = elements();
        for (int i = 0; i + 1 < elements.size(); i += 2) {
            RespValue key = elements.get(i);
            boolean string = key instanceof Bulk || key instanceof SimpleString;
            if (string && key.text().equals(name)) {
                return elements.get(i + 1);
            }
        }
        return null;
    }

    private static long spelled(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalStateException("integer expected, got " + text, e);
        }
    }
}
