package io.tidegate.proxy.config;

/** Where a running proxy finds its configuration again. */
@FunctionalInterface
public interface ConfigSource {
    /**
     * Reads it as it is now.
     *
     * @throws ConfigException with all mistakes
     */
    ConfigLoader.Loaded load() throws ConfigException;
}
