package io.tidegate.bench.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.tidegate.bench.Main;
import io.tidegate.bench.load.LoadPlan;
import io.tidegate.bench.load.LoadResult;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The load, in a process of its own that makes one run after the other. */
final class LoadProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "load";

    /** What a run may take beyond what is planned: it gives itself up before that. */
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final Child child;

    /** Starts it, with the class path and the Java of this process. */
    LoadProcess(Stage stage) throws IOException {
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

    LoadResult run(LoadPlan plan) throws IOException, InterruptedException {
        child.send(JSON.writeValueAsString(plan));
        Duration planned = Duration.ofMillis(plan.leadMillis() + plan.measureMillis());
        return JSON.readValue(child.line(planned.plus(GRACE)), LoadResult.class);
    }

    @Override
    public void close() {
        child.close();
    }
}
