package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Lays the environment over a tree. One rule makes a variable of every setting: {@link Setting#variable}; for a secret
 * also with {@code _FILE} behind it. Lists are separated by commas, the pairs of a map written {@code key=value}. A
 * variable that is empty counts as not set, which is how compose files and charts leave one out.
 */
final class Environment {
    private static final String PREFIX = "TIDEGATE_";
    /** What Kubernetes sets in every container of a namespace with a service named "tidegate". */
    private static final String[] SERVICE_LINKS = {"TIDEGATE_SERVICE_", "TIDEGATE_PORT"};

    private final Tree.Fields root;
    private final Mistakes mistakes;
    /** What is not yet known to be a setting's; sorted, so that lists grow in order and mistakes come in one order. */
    private final Map<String, String> unused = new TreeMap<>();

    private Environment(Tree.Fields root, Map<String, String> variables, Mistakes mistakes) {
        this.root = root;
        this.mistakes = mistakes;
        variables.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !value.isEmpty() && !ofServiceLink(name)) {
                unused.put(name, value);
            }
        });
    }

    static void lay(Map<String, String> variables, Tree.Fields root, Mistakes mistakes) {
        Environment environment = new Environment(root, variables, mistakes);
        // The index first: the first variable of a new listener adds it for the others.
        for (int index = 0; index < SettingTable.LISTENERS_MAX && !environment.unused.isEmpty(); index++) {
            for (Setting<?> setting : SettingTable.ALL) {
                if (index == 0 || setting.path().contains("[]")) {
                    environment.lay(setting, index);
                }
            }
        }
        environment.unused.keySet().forEach(name -> mistakes.warn(name, "ignored", "it is no setting's variable"));
    }

    private static boolean ofServiceLink(String name) {
        for (String link : SERVICE_LINKS) {
            if (name.startsWith(link)) {
                return true;
            }
        }
        return false;
    }

    private void lay(Setting<?> setting, int index) {
        String name = setting.variable(index);
        String value = unused.remove(name);
        String file = setting.kind() instanceof SecretKind ? unused.remove(name + "_FILE") : null;
        if (value != null && file != null) {
            mistakes.add(name, setting.path(), "set together with " + name + "_FILE (expected: one of them)");
        } else if (value != null) {
            put(setting, index, setting.kind().ofVariable(value, name), name);
        } else if (file != null) {
            String place = name + "_FILE";
            Map<String, Tree.Field> fields = new LinkedHashMap<>();
            fields.put(SecretKind.FILE, new Tree.Field(place, new Tree.Text(file, place)));
            put(setting, index, new Tree.Fields(fields, place), place);
        }
    }

    /** Where something of another shape is in the way nothing is put: the reader will say what is wrong there. */
    private void put(Setting<?> setting, int index, Tree value, String place) {
        String[] keys = setting.path().split("\\.", -1);
        Tree.@Nullable Fields map = root;
        for (int i = 0; i < keys.length - 1 && map != null; i++) {
            map = keys[i].endsWith("[]")
                    ? item(map, keys[i].substring(0, keys[i].length() - 2), index, place)
                    : inner(map, keys[i], place);
        }
        if (map != null) {
            map.fields().put(keys[keys.length - 1], new Tree.Field(place, value));
        }
    }

    private static Tree.@Nullable Fields inner(Tree.Fields map, String key, String place) {
        Tree.Field field = map.fields().get(key);
        if (field == null || field.value() instanceof Tree.Nothing) {
            Tree.Fields fresh = new Tree.Fields(new LinkedHashMap<>(), place);
            map.fields().put(key, new Tree.Field(place, fresh));
            return fresh;
        }
        return field.value() instanceof Tree.Fields fields ? fields : null;
    }

    private Tree.@Nullable Fields item(Tree.Fields map, String key, int index, String place) {
        Tree.Field field = map.fields().get(key);
        if (field == null || field.value() instanceof Tree.Nothing) {
            field = new Tree.Field(place, new Tree.Items(new ArrayList<>(), place));
            map.fields().put(key, field);
        }
        if (!(field.value() instanceof Tree.Items items)) {
            return null;
        }
        int present = items.items().size();
        if (index > present) {
            mistakes.add(
                    place, key + "[" + index + "]", "there are only " + present + " (expected: 0.." + present + ")");
            return null;
        }
        if (index == present) {
            items.items().add(new Tree.Fields(new LinkedHashMap<>(), place));
        }
        return items.items().get(index) instanceof Tree.Fields fields ? fields : null;
    }
}
