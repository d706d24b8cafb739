package io.tidegate.bench.stage;

import picocli.CommandLine.Option;

/** How often everything is measured, which each command has an opinion of. */
public final class RoundOptions {
    // Read by picocli as the default, unlike a constant of the annotation.
    @Option(names = "--rounds", description = "Default: ${DEFAULT-VALUE}.")
    private int count;

    /** @param otherwise unless the command line says something else */
    public RoundOptions(int otherwise) {
        count = otherwise;
    }

    public int count() {
        return count;
    }
}
