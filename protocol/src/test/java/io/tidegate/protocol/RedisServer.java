package io.tidegate.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A real redis-server 7.0.15 on a Unix socket, to ask it what it does: no port to collide, no file left behind. */
final class RedisServer implements AutoCloseable {
    /** Of 10 ms each; it takes three or four. */
    private static final int START_POLLS_MAX = 3_000;

    private final Process process;
    private final UnixDomainSocketAddress address;

    /**
     * Unpacks and starts the server.
     *
     * @param directory a new directory, for the binary and the socket
     * @param options further options of its command line
     */
    RedisServer(Path directory, String... options) throws IOException, InterruptedException {
        Path binary = unpack(directory);
        Path socket = directory.resolve("redis.sock");
        Path log = directory.resolve("redis.log");
        List<String> command = new ArrayList<>(List.of(binary.toString(), "--port", "0", "--save", ""));
        command.addAll(List.of("--unixsocket", socket.toString(), "--enable-debug-command", "yes"));
        command.addAll(List.of(options));
        process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        address = UnixDomainSocketAddress.of(socket);
        for (int polls = 0; !listens(); polls++) {
            if (polls == START_POLLS_MAX || process.waitFor(10, TimeUnit.MILLISECONDS)) {
                close();
                throw new IOException("redis-server did not start: " + Files.readString(log));
            }
        }
    }

    /**
     * Sends these bytes on a connection of their own, says that nothing more will come, and reads to the end. The answer
     * must not be longer than the server writes at once (64 KiB): it drops what is left when it sees the end.
     */
    byte[] ask(byte[] request) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(address);
            ByteBuffer out = ByteBuffer.wrap(request);
            while (out.hasRemaining()) {
                channel.write(out);
            }
            channel.shutdownOutput();
            return read(channel);
        }
    }

    String ask(String request) throws IOException {
        return new String(ask(Buffers.latin1(request)), StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private boolean listens() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(address);
        } catch (IOException e) {
            // No such file yet, or nobody behind it.
            return false;
        }
    }

    private static byte[] read(SocketChannel channel) throws IOException {
        ByteBuffer in = ByteBuffer.allocate(1 << 20);
        while (!ended(channel, in)) {
            if (!in.hasRemaining()) {
                throw new IOException("more than " + in.capacity() + " bytes");
            }
        }
        byte[] bytes = new byte[in.flip().remaining()];
        in.get(bytes);
        return bytes;
    }

    private static boolean ended(SocketChannel channel, ByteBuffer in) throws IOException {
        try {
            return channel.read(in) < 0;
        } catch (SocketException e) {
            // It said what it had to say and hung up on the rest of the request: an end like any other.
            return true;
        }
    }

    /** Whether there is a binary for this machine. */
    static boolean runsHere() {
        return RedisServer.class.getResource(binary()) != null;
    }

    private static Path unpack(Path directory) throws IOException {
        Path binary = directory.resolve("redis-server");
        try (InputStream in = RedisServer.class.getResourceAsStream(binary())) {
            Files.copy(Objects.requireNonNull(in, "no redis-server for this machine"), binary);
        }
        if (!binary.toFile().setExecutable(true)) {
            throw new IOException("cannot be made executable: " + binary);
        }
        return binary;
    }

    /** The resource that embedded-redis has for this machine, if it has one. */
    private static String binary() {
        String os = System.getProperty("os.name").startsWith("Mac") ? "darwin" : "linux";
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return "/redis-server-7.0.15-" + os + "-" + arch;
    }
}
