package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.List;

/** One part of the table, in the order in which its settings were declared. */
final class Part {
    private final List<Setting<?>> settings = new ArrayList<>();

    /** One that must be there if the map that it belongs to is. */
    <T> Setting<T> required(String path, Applies applies, Kind<T> kind, String meaning) {
        return added(new Setting<>(path, applies, kind, true, null, "required", meaning));
    }

    <T> Setting<T> optional(String path, Applies applies, Kind<T> kind, String meaning) {
        return optional(path, applies, kind, "none", meaning);
    }

    /** One without a default value; what holds without it is said in words. */
    <T> Setting<T> optional(String path, Applies applies, Kind<T> kind, String shownStandard, String meaning) {
        return added(new Setting<>(path, applies, kind, false, null, shownStandard, meaning));
    }

    /** One with a default, as one would write it. */
    <T> Setting<T> of(String path, Applies applies, Kind<T> kind, String standard, String meaning) {
        return added(new Setting<>(path, applies, kind, false, standard, "`" + standard + "`", meaning));
    }

    List<Setting<?>> settings() {
        return List.copyOf(settings);
    }

    private <T> Setting<T> added(Setting<T> setting) {
        settings.add(setting);
        return setting;
    }
}
