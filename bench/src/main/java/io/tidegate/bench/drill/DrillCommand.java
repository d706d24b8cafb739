package io.tidegate.bench.drill;

import io.tidegate.bench.stage.Machine;
import io.tidegate.bench.stage.ResultsOptions;
import io.tidegate.bench.stage.RoundOptions;
import io.tidegate.bench.stage.StageOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code drill}. */
@Command(
        name = "drill",
        description = {
            "Makes the primary fail while applications write, through each proxy and with each client library, and prints"
                    + " a table of what each was told and what of it is true in the end.",
            "The table is on standard output, everything else on standard error."
        },
        mixinStandardHelpOptions = true)
public final class DrillCommand implements Callable<Integer> {
    @Mixin
    private StageOptions options = new StageOptions();

    @Mixin
    private RoundOptions rounds = new RoundOptions(5);

    @Mixin
    private ResultsOptions kept = new ResultsOptions();

    @Option(
            names = "--subjects",
            split = ",",
            defaultValue = "tidegate,lettuce-sentinel,jedis-sentinel,ask-on-connect,haproxy-checks,predixy-sentinel",
            paramLabel = "NAME",
            description = "What is compared, separated by commas: " + Contender.EXPECTED
                    + ". Those not installed are skipped. Default: ${DEFAULT-VALUE}.")
    private List<String> names = new ArrayList<>();

    @Option(
            names = "--faults",
            split = ",",
            defaultValue = "sentinel-failover,kill,freeze,partition",
            paramLabel = "NAME",
            description = "One after the other: ${COMPLETION-CANDIDATES}. What needs root is skipped without. Default:"
                    + " ${DEFAULT-VALUE}.")
    private List<Fault> faults = new ArrayList<>();

    @Option(names = "--connections", defaultValue = "25", description = "Of each subject. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--rate",
            defaultValue = "10000",
            description = "Writes per second of all that write at the same time. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--apart",
            description = "Each subject has servers of its own, and the whole rate, one after the other. Otherwise all"
                    + " write side by side to the same servers and meet the same fault.")
    private boolean apart;

    @Option(
            names = "--lead-millis",
            defaultValue = "6000",
            description = "Writing before the fault: a JVM wants 6 s. Default: ${DEFAULT-VALUE}.")
    private long leadMillis;

    @Option(
            names = "--freeze-millis",
            defaultValue = "3200",
            description = "How long a frozen primary stands still. Default: ${DEFAULT-VALUE}, just so long that a"
                    + " failover has begun.")
    private long freezeMillis;

    @Option(
            names = "--partition-millis",
            defaultValue = "10000",
            description = "How long the network is cut in two. Default: ${DEFAULT-VALUE}.")
    private long partitionMillis;

    @Option(
            names = "--after-millis",
            defaultValue = "3000",
            description = "Writing after all servers are in their places again. Default: ${DEFAULT-VALUE}.")
    private long afterMillis;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<Results> results = kept.of(Results.class, options, this::measured);
        results.ifPresent(each -> spec.commandLine().getOut().println(new Report(each).text()));
        return results.isPresent() ? 0 : 1;
    }

    private Optional<Results> measured() throws IOException, InterruptedException {
        Setup setup = options.checked(() -> new Setup(
                connections, rate, rounds.count(), apart, leadMillis, freezeMillis, partitionMillis, afterMillis));
        List<Contender> contenders = options.checked(() -> Contender.present(names, options));
        if (contenders.isEmpty()) {
            options.say("nobody to drill");
            return Optional.empty();
        }
        return Optional.of(drilled(setup, contenders));
    }

    private Results drilled(Setup setup, List<Contender> contenders) throws IOException, InterruptedException {
        Drill drill = new Drill(options, setup);
        List<Fault> possible = new ArrayList<>();
        for (Fault fault : faults) {
            fault.missing()
                    .ifPresentOrElse(why -> options.say("without " + fault + ": " + why), () -> possible.add(fault));
        }
        for (int round = 1; round <= setup.rounds(); round++) {
            for (Fault fault : possible) {
                drill.make(fault, round, contenders);
            }
        }
        return new Results(Machine.description(), setup, drill.versions(), drill.lines());
    }
}
