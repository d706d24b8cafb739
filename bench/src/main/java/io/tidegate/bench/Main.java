package io.tidegate.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.bench.alone.AllocCommand;
import io.tidegate.bench.alone.CrowdCommand;
import io.tidegate.bench.alone.DisturbCommand;
import io.tidegate.bench.alone.HugeCommand;
import io.tidegate.bench.alone.ScaleCommand;
import io.tidegate.bench.compare.CompareCommand;
import io.tidegate.bench.drill.DrillCommand;
import io.tidegate.bench.drill.WritersCommand;
import io.tidegate.bench.load.LoadCommand;
import io.tidegate.bench.micro.MicroBenchmarks;
import io.tidegate.proxy.local.LocalRedisException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine;

/** The runnable jar: one command for each question, each with options of its own. */
public final class Main {
    /** Name of the command that makes load. */
    public static final String LOAD = "load";

    /** Name of the command that writes and keeps account of it. */
    public static final String WRITERS = "writers";

    /** Name of the command that makes life hard for others. */
    public static final String DISTURB = "disturb";

    private static final int FAILED = 1;
    private static final int MISUSED = 2;

    private Main() {}

    public static void main(String[] args) throws Exception {
        String command = args.length == 0 ? "" : args[0];
        String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
        switch (command) {
            case "micro" -> MicroBenchmarks.main(rest);
            case LOAD -> System.exit(run(new LoadCommand(), rest));
            case "compare" -> System.exit(run(new CompareCommand(), rest));
            case "alloc" -> System.exit(run(new AllocCommand(), rest));
            case "scale" -> System.exit(run(new ScaleCommand(), rest));
            case "crowd" -> System.exit(run(new CrowdCommand(), rest));
            case "huge" -> System.exit(run(new HugeCommand(), rest));
            case "drill" -> System.exit(run(new DrillCommand(), rest));
            case WRITERS -> System.exit(run(new WritersCommand(), rest));
            case DISTURB -> System.exit(run(new DisturbCommand(), rest));
            default -> {
                System.err.println("usage: java -jar tidegate-bench.jar micro|load|compare|alloc|scale|crowd|huge|drill"
                        + " [options], or --help");
                System.exit(MISUSED);
            }
        }
    }

    private static int run(Callable<Integer> command, String[] args) {
        // The tables have characters that not every locale has.
        return new CommandLine(command)
                .setOut(new PrintWriter(System.out, true, UTF_8))
                .setErr(new PrintWriter(System.err, true, UTF_8))
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    if (e instanceof IOException || e instanceof LocalRedisException) {
                        line.getErr().println(e.getMessage());
                        return FAILED;
                    }
                    throw e;
                })
                .execute(args);
    }
}
