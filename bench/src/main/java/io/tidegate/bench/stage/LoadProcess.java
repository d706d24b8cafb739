package io.tidegate.bench.stage;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bench.Main;
import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import io.tidegate.bench.load.Traffic;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The load, in a process of its own that makes one run after the other. */
public final class LoadProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "load";

    /** What a run may take beyond what is planned: it gives itself up before that. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final Child child;

    /** Starts it, with the class path and the Java of this process. */
    public LoadProcess(Stage stage) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                Main.LOAD,
                "--plans");
        child = new Child(
                NAME, stage.file(NAME, ".log"), Cpus.pinned(stage.cpus().others(), command), Map.of());
    }

    public LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        child.send(JSON.writeValueAsString(plan));
        Duration planned = Duration.ofMillis(plan.leadMillis() + plan.measureMillis());
        return JSON.readValue(child.line(planned.plus(GRACE)), LoadResult.class);
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
