package io.tidegate.bench.stage;

import picocli.CommandLine.Option;

/** How long a subject is loaded, which each command has an opinion of. */
public final class MeasureOptions {
    @Option(names = "--millis", description = "How long each measurement takes. Default: ${DEFAULT-VALUE}.")
    private long measureMillis;

    @Option(
            names = "--warm-up-millis",
            description = "Load on each subject before anything is measured: a JVM wants 6 s at least. Default:"
                    + " ${DEFAULT-VALUE}.")
    private long warmUpMillis;

    /** Of these lengths, unless the command line says something else. */
    public MeasureOptions(long measureMillis, long warmUpMillis) {
        this.measureMillis = measureMillis;
        this.warmUpMillis = warmUpMillis;
    }

    public long measureMillis() {
        return measureMillis;
    }

    public long warmUpMillis() {
        return warmUpMillis;
    }
}
