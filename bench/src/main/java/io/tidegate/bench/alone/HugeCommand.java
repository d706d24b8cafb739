package io.tidegate.bench.alone;

import io.tidegate.bench.stage.RoundOptions;
import io.tidegate.bench.stage.Running;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.bench.stage.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code huge}. */
@Command(
        name = "huge",
        description = {
            "Sets and gets one value of the greatest length that Redis takes, and prints how much memory the proxy took"
                    + " for it and how long it was on its way.",
            "The table is on standard output, everything else on standard error."
        },
        mixinStandardHelpOptions = true)
public final class HugeCommand implements Callable<Integer> {
    private static final double MEBI = 1 << 20;
    private static final int WARM_UP_BYTES = 16 << 20;

    @Mixin
    private StageOptions options = new StageOptions();

    @Mixin
    private RoundOptions rounds = new RoundOptions(3);

    @Option(
            names = "--subjects",
            split = ",",
            defaultValue = "tidegate",
            paramLabel = "NAME",
            description = "Named as in compare. Default: ${DEFAULT-VALUE}.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--value-bytes", defaultValue = "536870912", description = "Default: ${DEFAULT-VALUE}.")
    private long valueBytes;

    private final Table table = new Table("what");

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Subject> subjects = options.present(names);
        if (subjects.isEmpty()) {
            return 1;
        }
        try (Stage stage = options.open()) {
            List<Running> running = new ArrayList<>();
            for (Subject subject : subjects) {
                options.say("starting " + subject.name());
                running.add(stage.start(subject));
            }
            for (Running subject : running) {
                try (HugeValue client = new HugeValue(subject.address())) {
                    client.set(WARM_UP_BYTES);
                    client.get(WARM_UP_BYTES);
                }
            }
            for (int round = 1; round <= rounds.count(); round++) {
                for (Running subject : running) {
                    options.say("round %d/%d, %s".formatted(round, rounds.count(), subject.name()));
                    try (HugeValue client = new HugeValue(subject.address())) {
                        measure(subject, "SET", () -> client.set(valueBytes));
                        measure(subject, "GET", () -> client.get(valueBytes));
                    }
                }
            }
            stage.checkNoFailover();
        }
        spec.commandLine().getOut().println("A value of " + valueBytes + " bytes.\n");
        spec.commandLine().getOut().println(table.text());
        return 0;
    }

    private interface Step {
        void run() throws IOException;
    }

    private void measure(Running subject, String what, Step step) throws IOException {
        String row = what + " through " + subject.name();
        long beginNanos = System.nanoTime();
        if (subject.process().isPresent()) {
            try (PeakMemory memory = new PeakMemory(subject.pid())) {
                step.run();
                table.add(row, "RSS before MiB", memory.before() / MEBI);
                table.add(row, "RSS growth MiB", (memory.peak() - memory.before()) / MEBI);
            }
        } else {
            step.run();
        }
        double seconds = (System.nanoTime() - beginNanos) / 1e9;
        table.add(row, "seconds", seconds);
        table.add(row, "MiB/s", valueBytes / MEBI / seconds);
    }
}
