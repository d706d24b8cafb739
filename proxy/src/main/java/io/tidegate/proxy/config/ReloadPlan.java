package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a running proxy does about a configuration that was read anew: what changes, and what cannot before a restart. Settings
 * of the latter kind stay as they are, all others are taken over together; {@link #next} is the whole of it. It is checked
 * like any other configuration, since half of a change may be what nobody would have let pass: a port for everybody whose
 * {@code clients.auth} waits for a restart is refused, and everything with it.
 *
 * <p>A listener is known by its address, wherever it stands in the list.
 */
public final class ReloadPlan {
    /** What is not there. */
    static final String NONE = "none";

    private final ConfigLoader.Loaded next;
    private final List<Change> changes;
    private final List<Integer> kept;

    private ReloadPlan(ConfigLoader.Loaded next, List<Change> changes, List<Integer> kept) {
        this.next = next;
        this.changes = List.copyOf(changes);
        this.kept = List.copyOf(kept);
    }

    /**
     * One setting, or a listener as a whole.
     *
     * @param path as in the table of settings; a listener's with its address in the place of its index
     * @param from what it is, as it was written; a secret is {@code ***}, {@code none} is not there
     * @param to what it is to be
     */
    public record Change(String path, String from, String to, Applies applies) {
        @Override
        public String toString() {
            String when = switch (applies) {
                case AT_ONCE -> "at once";
                case NEW_CONNECTIONS -> "for new connections";
                case RESTART -> "needs a restart, and stays as it is until then";
            };
            return path + ": " + from + " -> " + to + " (" + when + ")";
        }
    }

    /**
     * Compares.
     *
     * @param running what is in use
     * @param asked what was read anew
     * @throws ConfigException if what can be taken over now, with what stays, makes no configuration
     */
    public static ReloadPlan of(ConfigLoader.Loaded running, ConfigLoader.Loaded asked) throws ConfigException {
        Values before = running.values();
        Set<Setting<?>> waiting = SettingTable.ALL.stream()
                .filter(setting -> setting.applies() == Applies.RESTART)
                .collect(Collectors.toSet());
        Values next = asked.values().keeping(waiting, before);
        Mistakes mistakes = new Mistakes();
        CrossChecks.check(next, mistakes);
        if (!mistakes.none()) {
            List<String> lines = new ArrayList<>();
            lines.add("what can be changed without a restart does not go together with what cannot:");
            lines.addAll(mistakes.all());
            throw new ConfigException(lines);
        }
        List<Change> changes = new ArrayList<>();
        listeners(before, asked.values(), changes);
        for (Setting<?> setting : SettingTable.ALL) {
            if (!setting.ofListener()) {
                compare(setting, setting.path(), before, 0, asked.values(), 0, changes);
            }
        }
        Map<String, String> later = changes.stream()
                .filter(change -> change.applies() == Applies.RESTART)
                .collect(Collectors.toMap(Change::path, Change::to));
        return new ReloadPlan(new ConfigLoader.Loaded(next, asked.warnings(), later), changes, matches(next, before));
    }

    /** Every difference, in the order of the table of settings. */
    public List<Change> changes() {
        return changes;
    }

    /** Whether there is anything to do now. */
    public boolean changesNow() {
        return changes.stream().anyMatch(change -> change.applies() != Applies.RESTART);
    }

    /** How many changes wait for a restart. */
    public int waiting() {
        return (int) changes.stream()
                .filter(change -> change.applies() == Applies.RESTART)
                .count();
    }

    /** What is in use from then on. */
    public ConfigLoader.Loaded next() {
        return next;
    }

    /** For each listener of {@link #next} the index of the one that is there already; -1 if it is new. */
    public List<Integer> kept() {
        return kept;
    }

    private static void listeners(Values before, Values after, List<Change> changes) {
        List<Integer> origins = matches(after, before);
        for (int i = 0; i < after.listeners(); i++) {
            String path = "listeners[" + after.of(ListenerTable.ADDRESS, i) + "]";
            int origin = origins.get(i);
            if (origin < 0) {
                changes.add(new Change(path, NONE, "opened", ListenerTable.ADDRESS.applies()));
                continue;
            }
            for (Setting<?> setting : SettingTable.ALL) {
                if (setting.ofListener()) {
                    String inner = setting.path().substring(setting.path().indexOf(']') + 1);
                    compare(setting, path + inner, before, origin, after, i, changes);
                }
            }
        }
        for (int i = 0; i < before.listeners(); i++) {
            if (!origins.contains(i)) {
                String path = "listeners[" + before.of(ListenerTable.ADDRESS, i) + "]";
                changes.add(new Change(path, "open", "closed", ListenerTable.ADDRESS.applies()));
            }
        }
    }

    /** For each listener of {@code some} the index of that of {@code others} with its address; -1 if there is none. */
    private static List<Integer> matches(Values some, Values others) {
        List<Integer> matches = new ArrayList<>();
        for (int i = 0; i < some.listeners(); i++) {
            BindAddress address = some.of(ListenerTable.ADDRESS, i);
            int match = -1;
            for (int j = 0; j < others.listeners() && match < 0; j++) {
                // Several may ask for any free port.
                if (address.equals(others.of(ListenerTable.ADDRESS, j)) && !matches.contains(j)) {
                    match = j;
                }
            }
            matches.add(match);
        }
        return matches;
    }

    private static <T> void compare(
            Setting<T> setting, String path, Values before, int from, Values after, int to, List<Change> changes) {
        @Nullable T old = before.known(setting, from);
        if (!Objects.equals(old, after.known(setting, to))) {
            changes.add(new Change(path, before.shown(setting, from), after.shown(setting, to), setting.applies()));
        }
    }
}
