package io.tidegate.bench;

import io.tidegate.bench.micro.MicroBenchmarks;
import java.util.Arrays;

/** The runnable jar: {@code micro} with options of its own. */
public final class Main {
    private static final int MISUSED = 2;

    private Main() {}

    public static void main(String[] args) throws Exception {
        String command = args.length == 0 ? "" : args[0];
        String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
        switch (command) {
            case "micro" -> MicroBenchmarks.main(rest);
            default -> {
                System.err.println("usage: java -jar tidegate-bench.jar micro [options], or --help");
                System.exit(MISUSED);
            }
        }
    }
}
