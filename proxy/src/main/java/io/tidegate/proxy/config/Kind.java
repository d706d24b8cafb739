package io.tidegate.proxy.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a setting is written: what is allowed, and how to read it. {@link Kinds} has all that there are.
 *
 * @param <T> what it is read into
 */
abstract class Kind<T> {
    private final String allowed;

    Kind(String allowed) {
        this.allowed = allowed;
    }

    /** What mistakes and SETTINGS.md call allowed. */
    final String allowed() {
        return allowed;
    }

    /** The value, or null after a mistake was noted. */
    abstract @Nullable T read(Tree tree, String path, Reading reading);

    /** The value of a default, which cannot be wrong. */
    final T ofStandard(String text) {
        Mistakes mistakes = new Mistakes();
        T value = read(new Tree.Text(text, "default"), "default", new Reading(Map.of(), Path.of(""), mistakes));
        if (value == null) {
            throw new IllegalStateException(mistakes.all().toString());
        }
        return value;
    }

    /** The tree that stands for {@code text} in an environment variable. */
    Tree ofVariable(String text, String place) {
        return new Tree.Text(text, place);
    }

    /** A single text. */
    static final class One<T> extends Kind<T> {
        private final Function<String, T> parser;

        /** @param parser throws IllegalArgumentException if a text is not allowed; its message is not used */
        One(String allowed, Function<String, T> parser) {
            super(allowed);
            this.parser = parser;
        }

        @Override
        @Nullable T read(Tree tree, String path, Reading reading) {
            if (tree instanceof Tree.Text text) {
                try {
                    return parser.apply(text.text());
                } catch (IllegalArgumentException e) {
                    reading.mistakes().unfit(tree, path, allowed());
                    return null;
                }
            }
            reading.mistakes().unfit(tree, path, allowed());
            return null;
        }
    }

    /** A list of texts, none of them twice; in the environment separated by commas. */
    static final class Several<T> extends Kind<List<T>> {
        private final Kind<T> item;
        private final int itemsMax;

        Several(Kind<T> item, int itemsMax) {
            super("a list of 1.." + itemsMax + ", each " + item.allowed());
            this.item = item;
            this.itemsMax = itemsMax;
        }

        @Override
        @Nullable List<T> read(Tree tree, String path, Reading reading) {
            if (!(tree instanceof Tree.Items items)
                    || items.items().isEmpty()
                    || items.items().size() > itemsMax) {
                reading.mistakes().unfit(tree, path, allowed());
                return null;
            }
            List<T> read = new ArrayList<>();
            boolean fit = true;
            for (int i = 0; i < items.items().size(); i++) {
                Tree entry = items.items().get(i);
                String entryPath = path + "[" + i + "]";
                T value = item.read(entry, entryPath, reading);
                if (value == null) {
                    fit = false;
                } else if (read.contains(value)) {
                    reading.mistakes().add(entry.place(), entryPath, entry.describe() + " is in the list twice");
                    fit = false;
                } else {
                    read.add(value);
                }
            }
            return fit ? read : null;
        }

        @Override
        Tree ofVariable(String text, String place) {
            List<Tree> items = new ArrayList<>();
            for (String item : text.split(",", -1)) {
                items.add(new Tree.Text(item.strip(), place));
            }
            return new Tree.Items(items, place);
        }
    }

    /** A map of texts; in the environment {@code key=value} separated by commas. */
    static final class Pairs<K, V> extends Kind<Map<K, V>> {
        private final Kind<K> key;
        private final Kind<V> value;
        private final int pairsMax;

        Pairs(Kind<K> key, Kind<V> value, int pairsMax) {
            super("a map of at most " + pairsMax + ", each " + key.allowed() + " to " + value.allowed());
            this.key = key;
            this.value = value;
            this.pairsMax = pairsMax;
        }

        @Override
        @Nullable Map<K, V> read(Tree tree, String path, Reading reading) {
            if (!(tree instanceof Tree.Fields fields) || fields.fields().size() > pairsMax) {
                reading.mistakes().unfit(tree, path, allowed());
                return null;
            }
            Map<K, V> read = new LinkedHashMap<>();
            boolean fit = true;
            for (Map.Entry<String, Tree.Field> entry : fields.fields().entrySet()) {
                Tree.Field field = entry.getValue();
                String entryPath = path + "[" + entry.getKey() + "]";
                K readKey = key.read(new Tree.Text(entry.getKey(), field.place()), path, reading);
                V readValue = value.read(field.value(), entryPath, reading);
                if (readKey == null || readValue == null) {
                    fit = false;
                } else {
                    read.put(readKey, readValue);
                }
            }
            return fit ? read : null;
        }

        @Override
        Tree ofVariable(String text, String place) {
            Map<String, Tree.Field> fields = new LinkedHashMap<>();
            for (String pair : text.split(",", -1)) {
                int equals = pair.indexOf('=');
                if (equals < 0 || fields.containsKey(pair.substring(0, equals).strip())) {
                    return new Tree.Text(text, place);
                }
                String value = pair.substring(equals + 1).strip();
                fields.put(pair.substring(0, equals).strip(), new Tree.Field(place, new Tree.Text(value, place)));
            }
            return new Tree.Fields(fields, place);
        }
    }
}
