package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.protocol.RespValue;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One Redis server or sentinel, on loopback unless its {@link Place} says otherwise: its address and log, and the faults that can be done to it. Its port,
 * directory and configuration file stay the same from start to start; Redis itself rewrites the file when its role
 * changes, so a restarted server comes back as what it last was told to be.
 *
 * <p>Safe for use by several threads: every method that changes the process holds this object's lock.
 */
public final class RedisProcess {
    /** Long enough for a machine that stands still for a while. */
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(20);

    /** Short enough that one that cannot be reached does not hold up those who ask again and again. */
    static final Duration POLL_TIMEOUT = Duration.ofSeconds(2);

    /** Redis 7 waits up to 10 s for its replicas before it obeys SIGTERM. */
    private static final Duration EXIT_TIMEOUT = Duration.ofSeconds(20);

    private static final int LOG_TAIL_BYTES = 2048;

    private final RedisBinary binary;
    private final Path home;
    private final Optional<String> password;
    private final boolean sentinel;
    private final InetSocketAddress address;
    private final List<String> launcher;
    private final Duration startTimeout;
    private final Watchdog watchdog;

    // Guarded by this. Null before the first start only.
    private @Nullable Process process;
    private boolean frozen;

    /** @param home a directory of its own, with the file {@code redis.conf} in it */
    RedisProcess(
            RedisBinary binary,
            Path home,
            Place place,
            int port,
            boolean sentinel,
            Optional<String> password,
            Duration startTimeout,
            Watchdog watchdog) {
        this.binary = binary;
        this.home = home;
        this.sentinel = sentinel;
        this.password = password;
        this.address = new InetSocketAddress(place.address(), port);
        this.launcher = place.launcher();
        this.startTimeout = startTimeout;
        this.watchdog = watchdog;
    }

    public InetSocketAddress address() {
        return address;
    }

    public int port() {
        return address.getPort();
    }

    /** The address as configurations write it: {@code 127.0.0.1:6379}. */
    public String endpoint() {
        return host() + ":" + address.getPort();
    }

    String host() {
        return address.getAddress().getHostAddress();
    }

    public boolean isSentinel() {
        return sentinel;
    }

    /** The process id; after a restart another one. */
    public synchronized long pid() {
        return running().pid();
    }

    /** What the server has logged since its first start. */
    public Path logFile() {
        return home.resolve("redis.log");
    }

    /** Whether the process exists; a frozen one does. */
    public synchronized boolean alive() {
        return process != null && process.isAlive();
    }

    /** Whether the process can answer: alive, and not frozen. */
    public synchronized boolean responsive() {
        return alive() && !frozen;
    }

    /** Ends the process as a crash would (SIGKILL) and returns when it has ended. Does nothing to a dead one. */
    public synchronized void kill() {
        running().destroyForcibly();
        awaitExit("SIGKILL");
    }

    /** Asks the process to end (SIGTERM), as an orderly shutdown would, and returns when it has ended. */
    public synchronized void terminate() {
        thaw();
        running().destroy();
        awaitExit("SIGTERM");
    }

    /**
     * Stops the process where it is (SIGSTOP), as a long pause of its machine would: its connections stay open, the
     * kernel goes on accepting new ones, and nothing is answered until {@link #thaw}.
     */
    public synchronized void freeze() {
        signal("STOP");
        frozen = true;
    }

    /** Lets a frozen process go on (SIGCONT); it finds all that was sent to it meanwhile. */
    public synchronized void thaw() {
        if (frozen && alive()) {
            signal("CONT");
        }
        frozen = false;
    }

    /** Starts the process again on the same port and directory, killing it before if it runs; returns when it answers. */
    public synchronized void restart() {
        kill();
        start();
    }

    /** A new connection, authenticated if this server wants that. */
    public RedisCommandClient connect() throws IOException {
        return connect(QUERY_TIMEOUT);
    }

    RedisCommandClient connect(Duration timeout) throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(address, timeout);
        try {
            if (password.isPresent()) {
                client.command("AUTH", password.get());
            }
            return client;
        } catch (IOException | RedisErrorException e) {
            client.close();
            throw e;
        }
    }

    /** One command on a connection of its own; see {@link RedisCommandClient} for the reply and the errors. */
    public RespValue command(String... arguments) throws IOException {
        try (RedisCommandClient client = connect()) {
            return client.command(arguments);
        }
    }

    /** The end of the log, for error messages. */
    public String logTail() {
        try (RandomAccessFile log = new RandomAccessFile(logFile().toFile(), "r")) {
            long start = Math.max(0, log.length() - LOG_TAIL_BYTES);
            return "--- " + endpoint() + ", end of its log:\n" + read(log, start);
        } catch (IOException e) {
            return "--- " + endpoint() + ", no log: " + e;
        }
    }

    @Override
    public String toString() {
        return (sentinel ? "sentinel " : "server ") + endpoint();
    }

    /**
     * Starts the process and returns when it answers.
     *
     * @throws LocalRedisException.PortTaken if somebody else listens on the port
     */
    synchronized void start() {
        List<String> command = new ArrayList<>(launcher);
        command.add(binary.path().toString());
        command.add(home.resolve("redis.conf").toString());
        if (sentinel) {
            command.add("--sentinel");
        }
        long logStart = logFile().toFile().length();
        Process started;
        try {
            started = new ProcessBuilder(command)
                    .directory(home.toFile()) // where Redis puts its data
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()))
                    .start();
        } catch (IOException e) {
            throw new LocalRedisException("cannot run " + binary.path(), e);
        }
        process = started;
        frozen = false;
        watchdog.watch(started);
        try {
            Await.until(toString(), startTimeout, () -> startObstacle(started, logStart), this::logTail);
        } catch (RuntimeException e) {
            started.destroyForcibly();
            throw e;
        }
    }

    private Optional<String> startObstacle(Process started, long logStart) {
        if (!started.isAlive()) {
            if (loggedSince(logStart).contains("Failed listening on port")) {
                throw new LocalRedisException.PortTaken(this + ": the port is taken");
            }
            throw new LocalRedisException(
                    this + " ended at once with exit code " + started.exitValue() + "\n" + logTail());
        }
        try (RedisCommandClient client = connect(POLL_TIMEOUT)) {
            client.command("PING"); // an error while the data is being loaded
            String pid = client.info("server").getOrDefault("process_id", "");
            // Until our process has found the port taken, it is the other one that answers.
            return pid.equals(Long.toString(started.pid()))
                    ? Optional.empty()
                    : Optional.of("process " + pid + " answers instead of " + started.pid());
        } catch (IOException | RedisErrorException e) {
            return Optional.of(e.toString());
        }
    }

    private String loggedSince(long position) {
        try (RandomAccessFile log = new RandomAccessFile(logFile().toFile(), "r")) {
            return read(log, position);
        } catch (IOException e) {
            throw new LocalRedisException("cannot read the log of " + this, e);
        }
    }

    private static String read(RandomAccessFile file, long position) throws IOException {
        byte[] bytes = new byte[Math.toIntExact(file.length() - position)];
        file.seek(position);
        file.readFully(bytes);
        return new String(bytes, UTF_8);
    }

    private void awaitExit(String signal) {
        try {
            if (!running().waitFor(EXIT_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new LocalRedisException(this + " did not end on " + signal + "\n" + logTail());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalRedisException("interrupted while waiting for the end of " + this, e);
        }
    }

    /** Java can only end processes; the shell's own {@code kill} is there even where the program is not installed. */
    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("/bin/sh", "-c", "kill -" + name + " " + pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new LocalRedisException("SIG" + name + " cannot be sent to " + this + ": it is not running");
            }
        } catch (IOException e) {
            throw new LocalRedisException("cannot run /bin/sh", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalRedisException("interrupted while sending SIG" + name + " to " + this, e);
        }
    }

    private Process running() {
        if (process == null) {
            throw new IllegalStateException(this + " was never started");
        }
        return process;
    }
}
