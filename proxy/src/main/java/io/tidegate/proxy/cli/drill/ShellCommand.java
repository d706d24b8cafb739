package io.tidegate.proxy.cli.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.proxy.Clock;
import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command of the user's, by {@code sh -c}. It finds the primary in {@code DRILL_PRIMARY_HOST} and {@code
 * DRILL_PRIMARY_PORT}, has so long, and is ended with all that it started when the time is up or the drill is to end.
 */
final class ShellCommand implements Fault {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final int LINES_MAX = 20;
    private static final int LINE_CHARS_MAX = 500;
    private static final long READ_MILLIS_MAX = 1_000;

    private final String command;
    private final @Nullable NodeAddress primary;
    private final Duration limit;
    private final Clock clock;
    private final Stop stop;

    // Guarded by itself: the last lines.
    private final Deque<String> output = new ArrayDeque<>();

    ShellCommand(String command, @Nullable NodeAddress primary, Duration limit, Clock clock, Stop stop) {
        this.command = command;
        this.primary = primary;
        this.limit = limit;
        this.clock = clock;
        this.stop = stop;
    }

    @Override
    public Result make() throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"));
        if (primary != null) {
            builder.environment()
                    .putAll(Map.of(
                            "DRILL_PRIMARY_HOST",
                            primary.host(),
                            "DRILL_PRIMARY_PORT",
                            Integer.toString(primary.port())));
        }
        Process process = builder.start();
        Thread reading = new Thread(() -> read(process), "drill-fault-output");
        reading.setDaemon(true);
        reading.start();
        String ended = await(process);
        // What it started and left behind may keep the pipe open for ever.
        reading.join(READ_MILLIS_MAX);
        List<String> lines;
        synchronized (output) {
            lines = List.copyOf(output);
        }
        boolean done = ended.isEmpty() && process.exitValue() == 0;
        return new Result(done, ended.isEmpty() ? "exit code " + process.exitValue() : ended, lines);
    }

    /** Empty if it came to its end by itself. */
    private String await(Process process) throws InterruptedException {
        long giveUpNanos = clock.nowNanos() + limit.toNanos();
        while (process.isAlive()) {
            boolean stopped = stop.await(LOOK_AGAIN);
            if (process.isAlive() && (stopped || clock.nowNanos() > giveUpNanos)) {
                List<ProcessHandle> started = process.descendants().toList();
                process.destroyForcibly().waitFor();
                started.forEach(ProcessHandle::destroyForcibly);
                return stopped ? "ended with the drill" : "ended, as it took more than " + limit.toSeconds() + " s";
            }
        }
        return "";
    }

    private void read(Process process) {
        try (BufferedReader reader = process.inputReader(UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (output) {
                    output.add(line.length() > LINE_CHARS_MAX ? line.substring(0, LINE_CHARS_MAX) + " …" : line);
                    if (output.size() > LINES_MAX) {
                        output.remove();
                    }
                }
            }
        } catch (IOException e) {
            synchronized (output) {
                output.add("(no more of its output could be read: " + e.getMessage() + ")");
            }
        }
    }
}
