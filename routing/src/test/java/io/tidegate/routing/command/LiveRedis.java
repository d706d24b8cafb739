package io.tidegate.routing.command;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** A real Redis 7.0.15 on loopback, from the binary that a test dependency carries for Linux and macOS. */
final class LiveRedis implements AutoCloseable {

    private final Process process;
    private final InetAddress address = InetAddress.getLoopbackAddress();
    private final int port;
    private final RespConnection connection;

    /** Starts one that keeps its files in {@code directory}. */
    LiveRedis(Path directory) throws IOException {
        port = freePort(address);
        process = new ProcessBuilder(
                        unpack(directory).toString(),
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        address.getHostAddress(),
                        "--dir",
                        directory.toString(),
                        "--save",
                        "")
                .redirectErrorStream(true)
                .start();
        awaitReady();
        connection = connect();
    }

    private static int freePort(InetAddress address) throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, address)) {
            return socket.getLocalPort();
        }
    }

    private static Path unpack(Path directory) throws IOException {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        String machine = System.getProperty("os.arch").matches("aarch64|arm64") ? "arm64" : "amd64";
        Path binary = directory.resolve("redis-server");
        try (InputStream in = LiveRedis.class.getResourceAsStream("/redis-server-7.0.15-" + os + "-" + machine)) {
            if (in == null) {
                throw new IOException("no Redis 7.0.15 for " + os + " on " + machine + " on the class path");
            }
            Files.copy(in, binary);
        }
        if (!binary.toFile().setExecutable(true)) {
            throw new IOException("cannot make executable: " + binary);
        }
        return binary;
    }

    private void awaitReady() throws IOException {
        BufferedReader log = process.inputReader();
        StringBuilder seen = new StringBuilder();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            if (line.contains("Ready to accept connections")) {
                return;
            }
            seen.append(line).append('\n');
        }
        throw new IOException("redis-server ended:\n" + seen);
    }

    RespConnection connect() throws IOException {
        return new RespConnection(address, port);
    }

    RespConnection connection() {
        return connection;
    }

    @Override
    public void close() throws IOException {
        connection.close();
        process.destroyForcibly().onExit().join();
    }
}
