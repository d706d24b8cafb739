package io.tidegate.proxy.control;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A server's reply to one {@link Query}, read by what it is expected to be.
 *
 * @param what the query, for the text of an error
 * @param value the {@link TreeOutput} of the reply; null if it is null or an error
 * @param error the server's error, null if there is none
 */
record Reply(String what, @Nullable Object value, @Nullable String error) {

    /** The reply is an error, or not of the expected shape: whoever sent it cannot be understood. */
    static final class UnreadableException extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnreadableException(String message) {
            super(message);
        }
    }

    boolean isNull() {
        return error == null && value == null;
    }

    String text() {
        return expect(String.class, "text");
    }

    List<?> list() {
        return expect(List.class, "an array");
    }

    long number(int index) {
        if (element(index) instanceof Long number) {
            return number;
        }
        throw unreadable("an integer at [" + index + "]");
    }

    String text(int index) {
        if (element(index) instanceof String text) {
            return text;
        }
        throw unreadable("text at [" + index + "]");
    }

    /** A map of texts, in the reply's order. */
    Map<String, String> map() {
        return map(list());
    }

    /** An array of maps of texts. */
    List<Map<String, String>> maps() {
        List<Map<String, String>> maps = new ArrayList<>();
        for (Object each : list()) {
            if (!(each instanceof List<?> entries)) {
                throw unreadable("maps");
            }
            maps.add(map(entries));
        }
        return maps;
    }

    private static Map<String, String> map(List<?> entries) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i + 1 < entries.size(); i += 2) {
            map.put(Objects.toString(entries.get(i)), Objects.toString(entries.get(i + 1), ""));
        }
        return map;
    }

    private @Nullable Object element(int index) {
        List<?> list = list();
        return index < list.size() ? list.get(index) : null;
    }

    private <T> T expect(Class<T> type, String shape) {
        if (type.isInstance(value)) {
            return type.cast(value);
        }
        throw unreadable(shape);
    }

    private UnreadableException unreadable(String shape) {
        return new UnreadableException(
                error != null ? what + ": " + error : what + ": a reply that cannot be read (expected: " + shape + ")");
    }
}
