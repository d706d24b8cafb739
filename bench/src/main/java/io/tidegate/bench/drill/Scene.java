package io.tidegate.bench.drill;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bench.Main;
import io.tidegate.bench.drill.Contender.Entrant;
import io.tidegate.bench.stage.Child;
import io.tidegate.bench.stage.Stage;
import io.tidegate.bench.stage.StageOptions;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.LocalRedisBuilder;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Servers, proxies and applications for one fault, all new, since a fault leaves nothing as it was. */
final class Scene implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<Map<String, Verdict>> VERDICTS = new TypeReference<>() {};

    /** As in production, where it is often more. */
    private static final long DOWN_AFTER_MILLIS = 1_000;

    private static final int REPLICAS = 2;
    private static final Duration MOMENT = Duration.ofMillis(20);
    private static final Duration BEGIN_MAX = Duration.ofSeconds(60);
    private static final Duration SETTLE_MAX = Duration.ofSeconds(90);
    private static final Duration END_MAX = Duration.ofMinutes(2);
    private static final Duration JUDGE_MAX = Duration.ofMinutes(2);

    private final Setup setup;
    private final @Nullable Partition partition;
    private final Stage stage;
    private final List<Entrant> entrants = new ArrayList<>();
    private @Nullable Child writers;

    private Scene(Setup setup, @Nullable Partition partition, Stage stage) {
        this.setup = setup;
        this.partition = partition;
        this.stage = stage;
    }

    /** Starts the servers and whatever the contenders have, and returns when all are writing. */
    static Scene open(StageOptions options, Setup setup, Fault fault, List<Contender> contenders)
            throws IOException, InterruptedException {
        LocalRedisBuilder servers = LocalRedis.builder().replicas(REPLICAS).downAfterMillis(DOWN_AFTER_MILLIS);
        Partition partition = fault == Fault.PARTITION ? Partition.open() : null;
        Scene scene;
        try {
            if (partition != null) {
                servers.places(index -> partition.place(index, 1 + REPLICAS));
            }
            scene = new Scene(setup, partition, options.openAnywhere(servers));
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (partition != null) {
                partition.close();
            }
            throw e;
        }
        try {
            scene.begin(contenders);
            return scene;
        } catch (IOException | InterruptedException | RuntimeException e) {
            scene.close();
            throw e;
        }
    }

    private void begin(List<Contender> contenders) throws IOException, InterruptedException {
        for (Contender contender : contenders) {
            entrants.add(contender.start(stage));
        }
        Child child = stage.jvm("writers", List.of(Main.WRITERS));
        writers = child;
        child.send(JSON.writeValueAsString(new WritePlan(
                entrants.stream().map(Entrant::party).toList(),
                setup.connections(),
                Math.max(1, setup.rate() / entrants.size()),
                redis().sentinels().stream().map(RedisProcess::endpoint).toList())));
        child.line(BEGIN_MAX);
    }

    List<Entrant> entrants() {
        return entrants;
    }

    Setup setup() {
        return setup;
    }

    LocalRedis redis() {
        return stage.redis();
    }

    /** The network, of a fault that needs one. */
    Partition partition() {
        if (partition == null) {
            throw new IllegalStateException("no partition was asked for");
        }
        return partition;
    }

    /** Lets the applications write for so long. */
    void await(Duration time) throws IOException, InterruptedException {
        writers().awaitMoment(time);
    }

    /**
     * Waits until somebody has taken over, and the shard has settled: all agree on a primary, its predecessors are dead or
     * replicate from it, and no sentinel is failing over or holds it for down.
     *
     * @throws IOException if that does not happen
     */
    Survivor awaitSurvivor() throws IOException, InterruptedException {
        long giveUpNanos = System.nanoTime() + SETTLE_MAX.toNanos();
        while (System.nanoTime() < giveUpNanos) {
            Optional<RedisProcess> now = redis().settledPrimary();
            List<Long> takeovers = now.isPresent() ? Takeover.of(now.get()) : List.of();
            if (!takeovers.isEmpty()) {
                return new Survivor(now.get().endpoint(), takeovers.get(takeovers.size() - 1), takeovers());
            }
            await(MOMENT);
        }
        throw new IOException(
                "no failover was complete within " + SETTLE_MAX.toSeconds() + " s\n" + redis().logTails());
    }

    /** Of all servers together, from their logs, that of one that is dead by now included. */
    private int takeovers() throws IOException {
        int count = 0;
        for (RedisProcess server : redis().servers()) {
            count += Takeover.of(server).size();
        }
        return count;
    }

    /** Ends the writing, and returns when the last answer is there or waited for in vain. */
    void endWriting() throws IOException, InterruptedException {
        writers().send(WritersCommand.END);
        writers().line(END_MAX);
    }

    /** Says what came of the writing, which has ended: whom to compare with is only certain when nobody waits any more. */
    Judgement judge() throws IOException, InterruptedException {
        return Judgement.of(this::awaitSurvivor, this::compareWith);
    }

    private Map<String, Verdict> compareWith(Survivor survivor) throws IOException, InterruptedException {
        writers().send(JSON.writeValueAsString(survivor));
        return JSON.readValue(writers().line(JUDGE_MAX), VERDICTS);
    }

    private Child writers() {
        if (writers == null) {
            throw new IllegalStateException("nobody writes yet");
        }
        return writers;
    }

    @Override
    public void close() throws IOException {
        if (writers != null) {
            writers.close();
        }
        stage.close();
        if (partition != null) {
            partition.close();
        }
    }
}
