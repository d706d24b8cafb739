package io.tidegate.bench.stage;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * A subject that can be loaded.
 *
 * @param address where it takes requests
 * @param process the proxy, if there is one
 * @param version of what runs there, as it says itself
 * @param admin where it answers for itself over HTTP, if it does
 * @param waits whether the load has to wait for a replica itself
 */
public record Running(
        String name,
        InetSocketAddress address,
        Optional<Child> process,
        String version,
        Optional<InetSocketAddress> admin,
        boolean waits)
        implements AutoCloseable {
    private static final Duration READY_MAX = Duration.ofSeconds(30);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(2);
    private static final Duration MOMENT = Duration.ofMillis(20);

    /** A proxy. */
    Running(String name, InetSocketAddress address, Child process, String version, Optional<InetSocketAddress> admin) {
        this(name, address, Optional.of(process), version, admin, false);
    }

    /** Returns when a request gets an answer at {@code address}. */
    static void awaitAnswer(Child child, InetSocketAddress address) throws IOException, InterruptedException {
        long giveUpNanos = System.nanoTime() + READY_MAX.toNanos();
        for (; ; ) {
            try (RedisCommandClient client = RedisCommandClient.connect(address, ANSWER_MAX)) {
                client.command("GET", "anything");
                return;
            } catch (IOException | RedisErrorException e) {
                if (System.nanoTime() > giveUpNanos) {
                    throw new IOException("no answer from " + address + child.logTail(), e);
                }
                child.awaitMoment(MOMENT);
            }
        }
    }

    /** The proxy's process; there is one. */
    public long pid() {
        return process.orElseThrow().pid();
    }

    @Override
    public void close() {
        process.ifPresent(Child::close);
    }
}
