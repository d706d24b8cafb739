package io.tidegate.proxy.config;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@link SettingsReader} has read: values by path ({@code listeners[0].address}) and where each was written. */
final class Values {
    private final Map<String, Object> values = new HashMap<>();
    /** Of everything that is present, readable or not; of maps and lists too. */
    private final Map<String, String> places = new HashMap<>();

    /** What was written there, in one line; stars for a secret. */
    private final Map<String, String> shown = new HashMap<>();

    private final Set<String> unreadable = new HashSet<>();
    private int listeners;

    void present(String path, String place) {
        places.put(path, place);
    }

    void put(String path, @Nullable Object value, String written) {
        if (value == null) {
            unreadable.add(path);
        } else {
            values.put(path, value);
            shown.put(path, value instanceof Secret ? value.toString() : written);
        }
    }

    void listeners(int count) {
        listeners = count;
    }

    int listeners() {
        return listeners;
    }

    /** Whether there is anything at that path. */
    boolean has(String path) {
        return places.containsKey(path);
    }

    /** Where a mistake about {@code path} points to: the nearest thing around it that is present. */
    String place(String path) {
        String nearest = path;
        while (!nearest.isEmpty()) {
            String place = places.get(nearest);
            if (place != null) {
                return place;
            }
            nearest = nearest.substring(0, Math.max(0, nearest.lastIndexOf('.')));
        }
        return Objects.requireNonNull(places.get(""));
    }

    /** The value, else the default; null if there is neither, or what is there could not be read. */
    <T> @Nullable T known(Setting<T> setting, int index) {
        String path = path(setting, index);
        if (unreadable.contains(path)) {
            return null;
        }
        // put() is called with what the setting's own kind has read.
        @SuppressWarnings("unchecked")
        T value = (T) values.get(path);
        return value == null ? standard(setting) : value;
    }

    <T> @Nullable T known(Setting<T> setting) {
        return known(setting, 0);
    }

    /** As {@link #known}, once it is certain that there are no mistakes, of a setting that is required or has a default. */
    <T> T of(Setting<T> setting, int index) {
        return Objects.requireNonNull(known(setting, index), setting.path());
    }

    <T> T of(Setting<T> setting) {
        return of(setting, 0);
    }

    /** The value as it was written, else the default, else {@link ReloadPlan#NONE}. */
    String shown(Setting<?> setting, int index) {
        String standard = setting.standard();
        return shown.getOrDefault(path(setting, index), standard == null ? ReloadPlan.NONE : standard);
    }

    /**
     * These, but for {@code kept}, which are as in {@code others}; the listeners are all from one of both. What is the same in
     * both is where it is here.
     */
    Values keeping(Set<Setting<?>> kept, Values others) {
        boolean listenersStay = kept.contains(ListenerTable.ADDRESS);
        Values mixed = new Values();
        mixed.listeners = (listenersStay ? others : this).listeners;
        for (Setting<?> setting : SettingTable.ALL) {
            boolean stays = setting.ofListener()
                    ? listenersStay
                    : kept.contains(setting) && !Objects.equals(known(setting), others.known(setting));
            Values source = stays ? others : this;
            for (int i = 0; i < (setting.ofListener() ? mixed.listeners : 1); i++) {
                mixed.take(path(setting, i), source);
            }
        }
        return mixed;
    }

    /** What is at {@code path} in {@code source}, with the maps and lists around it. */
    private void take(String path, Values source) {
        Object value = source.values.get(path);
        String place = source.places.get(path);
        if (value == null || place == null) {
            return;
        }
        values.put(path, value);
        shown.put(path, Objects.requireNonNull(source.shown.get(path)));
        for (String around = path;
                !around.isEmpty();
                around = around.substring(0, Math.max(0, around.lastIndexOf('.')))) {
            places.putIfAbsent(around, source.place(around));
        }
        places.putIfAbsent("", source.place(""));
    }

    static String path(Setting<?> setting, int index) {
        return setting.path().replace("[]", "[" + index + "]");
    }

    private static <T> @Nullable T standard(Setting<T> setting) {
        String standard = setting.standard();
        return standard == null ? null : setting.kind().ofStandard(standard);
    }
}
