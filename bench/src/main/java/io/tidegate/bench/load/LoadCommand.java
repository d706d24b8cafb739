package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code load}. */
@Command(
        name = "load",
        description = {
            "Loads a server that speaks RESP and prints one line of JSON.",
            "Keys are b<value-bytes>:<number>, 1000 of them or as many as fit 16 MiB; a run with --set-percent 100 fills"
                    + " them, a GET of a key that is not there counts as a miss."
        },
        mixinStandardHelpOptions = true)
public final class LoadCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Option(
            names = "--target",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:6379",
            description = "Default: ${DEFAULT-VALUE}.")
    private String target = "";

    @Option(names = "--connections", defaultValue = "50", description = "Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--pipeline",
            defaultValue = "1",
            split = ",",
            paramLabel = "N",
            description = "Requests that a connection sends together. Several, separated by commas: the connections"
                    + " are divided among them. Default: ${DEFAULT-VALUE}.")
    private List<Integer> pipelines = new ArrayList<>();

    @Option(names = "--value-bytes", defaultValue = "16", description = "Default: ${DEFAULT-VALUE}.")
    private int valueBytes;

    @Option(
            names = "--set-percent",
            defaultValue = "0",
            description = "How many of a hundred requests are SET, the others are GET. Default: ${DEFAULT-VALUE}.")
    private int setPercent;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description =
                    "Requests per second to be sent whatever comes back, for latencies; 0 to send the next when the"
                            + " last is answered, for throughput. Default: ${DEFAULT-VALUE}.")
    private long rate;

    @Option(
            names = "--lead-millis",
            defaultValue = "500",
            description = "How long the traffic flows before anything is measured. Default: ${DEFAULT-VALUE}.")
    private long leadMillis;

    @Option(
            names = "--millis",
            defaultValue = "5000",
            description = "How long it is measured. Default: ${DEFAULT-VALUE}.")
    private long measureMillis;

    @Option(names = "--pid", description = "A process whose use of processor and memory is reported too; repeatable.")
    private List<Long> pids = new ArrayList<>();

    @Option(
            names = "--plans",
            description =
                    "Read plans from standard input, a line of JSON each, and print a line for each when it is done,"
                            + " until the input ends. The other options are not used.")
    private boolean plans;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (plans) {
            readPlans();
        } else {
            print(LoadRun.make(plan()));
        }
        return 0;
    }

    private LoadPlan plan() {
        try {
            NodeAddress address = NodeAddress.parse(target);
            List<Traffic> mix = Traffic.mix(connections, pipelines, valueBytes, setPercent);
            return new LoadPlan(address.host(), address.port(), mix, rate, leadMillis, measureMillis, pids);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private void readPlans() throws IOException, InterruptedException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            print(LoadRun.make(JSON.readValue(line, LoadPlan.class)));
        }
    }

    private void print(LoadResult result) throws IOException {
        spec.commandLine().getOut().println(JSON.writeValueAsString(result));
    }
}
