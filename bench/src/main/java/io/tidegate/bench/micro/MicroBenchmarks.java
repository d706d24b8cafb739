package io.tidegate.bench.micro;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Runs the micro-benchmarks with the allocation profiler, each in a JVM of its own, and prints JMH's table. Takes JMH's
 * own options, of which a pattern for the names and {@code -f}, {@code -wi}, {@code -i} are the most useful.
 */
public final class MicroBenchmarks {
    /** The one that {@code tidegate serve} uses. */
    static final String COLLECTOR = "-XX:+UseSerialGC";

    /** Netty wraps one buffer in 128 to find leaks: it may be the one that is measured. */
    static final String NO_LEAK_SAMPLES = "-Dio.netty.leakDetection.level=disabled";

    private MicroBenchmarks() {}

    public static void main(String[] args) throws RunnerException, CommandLineOptionException {
        new Runner(new OptionsBuilder()
                        .parent(new CommandLineOptions(args))
                        .addProfiler(GCProfiler.class)
                        .build())
                .run();
    }
}
