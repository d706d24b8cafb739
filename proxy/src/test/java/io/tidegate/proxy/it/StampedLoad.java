package io.tidegate.proxy.it;

import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Connections that each append numbers to a list of their own, one at a time, and stamp each with the proxy's own clock:
 * what they know can be laid beside what the proxy tells.
 */
final class StampedLoad implements AutoCloseable {
    private final List<Writer> writers = new ArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private volatile boolean stop;

    /** One write, by the clock of the proxy: {@code error} is empty if it was acknowledged. */
    record Write(String list, long number, long sentNanos, long toldNanos, String error) {
        boolean acknowledged() {
            return error.isEmpty();
        }

        boolean uncertain() {
            return error.startsWith("UNCERTAIN");
        }

        long waitedNanos() {
            return toldNanos - sentNanos;
        }
    }

    StampedLoad(String name, InetSocketAddress address, Clock clock, int connections) {
        for (int i = 0; i < connections; i++) {
            Writer writer = new Writer(name + ":" + i, address, clock);
            writers.add(writer);
            writer.start();
        }
    }

    /** Waits until each connection was told of so many more acknowledged writes. */
    void awaitProgress(int moreEach) {
        List<Integer> targets =
                writers.stream().map(writer -> writer.writes.size() + moreEach).toList();
        await().atMost(Stack.PATIENCE)
                .until(() -> violations.isEmpty()
                        && Stream.iterate(0, i -> i + 1)
                                .limit(writers.size())
                                .allMatch(i -> writers.get(i).writes.size() >= targets.get(i)));
    }

    /** Waits until every connection has ended. */
    void stop() throws InterruptedException {
        stop = true;
        for (Writer writer : writers) {
            writer.join(Stack.PATIENCE.toMillis());
        }
        if (!violations.isEmpty()) {
            throw new AssertionError(violations.toString());
        }
    }

    List<Write> writes(Predicate<Write> wanted) {
        return writers.stream()
                .flatMap(writer -> writer.writes.stream())
                .filter(wanted)
                .toList();
    }

    long longestWaitNanos() {
        return writes(all -> true).stream().mapToLong(Write::waitedNanos).max().orElseThrow();
    }

    /** The acknowledged writes that this server does not have. */
    List<Write> lost(RedisCommandClient survivor) throws IOException {
        List<Write> lost = new ArrayList<>();
        for (Writer writer : writers) {
            Set<Long> kept = new HashSet<>();
            survivor.command("LRANGE", writer.list, "0", "-1")
                    .elements()
                    .forEach(element -> kept.add(Long.parseLong(element.text())));
            writer.writes.stream()
                    .filter(write -> write.acknowledged() && !kept.contains(write.number()))
                    .forEach(lost::add);
        }
        return lost;
    }

    @Override
    public void close() {
        stop = true;
    }

    private final class Writer extends Thread {
        private final String list;
        private final InetSocketAddress address;
        private final Clock clock;
        private final List<Write> writes = new CopyOnWriteArrayList<>();

        Writer(String list, InetSocketAddress address, Clock clock) {
            super("stamped-" + list);
            this.list = list;
            this.address = address;
            this.clock = clock;
        }

        @Override
        public void run() {
            try (RedisCommandClient client = RedisCommandClient.connect(address, Stack.PATIENCE)) {
                for (long number = 0; !stop; number++) {
                    long sentNanos = clock.nowNanos();
                    String error = push(client, number);
                    writes.add(new Write(list, number, sentNanos, clock.nowNanos(), error));
                }
            } catch (IOException | RuntimeException e) {
                violations.add(list + ": " + e);
            }
        }

        private String push(RedisCommandClient client, long number) throws IOException {
            try {
                client.command("RPUSH", list, Long.toString(number));
                return "";
            } catch (RedisErrorException e) {
                return String.valueOf(e.getMessage());
            }
        }
    }
}
