package io.tidegate.proxy.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table of all settings ({@link SettingTable}).
 *
 * @param <T> what a value is read into
 */
final class Setting<T> {
    private final String path;
    private final Applies applies;
    private final Kind<T> kind;
    private final boolean required;
    private final @Nullable String standard;
    private final String shownStandard;
    private final String meaning;

    Setting(
            String path,
            Applies applies,
            Kind<T> kind,
            boolean required,
            @Nullable String standard,
            String shownStandard,
            String meaning) {
        this.path = path;
        this.applies = applies;
        this.kind = kind;
        this.required = required;
        this.standard = standard;
        this.shownStandard = shownStandard;
        this.meaning = meaning;
    }

    /** Keys from the root, joined by dots; {@code []} behind a key stands for each entry of a list. */
    String path() {
        return path;
    }

    /** Whether each listener has its own. */
    boolean ofListener() {
        return path.startsWith("listeners[]");
    }

    /** When a new value takes effect that is found by a reload. */
    Applies applies() {
        return applies;
    }

    Kind<T> kind() {
        return kind;
    }

    /** Whether it must be there if the map that it belongs to is. */
    boolean required() {
        return required;
    }

    /** The default as one would write it; null if there is none. */
    @Nullable String standard() {
        return standard;
    }

    /** The default in words. */
    String shownStandard() {
        return shownStandard;
    }

    /** What it does, as SETTINGS.md says it. */
    String meaning() {
        return meaning;
    }

    /**
     * The environment variable that overrides it: {@code TIDEGATE_} and the path, in capitals, with {@code _} for
     * everything else; where the path has {@code []}, {@code _} and the index.
     */
    String variable(int index) {
        return "TIDEGATE_"
                + path.replace("[]", "_" + index).toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    }
}
