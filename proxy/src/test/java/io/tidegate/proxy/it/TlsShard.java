package io.tidegate.proxy.it;

import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisBinary;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;

/** A primary, a replica and three sentinels that speak TLS alone, to one another too, and ask everybody for a certificate. */
final class TlsShard implements AutoCloseable {
    private final Path directory;
    private final Certificates certificates;
    private final String binary;
    private final List<Process> processes = new ArrayList<>();
    final List<Integer> nodes = new ArrayList<>();
    final List<Integer> sentinels = new ArrayList<>();

    TlsShard(Path directory, Certificates certificates) throws Exception {
        this.directory = directory;
        this.certificates = certificates;
        this.binary = RedisBinary.locate(directory).path().toString();
        certificates.write("server", certificates.issue("server"));
        try {
            nodes.add(start("", ""));
            nodes.add(start("", "replicaof 127.0.0.1 " + nodes.get(0) + "\n"));
            await("replication")
                    .atMost(Duration.ofMinutes(2))
                    .ignoreExceptions()
                    .until(() -> {
                        try (Jedis jedis = jedis(nodes.get(1))) {
                            return jedis.info("replication").contains("master_link_status:up");
                        }
                    });
            for (int i = 0; i < 3; i++) {
                sentinels.add(start(
                        "--sentinel",
                        "sentinel monitor shard 127.0.0.1 " + nodes.get(0) + " 2\n"
                                + "sentinel down-after-milliseconds shard 1000\n"
                                + "sentinel failover-timeout shard 10000\n"));
            }
            for (int sentinel : sentinels) {
                await("agreement")
                        .atMost(Duration.ofMinutes(2))
                        .ignoreExceptions()
                        .until(() -> {
                            try (Jedis jedis = jedis(sentinel)) {
                                String info = jedis.info("sentinel");
                                return info.contains("slaves=1,sentinels=3");
                            }
                        });
            }
        } catch (Throwable e) {
            close();
            throw e;
        }
    }

    private int start(String mode, String more) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path home = Files.createDirectory(directory.resolve("redis-" + port));
        Path config = home.resolve("redis.conf");
        Files.writeString(
                config,
                "bind 127.0.0.1\nport 0\ntls-port " + port + "\ndir " + home
                        + "\ntls-cert-file " + certificates.file("server.pem")
                        + "\ntls-key-file " + certificates.file("server.key")
                        + "\ntls-ca-cert-file " + certificates.file("ca.pem")
                        + "\ntls-auth-clients yes\ntls-replication yes\n"
                        + (mode.isEmpty() ? "save \"\"\nrepl-diskless-sync-delay 0\n" : "")
                        + more);
        List<String> command = new ArrayList<>(List.of(binary, config.toString()));
        if (!mode.isEmpty()) {
            command.add(mode);
        }
        processes.add(new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(home.resolve("log").toFile())
                .start());
        return port;
    }

    /** Straight to a server. */
    Jedis jedis(int port) throws Exception {
        return certificates.jedis(port, certificates.issue("test"));
    }

    void kill(int node) {
        processes.get(nodes.indexOf(node)).destroyForcibly().onExit().join();
    }

    String sentinelNodes() {
        return sentinels.stream()
                .map(port -> "'127.0.0.1:" + port + "'")
                .toList()
                .toString();
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
        processes.forEach(process -> process.onExit().join());
    }
}
