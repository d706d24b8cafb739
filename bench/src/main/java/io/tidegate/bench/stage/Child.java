package io.tidegate.bench.stage;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A process that does not outlive this JVM, be that killed: a shell beside it waits for the end of its own standard
 * input, which the kernel closes with the JVM, and then kills the process.
 */
public final class Child implements AutoCloseable {
    /** Ctrl-C in a terminal reaches the shell too: it waits for the JVM's end all the same. */
    private static final String GUARD = "trap '' INT TERM HUP; read -r never; kill -9 \"$1\"";

    private static final int LOG_TAIL_CHARS = 2_000;

    private final String name;
    private final Path log;
    private final Process process;
    private final Process guard;
    private final BufferedReader output;

    /**
     * Starts it.
     *
     * @param name for messages
     * @param log what the process says on standard error goes there
     * @param environment added to ours
     */
    public Child(String name, Path log, List<String> command, Map<String, String> environment) throws IOException {
        this.name = name;
        this.log = log;
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(environment);
        process = builder.start();
        output = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        try {
            guard = new ProcessBuilder("/bin/sh", "-c", GUARD, "guard", Long.toString(process.pid()))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            process.destroyForcibly();
            throw e;
        }
    }

    public long pid() {
        return process.pid();
    }

    public void send(String line) throws IOException {
        process.getOutputStream().write((line + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /**
     * The next line of its standard output.
     *
     * @throws IOException if there is none in time, or the process has ended
     */
    public String line(Duration limit) throws IOException, InterruptedException {
        CompletableFuture<@Nullable String> line = CompletableFuture.supplyAsync(this::readLine);
        String read;
        try {
            read = line.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new IOException(name + " said nothing for " + limit.toSeconds() + " s" + logTail(), e);
        } catch (ExecutionException e) {
            throw new IOException("cannot read what " + name + " says", e.getCause());
        }
        if (read == null) {
            throw new IOException(name + " has ended" + logTail());
        }
        return read;
    }

    /**
     * Waits a moment.
     *
     * @throws IOException if the process has ended
     */
    public void awaitMoment(Duration moment) throws IOException, InterruptedException {
        if (process.waitFor(moment.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IOException(name + " ended with exit code " + process.exitValue() + logTail());
        }
    }

    /** The end of its log, to be added to a message. */
    String logTail() {
        try {
            String text = Files.readString(log).strip();
            return "; the end of " + log + ":\n" + text.substring(Math.max(0, text.length() - LOG_TAIL_CHARS));
        } catch (IOException e) {
            return "; no log: " + e;
        }
    }

    /** Kills it, and returns when it has ended. */
    @Override
    public void close() {
        guard.destroyForcibly(); // signals first and closes its input after, so it never sees the end of that
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable String readLine() {
        try {
            return output.readLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
