package io.tidegate.proxy.cli;

import org.jspecify.annotations.Nullable;

/**
 * An option of the command line.
 *
 * @param name with its dashes
 * @param parameter what its value is called; null if it has none
 * @param needed whether the command cannot do without
 */
record Option(String name, @Nullable String parameter, boolean needed, String description) {
    static final Option HELP = flag("--help", "Show this help and exit; also -h.");
    static final Option VERSION = flag("--version", "Print the version and exit; also -V.");

    /** Present or not. */
    static Option flag(String name, String description) {
        return new Option(name, null, false, description);
    }

    /** {@code --name VALUE} or {@code --name=VALUE}, or left out. */
    static Option value(String name, String parameter, String description) {
        return new Option(name, parameter, false, description);
    }

    /** The same, but not to be left out. */
    static Option needed(String name, String parameter, String description) {
        return new Option(name, parameter, true, description);
    }

    /** As a synopsis shows it. */
    String synopsis() {
        return parameter == null ? name : name + "=" + parameter;
    }
}
