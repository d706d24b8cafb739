package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Several connections that each append numbers to a list of their own, count in a counter of their own, read the list
 * back now and then, and record what they were told. The list shows everything afterwards: what is missing, what ran
 * twice, what changed places.
 */
final class Workload implements AutoCloseable {
    /** What is done over one connection, by whichever client library. */
    interface Connection extends AutoCloseable {
        /**
         * {@code RPUSH} for each value, all of them sent before the first reply is waited for.
         *
         * @return for each the error that it was answered with, in its place
         */
        List<Optional<String>> push(String key, List<String> values) throws IOException;

        /**
         * {@code INCR}.
         *
         * @throws RuntimeException with the error's line as message
         */
        long increment(String key) throws IOException;

        /** {@code LINDEX key -1}, likewise. */
        Optional<String> last(String key) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** Opens a connection. */
    interface Connector {
        Connection connect() throws IOException;
    }

    /** What a connection was told about one of its writes. */
    enum Outcome {
        OK,
        UNCERTAIN
    }

    /**
     * One write.
     *
     * @param number what was appended, or the counter's new value (of an uncertain one 0)
     * @param answeredNanos when the answer was read, on the JVM's clock
     */
    record Write(long number, Outcome outcome, long answeredNanos) {}

    private static final String UNCERTAIN = "UNCERTAIN may have run";
    /** It ran there, and as with an uncertain one nobody promises that it stays. */
    private static final String UNDERREPLICATED = "UNDERREPLICATED executed";

    private final String name;
    private final Connector connector;
    private final int batch;
    private final List<Writer> writers = new ArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private volatile boolean stop;

    /** Connections without a client library, one write at a time. */
    Workload(InetSocketAddress address, int connections) {
        this("plain", () -> new PlainConnection(RedisCommandClient.connect(address, Stack.PATIENCE)), connections, 1);
    }

    /**
     * Connections of any kind.
     *
     * @param name what its keys begin with
     * @param batch how many writes a connection sends together
     */
    Workload(String name, Connector connector, int connections, int batch) {
        this.name = name;
        this.connector = connector;
        this.batch = batch;
        for (int i = 0; i < connections; i++) {
            Writer writer = new Writer(i);
            writers.add(writer);
            writer.start();
        }
    }

    /** Waits until each connection was told of so many more writes. */
    void awaitProgress(int moreWritesEach) throws InterruptedException {
        List<Integer> before =
                writers.stream().map(writer -> writer.appends.size()).toList();
        for (int i = 0; i < writers.size(); i++) {
            Writer writer = writers.get(i);
            int target = before.get(i) + moreWritesEach;
            synchronized (writer) {
                while (writer.appends.size() < target && writer.isAlive()) {
                    writer.wait(100);
                }
            }
            assertThat(writer.isAlive())
                    .as(writer.list + " goes on; " + violations)
                    .isTrue();
        }
    }

    private final class Writer extends Thread {
        private final String list;
        private final String counter;
        private final List<Write> appends = new CopyOnWriteArrayList<>();
        private final List<Write> increments = new CopyOnWriteArrayList<>();

        Writer(int id) {
            super("workload-" + name + "-" + id);
            this.list = name + ":log:" + id;
            this.counter = name + ":count:" + id;
        }

        @Override
        public void run() {
            try (Connection connection = connector.connect()) {
                for (int round = 0; !stop; round++) {
                    append(connection, round * batch);
                    increment(connection);
                    if (round % 3 == 0) {
                        readBack(connection);
                    }
                }
            } catch (IOException | RuntimeException e) {
                violations.add(list + ": " + e);
            }
        }

        private void append(Connection connection, int first) throws IOException {
            List<String> values = IntStream.range(first, first + batch)
                    .mapToObj(Integer::toString)
                    .toList();
            List<Optional<String>> errors = connection.push(list, values);
            long answeredNanos = System.nanoTime();
            synchronized (this) {
                for (int i = 0; i < batch; i++) {
                    Optional<String> error = errors.get(i);
                    error.ifPresent(text -> expectUncertain("RPUSH", text));
                    appends.add(new Write(first + i, error.isEmpty() ? Outcome.OK : Outcome.UNCERTAIN, answeredNanos));
                }
                notifyAll();
            }
        }

        private void increment(Connection connection) throws IOException {
            try {
                increments.add(new Write(connection.increment(counter), Outcome.OK, System.nanoTime()));
            } catch (RuntimeException e) {
                expectUncertain("INCR", String.valueOf(e.getMessage()));
                increments.add(new Write(0, Outcome.UNCERTAIN, System.nanoTime()));
            }
        }

        /** A session reads what it wrote; only a change of epoch may take an acknowledged write away. */
        private void readBack(Connection connection) throws IOException {
            Write latest = appends.get(appends.size() - 1);
            try {
                long last = connection.last(list).map(Long::parseLong).orElse(-1L);
                if (last > latest.number()) {
                    violations.add(list + ": read " + last + " before it was written");
                }
                if (last < latest.number() && latest.outcome() == Outcome.OK) {
                    staleReads.add(System.nanoTime());
                }
            } catch (RuntimeException e) {
                violations.add(list + ": LINDEX: " + e.getMessage());
            }
        }

        private void expectUncertain(String command, String error) {
            if (!error.startsWith(UNCERTAIN) && !error.startsWith(UNDERREPLICATED)) {
                violations.add(list + ": " + command + ": " + error);
            }
        }

        private void check(RedisCommandClient survivor, long survivesFromNanos) throws IOException {
            List<Long> kept = survivor.command("LRANGE", list, "0", "-1").elements().stream()
                    .map(element -> Long.parseLong(element.text()))
                    .collect(Collectors.toList());
            assertThat(kept)
                    .as(list + ": each at most once, in order")
                    .isSorted()
                    .doesNotHaveDuplicates();
            List<Long> owed = appends.stream()
                    .filter(write -> write.outcome() == Outcome.OK && write.answeredNanos() >= survivesFromNanos)
                    .map(Write::number)
                    .toList();
            assertThat(kept).as(list + ": acknowledged after the takeover").containsAll(owed);
            checkCounter(Long.parseLong(survivor.command("GET", counter).text()), survivesFromNanos);
        }

        /** From the takeover on every acknowledged increment adds one, and every uncertain one at most one. */
        private void checkCounter(long kept, long survivesFromNanos) {
            long atLeast = 0;
            long atMost = Long.MAX_VALUE;
            for (Write write : increments) {
                if (write.answeredNanos() < survivesFromNanos) {
                    continue;
                }
                boolean told = write.outcome() == Outcome.OK;
                atMost = atMost == Long.MAX_VALUE ? atMost : atMost + 1;
                atLeast += told ? 1 : 0;
                if (told) {
                    assertThat(write.number()).as(counter).isBetween(atLeast, atMost);
                    atLeast = write.number();
                    atMost = write.number();
                }
            }
            assertThat(kept).as(counter + " in the end").isBetween(atLeast, atMost);
        }
    }

    /** When a read missed a write that had been acknowledged before on the same connection. */
    final List<Long> staleReads = new CopyOnWriteArrayList<>();

    void stop() throws InterruptedException {
        stop = true;
        for (Writer writer : writers) {
            writer.join();
        }
    }

    /**
     * Checks what the clients were told against what the surviving primary holds.
     *
     * @param survivesFromNanos writes acknowledged from here on must be there
     */
    void check(RedisCommandClient survivor, long survivesFromNanos) throws IOException {
        assertThat(violations).as("errors other than UNCERTAIN").isEmpty();
        for (Writer writer : writers) {
            writer.check(survivor, survivesFromNanos);
        }
    }

    long uncertain() {
        return writers.stream()
                .flatMap(writer -> List.of(writer.appends, writer.increments).stream())
                .flatMap(List::stream)
                .filter(write -> write.outcome() == Outcome.UNCERTAIN)
                .count();
    }

    /** Ends the connections without waiting for them; {@link #stop} waits. */
    @Override
    public void close() {
        stop = true;
    }

    private record PlainConnection(RedisCommandClient client) implements Connection {
        @Override
        public List<Optional<String>> push(String key, List<String> values) throws IOException {
            for (String value : values) {
                client.write("RPUSH", key, value);
            }
            List<Optional<String>> errors = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                try {
                    client.read();
                    errors.add(Optional.empty());
                } catch (RedisErrorException e) {
                    errors.add(Optional.of(e.getMessage()));
                }
            }
            return errors;
        }

        @Override
        public long increment(String key) throws IOException {
            return client.command("INCR", key).integer();
        }

        @Override
        public Optional<String> last(String key) throws IOException {
            RespValue last = client.command("LINDEX", key, "-1");
            return last.isNull() ? Optional.empty() : Optional.of(last.text());
        }

        @Override
        public void close() throws IOException {
            client.close();
        }
    }
}
