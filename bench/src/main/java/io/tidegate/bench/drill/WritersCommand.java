package io.tidegate.bench.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bench.drill.WritePlan.Party;
import io.tidegate.proxy.cli.drill.Kept;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code writers}, which {@code drill} runs as a process of its own, so that it can be put where it is cut off: reads a
 * {@link WritePlan}, a line of JSON, and says {@link #BEGUN} when every connection has had a write acknowledged; is told
 * {@link #END}, ends the writing and says {@link #ENDED}. Then it prints for every {@link Survivor} that it reads a
 * {@link Verdict} for each party by its name, until there are no more.
 */
@Command(
        name = "writers",
        description = "Applications that write and keep account of what they are told; used by drill.",
        mixinStandardHelpOptions = true)
public final class WritersCommand implements Callable<Integer> {
    /** What it says when all are writing. */
    static final String BEGUN = "begun";

    /** What it is told when there has been enough writing. */
    static final String END = "end";

    /** What it says when nobody waits for an answer any more. */
    static final String ENDED = "ended";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long BEGIN_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);
    private static final Duration READ_MAX = Duration.ofSeconds(30);

    /** Above what any of them waits for an answer, but Lettuce, whose wait ends with its client. */
    private static final long FINISH_NANOS_MAX = TimeUnit.SECONDS.toNanos(25);

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        WritePlan plan = JSON.readValue(input.readLine(), WritePlan.class);
        Map<Party, Clients> clients = new LinkedHashMap<>();
        Map<Party, List<Writer>> writers = new LinkedHashMap<>();
        for (Party party : plan.parties()) {
            Clients shared = party.open(plan);
            clients.put(party, shared);
            for (int i = 0; i < plan.connections(); i++) {
                long delayNanos = plan.intervalNanos() * i / plan.connections();
                writers.computeIfAbsent(party, any -> new ArrayList<>())
                        .add(new Writer(shared, party.key(i), plan.intervalNanos(), delayNanos));
            }
        }
        List<Writer> all = writers.values().stream().flatMap(List::stream).toList();
        all.forEach(Thread::start);
        awaitBegun(all);
        spec.commandLine().getOut().println(BEGUN);
        String told = input.readLine();
        if (!END.equals(told)) {
            throw new IOException("told: " + told + " (expected: " + END + ")");
        }
        finish(all, clients.values());
        spec.commandLine().getOut().println(ENDED);
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            Survivor survivor = JSON.readValue(line, Survivor.class);
            spec.commandLine().getOut().println(JSON.writeValueAsString(judge(writers, survivor)));
        }
        return 0;
    }

    private static void awaitBegun(List<Writer> writers) throws IOException, InterruptedException {
        long giveUpNanos = System.nanoTime() + BEGIN_NANOS_MAX;
        for (Writer writer : writers) {
            if (!writer.awaitBegun(giveUpNanos - System.nanoTime())) {
                throw new IOException(writer.key() + " had no write acknowledged");
            }
        }
    }

    private static void finish(List<Writer> writers, Iterable<Clients> clients)
            throws IOException, InterruptedException {
        writers.forEach(Writer::finish);
        long giveUpNanos = System.nanoTime() + FINISH_NANOS_MAX;
        for (Writer writer : writers) {
            writer.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(giveUpNanos - System.nanoTime())));
        }
        clients.forEach(Clients::close);
        for (Writer writer : writers) {
            writer.join(READ_MAX.toMillis());
            if (writer.isAlive()) {
                throw new IOException(writer.key() + " does not end");
            }
        }
    }

    private static Map<String, Verdict> judge(Map<Party, List<Writer>> writers, Survivor survivor) throws IOException {
        NodeAddress address = NodeAddress.parse(survivor.address());
        Map<String, Verdict> verdicts = new LinkedHashMap<>();
        try (RedisCommandClient server =
                RedisCommandClient.connect(new InetSocketAddress(address.host(), address.port()), READ_MAX)) {
            for (Map.Entry<Party, List<Writer>> each : writers.entrySet()) {
                Verdict verdict = Verdict.NONE;
                for (Writer writer : each.getValue()) {
                    verdict = verdict.plus(
                            Verdict.of(writer.history(), Kept.read(server, writer.key()), survivor.takeoverMillis()));
                }
                verdicts.put(each.getKey().name(), verdict);
            }
        }
        return verdicts;
    }
}
