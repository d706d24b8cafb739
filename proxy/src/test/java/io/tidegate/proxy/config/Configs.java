package io.tidegate.proxy.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Short ways to read a configuration in tests, and what all of them need. */
final class Configs {
    static final String LISTENERS = "listeners: [{address: 127.0.0.1:6390}]\n";
    static final String SENTINEL = "upstream: {sentinel: {master: m, nodes: [127.0.0.1:26379]}}\n";
    static final String STATIC = "upstream: {static: {nodes: [127.0.0.1:6379]}}\n";
    static final Path REPOSITORY =
            Path.of(System.getProperty("basedir", "."), "..").toAbsolutePath().normalize();

    private Configs() {}

    static TidegateConfig load(String yaml, Map<String, String> variables) throws ConfigException {
        return ConfigLoader.parse(yaml, "t.yaml", Path.of(""), variables).config();
    }

    static TidegateConfig load(String yaml) throws ConfigException {
        return load(yaml, Map.of());
    }

    /** The mistakes in {@code yaml}; none is an empty list. */
    static List<String> mistakes(String yaml, Map<String, String> variables) {
        try {
            load(yaml, variables);
            return List.of();
        } catch (ConfigException e) {
            return e.mistakes();
        }
    }

    static List<String> mistakes(String yaml) {
        return mistakes(yaml, Map.of());
    }

    static List<String> warnings(String yaml, Map<String, String> variables) throws ConfigException {
        return ConfigLoader.parse(yaml, "t.yaml", Path.of(""), variables).warnings();
    }
}
