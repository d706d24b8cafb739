package io.tidegate.bench.stage;

import io.tidegate.bench.Main;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A Redis that is up, and whatever is started in front of it, all on the processors that are meant for it. */
public final class Stage implements AutoCloseable {
    private final Path directory;
    private final Cpus cpus;
    private final LocalRedis redis;
    private final List<Running> started = new ArrayList<>();

    /**
     * Takes over a Redis.
     *
     * @param directory for configurations and logs
     * @param redis closed with this
     */
    Stage(Path directory, Cpus cpus, LocalRedis redis) {
        this.directory = directory;
        this.cpus = cpus;
        this.redis = redis;
    }

    public Cpus cpus() {
        return cpus;
    }

    public LocalRedis redis() {
        return redis;
    }

    public List<Long> redisPids() {
        return redis.servers().stream().map(RedisProcess::pid).toList();
    }

    /** Starts a subject, which ends with this. */
    public Running start(Subject subject) throws IOException, InterruptedException {
        Running running = subject.start(this);
        started.add(running);
        return running;
    }

    /** Runs a command of this jar beside Redis, in a JVM of its own: the Java and the class path of this one. */
    public Child jvm(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Dio.netty.leakDetection.level=disabled",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(arguments);
        return new Child(name, file(name, ".log"), Cpus.pinned(cpus.others(), command), Map.of());
    }

    /**
     * To be asked when all is measured.
     *
     * @throws IOException if another is primary than at the start: whatever was measured is worth nothing then
     */
    public void checkNoFailover() throws IOException {
        if (redis.currentPrimary().filter(primary -> primary == redis.primary()).isEmpty()) {
            throw new IOException("the servers failed over meanwhile: the figures are worth nothing");
        }
    }

    @Override
    public void close() {
        started.forEach(Running::close);
        redis.close();
    }

    /** A file of this subject's. Its name may contain a setting's value, and that anything. */
    public Path file(String subject, String suffix) {
        return directory.resolve(subject.replace('/', '_') + suffix);
    }

    /** A port that nobody listens on; whoever starts something on it has to see whether that is still so. */
    static InetSocketAddress freeAddress() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
        }
    }

    static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }
}
