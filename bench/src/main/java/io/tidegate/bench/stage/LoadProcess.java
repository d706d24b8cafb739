package io.tidegate.bench.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bench.Main;
import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.Traffic;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** The load, in a process of its own that makes one run after the other. */
public final class LoadProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "load";

    /** What a run may take beyond what is planned: it gives itself up before that. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final Child child;

    /** Starts it. */
    public LoadProcess(Stage stage) throws IOException {
        child = stage.jvm(NAME, List.of(Main.LOAD, "--plans"));
    }

    public LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        child.send(JSON.writeValueAsString(plan));
        Duration planned = Duration.ofMillis(plan.leadMillis() + plan.measureMillis());
        return JSON.readValue(child.line(planned.plus(GRACE)), LoadResult.class);
    }

    /** What came of a run that was begun. */
    public static LoadResult result(Future<LoadResult> run) throws IOException, InterruptedException {
        try {
            return run.get();
        } catch (ExecutionException e) {
            throw new IOException("the load failed: " + e.getCause(), e.getCause());
        }
    }

    /** Begins a run, while which the caller has something else to do; one at a time. */
    public Future<LoadResult> begin(LoadPlan plan) {
        FutureTask<LoadResult> run = new FutureTask<>(() -> run(plan));
        Thread thread = new Thread(run, NAME);
        thread.setDaemon(true);
        thread.start();
        return run;
    }

    /** Sets all keys of values of this length, if {@code millis} suffice for them. */
    public void fill(InetSocketAddress primary, int valueBytes, long millis) throws IOException, InterruptedException {
        Traffic filling = new Traffic(1, 1, valueBytes, 100);
        run(new LoadPlan(primary.getHostString(), primary.getPort(), List.of(filling), 0, 0, millis, List.of()));
    }

    @Override
    public void close() {
        child.close();
    }
}
