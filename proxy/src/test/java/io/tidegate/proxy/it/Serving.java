package io.tidegate.proxy.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.cli.Main;
import io.tidegate.proxy.local.FreePort;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.NodeAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code tidegate serve} as a process of its own, with the log that an operator would read. Ends with this. */
final class Serving implements AutoCloseable {
    private static final Pattern LISTENING =
            Pattern.compile("listening on (\\S+) \\(session\\), admin on (http://\\S+)");

    /** Those that each gets. */
    static final String PORTS = "listeners: [{address: '127.0.0.1:0'}]\nadmin: {address: '127.0.0.1:0'}\n";

    /** Has a process hear SIGHUP even if the tests run under nohup, where a machine's {@code env} can do that. */
    private static final List<String> HEARS_HANG_UP = hearsHangUp();

    private static List<String> hearsHangUp() {
        List<String> launcher = List.of("env", "--default-signal=HUP");
        List<String> tried = new ArrayList<>(launcher);
        tried.add("true");
        try {
            boolean works = new ProcessBuilder(tried).start().waitFor() == 0;
            return works ? launcher : List.of();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("env could not be tried", e);
        }
    }

    /** What leads it to these servers. */
    static String upstream(LocalRedis redis) {
        return "upstream: {static: {nodes: ['" + redis.primary().endpoint() + "']}}\n";
    }

    /** For a listener that is to be found again at the same address. */
    static int freePort() {
        return FreePort.next();
    }

    private final Process process;
    private final Path config;
    private final Path log;
    private final InetSocketAddress address;
    private final String admin;

    private Serving(Process process, Path config, Path log, String listening) {
        Matcher line = LISTENING.matcher(listening);
        assertThat(line.matches()).as(listening).isTrue();
        NodeAddress listener = NodeAddress.parse(line.group(1));
        this.process = process;
        this.config = config;
        this.log = log;
        this.address = new InetSocketAddress(listener.host(), listener.port());
        this.admin = line.group(2);
    }

    /**
     * Returns once it listens.
     *
     * @param yaml the configuration but for {@code listeners} and {@code admin}, of which it gets one each
     */
    static Serving start(Path directory, String yaml) throws IOException {
        return start(HEARS_HANG_UP, directory, yaml);
    }

    /** The same, run by a command that becomes the one that it is given. */
    static Serving start(List<String> launcher, Path directory, String yaml) throws IOException {
        Path config = Files.writeString(Files.createTempFile(directory, "tidegate", ".yaml"), PORTS + yaml);
        Path log = Files.createTempFile(directory, "tidegate", ".log");
        List<String> command = new ArrayList<>(launcher);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "serve",
                "--config",
                config.toString()));
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        try {
            BufferedReader out = process.inputReader(UTF_8);
            String line = out.readLine();
            return new Serving(process, config, log, line == null ? Files.readString(log) : line);
        } catch (IOException | RuntimeException | AssertionError e) {
            process.destroyForcibly();
            throw e;
        }
    }

    RedisCommandClient connect() throws IOException {
        return RedisCommandClient.connect(address, Stack.PATIENCE);
    }

    /** The lines so far. */
    List<String> log() throws IOException {
        return Files.readAllLines(log);
    }

    /** Status and text of a page of the admin port. */
    String get(String path) throws IOException {
        HttpURLConnection connection = open(path);
        int status = connection.getResponseCode();
        try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return status + " " + new String(body.readAllBytes(), UTF_8);
        }
    }

    /** For a question to the admin port. */
    HttpURLConnection open(String path) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(admin + path).toURL().openConnection();
        connection.setReadTimeout(Math.toIntExact(Stack.PATIENCE.toMillis()));
        return connection;
    }

    InetSocketAddress address() {
        return address;
    }

    /** Stops the process where it is (SIGSTOP), until {@link #thaw}. */
    void freeze() throws IOException, InterruptedException {
        signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        signal("CONT");
    }

    /** The file that it was given. */
    Path config() {
        return config;
    }

    /** Tells it to read its configuration again (SIGHUP), and returns at once. */
    void hangUp() throws IOException, InterruptedException {
        signal("HUP");
    }

    /** Ends it as a crash would (SIGKILL). */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    private void signal(String name) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + process.pid())
                        .start()
                        .waitFor())
                .isZero();
    }

    /** Asks it to end and returns its exit code. */
    int terminate() throws InterruptedException {
        askToEnd();
        return awaitEnd();
    }

    /** Asks it to end (SIGTERM). */
    void askToEnd() {
        process.toHandle().destroy();
    }

    /** Its exit code, once it has ended. */
    int awaitEnd() throws InterruptedException {
        assertThat(process.waitFor(Stack.PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .as("it ended")
                .isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
