package io.tidegate.bench.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of this machine. */
public final class Programs {
    private static final List<String> DAEMONS = List.of("/usr/local/sbin", "/usr/sbin");
    private static final int SECONDS_MAX = 30;

    private Programs() {}

    /** The program of this name, on {@code PATH} or where daemons are kept, which is not on everybody's. */
    public static Optional<Path> find(String name) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(File.pathSeparator, -1)), DAEMONS.stream())
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Runs a program that has little to say, and returns what it said.
     *
     * @throws IOException if it cannot be run, does not end soon, or not with 0
     */
    public static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException(String.join(" ", command) + " did not end within " + SECONDS_MAX + " s");
        }
        String output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        if (process.exitValue() != 0) {
            throw new IOException(
                    String.join(" ", command) + " ended with exit code " + process.exitValue() + ": " + output);
        }
        return output;
    }
}
