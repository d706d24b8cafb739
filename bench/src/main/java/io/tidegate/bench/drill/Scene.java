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
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
     * Waits until another than the first primary is primary for all, itself included.
     *
     * @throws IOException if that does not happen
     */
    Survivor awaitSurvivor() throws IOException, InterruptedException {
        RedisProcess old = redis().primary();
        long giveUpNanos = System.nanoTime() + SETTLE_MAX.toNanos();
        while (System.nanoTime() < giveUpNanos) {
            Optional<RedisProcess> now = redis().currentPrimary();
            if (now.isPresent() && now.get() != old && gaveUp(old)) {
                OptionalLong takeover = Takeover.of(now.get());
                if (takeover.isPresent()) {
                    return new Survivor(now.get().endpoint(), takeover.getAsLong());
                }
            }
            await(MOMENT);
        }
        throw new IOException(
                "no failover was complete within " + SETTLE_MAX.toSeconds() + " s\n" + redis().logTails());
    }

    /** Whether it is gone, or says that it is no primary any more. */
    private static boolean gaveUp(RedisProcess old) {
        if (!old.alive()) {
            return true;
        }
        try {
            return old.command("ROLE").elements().get(0).text().equals("slave");
        } catch (IOException | RedisErrorException e) {
            return false; // on its way to be one
        }
    }

    /** Ends the writing. Returns what came of it, by contender. */
    Map<String, Verdict> judge(Survivor survivor) throws IOException, InterruptedException {
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
