package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Walks a tree along the table of settings; what is in neither is a mistake. A {@code pattern} is a path of that table
 * ({@code listeners[].address}), a {@code path} one of the tree ({@code listeners[0].address}).
 */
final class SettingsReader {
    /** Further apart than this, a known key is no likely meaning of an unknown one. */
    private static final int DISTANCE_MAX = 3;

    private final Reading reading;
    private final Values values = new Values();

    private SettingsReader(Reading reading) {
        this.reading = reading;
    }

    static Values read(Tree.Fields root, Reading reading) {
        SettingsReader reader = new SettingsReader(reading);
        reader.values.present("", root.place());
        reader.map(root, "", "");
        return reader.values;
    }

    private void map(Tree.Fields map, String pattern, String path) {
        Set<String> known = keys(pattern);
        for (Map.Entry<String, Tree.Field> entry : map.fields().entrySet()) {
            String key = entry.getKey();
            Tree.Field field = entry.getValue();
            if (known.contains(key)) {
                entry(field.value(), join(pattern, key), join(path, key));
            } else {
                reading.mistakes().add(field.place(), join(path, key), "unknown" + meant(key, known));
            }
        }
        for (Setting<?> setting : SettingTable.ALL) {
            String key = setting.path().substring(setting.path().lastIndexOf('.') + 1);
            if (setting.required()
                    && setting.path().equals(join(pattern, key))
                    && !map.fields().containsKey(key)) {
                reading.mistakes()
                        .add(
                                map.place(),
                                join(path, key),
                                "missing (expected: " + setting.kind().allowed() + ")");
            }
        }
    }

    private void entry(Tree tree, String pattern, String path) {
        Setting<?> setting = settingAt(pattern);
        if (setting != null) {
            values.present(path, tree.place());
            values.put(path, setting.kind().read(tree, path, reading), tree.written());
        } else if (tree instanceof Tree.Nothing) {
            // A heading under which everything is commented out.
            return;
        } else if (keys(pattern + "[]").isEmpty()) {
            group(tree, pattern, path);
        } else if (tree instanceof Tree.Items items) {
            values.present(path, tree.place());
            values.listeners(items.items().size());
            for (int i = 0; i < items.items().size(); i++) {
                group(items.items().get(i), pattern + "[]", path + "[" + i + "]");
            }
        } else {
            reading.mistakes().add(tree.place(), path, tree.shape() + " (expected: a list)");
        }
    }

    private void group(Tree tree, String pattern, String path) {
        values.present(path, tree.place());
        if (tree instanceof Tree.Fields fields) {
            map(fields, pattern, path);
        } else {
            String expected = "a map of " + String.join(", ", keys(pattern));
            reading.mistakes().add(tree.place(), path, tree.shape() + " (expected: " + expected + ")");
        }
    }

    private static @Nullable Setting<?> settingAt(String pattern) {
        for (Setting<?> setting : SettingTable.ALL) {
            if (setting.path().equals(pattern)) {
                return setting;
            }
        }
        return null;
    }

    /** The keys that the table knows directly under {@code pattern}. */
    private static Set<String> keys(String pattern) {
        String prefix = join(pattern, "");
        Set<String> keys = new TreeSet<>();
        for (Setting<?> setting : SettingTable.ALL) {
            if (setting.path().startsWith(prefix)) {
                String rest = setting.path().substring(prefix.length());
                keys.add(rest.split("\\.|\\[]", 2)[0]);
            }
        }
        return keys;
    }

    private static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static String meant(String key, Set<String> known) {
        List<String> near = new ArrayList<>();
        int nearest = DISTANCE_MAX;
        for (String candidate : known) {
            int distance = distance(key, candidate);
            if (distance < nearest) {
                near.clear();
                nearest = distance;
            }
            if (distance == nearest) {
                near.add("'" + candidate + "'");
            }
        }
        String expected = " (expected: " + String.join(" | ", known) + ")";
        return near.isEmpty() ? expected : ", did you mean " + String.join(" or ", near) + "?" + expected;
    }

    /** Levenshtein's distance: insertions, deletions and replacements of a character that make one text the other. */
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
