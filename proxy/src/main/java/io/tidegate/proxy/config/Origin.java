package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a setting is, and where that comes from.
 *
 * @param path of the setting, {@code listeners[0].address}
 * @param value as it was written, {@code ***} for a secret; what holds without it where nothing was
 * @param from a place in a file, the name of a variable, or {@link #DEFAULT}; of a setting that another value waits for, as
 *     they were when this process began
 * @param waiting what it is to be after a restart, as a reload found it; null if that is what it is
 */
public record Origin(
        String path, String value, String from, @Nullable String waiting) {
    public static final String DEFAULT = "default";

    /**
     * Of every setting, in the order of their table, but for those of groups that are not there.
     *
     * @param waiting by path what is found there now, of settings that wait for a restart
     */
    static List<Origin> of(Values values, Map<String, String> waiting) {
        List<Origin> all = new ArrayList<>();
        for (Setting<?> setting : SettingTable.ALL) {
            int count = setting.path().contains("[]") ? values.listeners() : 1;
            for (int i = 0; i < count; i++) {
                String path = Values.path(setting, i);
                if (values.has(path)) {
                    all.add(new Origin(path, values.shown(setting, i), values.place(path), waiting.get(path)));
                } else if (groupIsThere(setting, i, values) || waiting.containsKey(path)) {
                    String standard = setting.required() ? ReloadPlan.NONE : setting.shownStandard();
                    all.add(new Origin(path, standard.replace("`", ""), DEFAULT, waiting.get(path)));
                }
            }
        }
        return List.copyOf(all);
    }

    /** Whether nothing is missing beside it that has to be there if anything is. */
    private static boolean groupIsThere(Setting<?> absent, int index, Values values) {
        String group = group(absent);
        return SettingTable.ALL.stream()
                .filter(setting -> setting.required() && group(setting).equals(group))
                .allMatch(setting -> values.has(Values.path(setting, index)));
    }

    private static String group(Setting<?> setting) {
        return setting.path().substring(0, Math.max(0, setting.path().lastIndexOf('.')));
    }
}
