package io.tidegate.bench.alone;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code disturb}, which {@code crowd} runs as a process of its own: prints a line once its clients are at work, and then
 * one for each line that it reads, with the number of values fetched until then.
 */
@Command(
        name = "disturb",
        description = "One client that fetches a large value in a loop, and one that reads slowly; used by crowd.",
        mixinStandardHelpOptions = true)
public final class DisturbCommand implements Callable<Integer> {
    @Option(names = "--target", required = true, paramLabel = "HOST:PORT")
    private String target = "";

    @Option(names = "--value-bytes", required = true)
    private long valueBytes;

    @Option(names = "--slow-key", required = true)
    private String slowKey = "";

    @Option(names = "--first", paramLabel = "COMMAND", description = "Both begin with it; repeatable.")
    private List<String> first = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        NodeAddress address = NodeAddress.parse(target);
        AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
        Disturber disturber =
                new Disturber(new InetSocketAddress(address.host(), address.port()), valueBytes, slowKey, first);
        disturber.begin(failure::set);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        do {
            IOException failed = failure.get();
            if (failed != null) {
                throw failed;
            }
            spec.commandLine().getOut().println(disturber.fetched());
        } while (input.readLine() != null);
        return 0;
    }
}
