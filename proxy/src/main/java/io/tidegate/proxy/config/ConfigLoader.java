package io.tidegate.proxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Reads a configuration, complete and checked, or tells everything that is wrong with it. */
public final class ConfigLoader {
    private static final int BYTES_MAX = 1024 * 1024;

    private ConfigLoader() {}

    /** A configuration that can be used. */
    public static final class Loaded {
        private final Values values;
        private final TidegateConfig config;
        private final List<String> warnings;
        private final Map<String, String> waiting;

        /** @param waiting by path what was found there beside it, and needs a restart */
        Loaded(Values values, List<String> warnings, Map<String, String> waiting) {
            this.values = values;
            this.config = Sections.build(values);
            this.warnings = List.copyOf(warnings);
            this.waiting = Map.copyOf(waiting);
        }

        public TidegateConfig config() {
            return config;
        }

        /** Set-ups that are allowed but odd, one line each. */
        public List<String> warnings() {
            return warnings;
        }

        /** What each setting is, and where that comes from. */
        public List<Origin> origins() {
            return Origin.of(values, waiting);
        }

        /** What it was made of. */
        Values values() {
            return values;
        }
    }

    /**
     * Reads {@code file}, overridden by {@code variables}.
     *
     * @param variables the environment: {@code TIDEGATE_…} overrides settings, {@code {env: NAME}} looks up secrets
     * @throws ConfigException with all mistakes
     */
    public static Loaded load(Path file, Map<String, String> variables) throws ConfigException {
        String text;
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                throw new ConfigException(List.of(file + ": too large (expected: <= " + BYTES_MAX + " bytes)"));
            }
            text = new String(bytes, UTF_8);
        } catch (IOException e) {
            throw new ConfigException(List.of(file + ": cannot be read: " + Unreadable.why(e)));
        }
        Path directory = file.toAbsolutePath().getParent();
        return parse(text, file.toString(), directory == null ? file : directory, variables);
    }

    /**
     * What {@link #load} reads, each time anew. A relative path means the file that it means now.
     *
     * @param variables the environment, which stays as it is while a process runs
     */
    public static ConfigSource source(Path file, Map<String, String> variables) {
        return () -> load(file, variables);
    }

    /**
     * Reads a configuration that is not in a file.
     *
     * @param name what mistakes call it, where {@link #load} says the file's name
     * @param directory where relative paths of secrets start
     * @throws ConfigException with all mistakes
     */
    public static Loaded parse(String text, String name, Path directory, Map<String, String> variables)
            throws ConfigException {
        Mistakes mistakes = new Mistakes();
        Tree.Fields root = YamlTree.read(text, name, mistakes);
        if (!mistakes.none() && root.fields().isEmpty()) {
            // Broken syntax: what else is missing is not worth telling.
            throw new ConfigException(mistakes.all());
        }
        Environment.lay(variables, root, mistakes);
        Values values = SettingsReader.read(root, new Reading(variables, directory, mistakes));
        CrossChecks.check(values, mistakes);
        if (!mistakes.none()) {
            throw new ConfigException(mistakes.all());
        }
        return new Loaded(values, mistakes.warnings(), Map.of());
    }
}
