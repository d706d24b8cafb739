package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.it.Ledger.Outcome;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Several connections that each append numbers to a list of their own, count in a counter of their own, read the list
 * back now and then, and keep a {@link Ledger} of what they were told.
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

    private static final String UNCERTAIN = "UNCERTAIN may have run";

    /** It ran there, and as with an uncertain one nobody promises that it stays. */
    private static final String UNDERREPLICATED = "UNDERREPLICATED executed";

    /** Several loads and their servers share few processors, and a sentinel that gets no turn sees faults of its own. */
    private static final long PAUSE_MILLIS = 1;

    private static final Duration PROGRESS_MAX = Duration.ofSeconds(90);

    private final String name;
    private final Connector connector;
    private final int batch;
    private final List<Writer> writers = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);

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
        awaitMore(Ledger::appends, moreWritesEach);
    }

    /** Waits until so many more writes of each connection were acknowledged. */
    void awaitAcknowledged(int moreWritesEach) throws InterruptedException {
        awaitMore(Ledger::acknowledgedAppends, moreWritesEach);
    }

    private void awaitMore(ToIntFunction<Ledger> counted, int moreEach) throws InterruptedException {
        long endNanos = System.nanoTime() + PROGRESS_MAX.toNanos();
        List<Integer> targets = writers.stream()
                .map(writer -> counted.applyAsInt(writer.ledger) + moreEach)
                .toList();
        for (int i = 0; i < writers.size(); i++) {
            Writer writer = writers.get(i);
            BooleanSupplier writing = () -> writer.isAlive() && System.nanoTime() < endNanos;
            assertThat(writer.ledger.await(counted, targets.get(i), writing))
                    .as(writer.list + " goes on; " + writer.ledger.violations(List.of(), 0, Long.MAX_VALUE))
                    .isTrue();
        }
    }

    private final class Writer extends Thread {
        private final String list;
        private final String counter;
        private final Ledger ledger;

        Writer(int id) {
            super("workload-" + name + "-" + id);
            this.list = name + ":log:" + id;
            this.counter = name + ":count:" + id;
            this.ledger = new Ledger(name + " " + id);
        }

        @Override
        public void run() {
            try (Connection connection = connector.connect()) {
                for (int round = 0; !stop.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS); round++) {
                    append(connection, round * batch);
                    increment(connection);
                    if (round % 3 == 0) {
                        readBack(connection);
                    }
                }
            } catch (IOException | InterruptedException | RuntimeException e) {
                ledger.violated(e.toString());
            }
        }

        private void append(Connection connection, int first) throws IOException {
            List<String> values = IntStream.range(first, first + batch)
                    .mapToObj(Integer::toString)
                    .toList();
            List<Optional<String>> errors = connection.push(list, values);
            long answeredNanos = System.nanoTime();
            for (int i = 0; i < batch; i++) {
                Optional<String> error = errors.get(i);
                error.ifPresent(text -> expectUncertain("RPUSH", text));
                ledger.appended(first + i, error.isEmpty() ? Outcome.OK : Outcome.UNCERTAIN, answeredNanos);
            }
        }

        private void increment(Connection connection) throws IOException {
            try {
                ledger.incremented(connection.increment(counter), Outcome.OK, System.nanoTime());
            } catch (RuntimeException e) {
                expectUncertain("INCR", String.valueOf(e.getMessage()));
                ledger.incremented(0, Outcome.UNCERTAIN, System.nanoTime());
            }
        }

        private void readBack(Connection connection) throws IOException {
            try {
                ledger.read(connection.last(list).map(Long::parseLong).orElse(-1L));
            } catch (RuntimeException e) {
                ledger.violated("LINDEX: " + e.getMessage());
            }
        }

        private void expectUncertain(String command, String error) {
            if (!error.startsWith(UNCERTAIN) && !error.startsWith(UNDERREPLICATED)) {
                ledger.violated(command + ": " + error);
            }
        }

        private List<Long> kept(RedisCommandClient survivor) throws IOException {
            return survivor.command("LRANGE", list, "0", "-1").elements().stream()
                    .map(element -> Long.parseLong(element.text()))
                    .toList();
        }

        private List<String> violations(RedisCommandClient survivor, long owedFromNanos) throws IOException {
            RespValue count = survivor.command("GET", counter);
            return ledger.violations(kept(survivor), count.isNull() ? 0 : Long.parseLong(count.text()), owedFromNanos);
        }
    }

    void stop() throws InterruptedException {
        stop.countDown();
        for (Writer writer : writers) {
            writer.join();
        }
    }

    /**
     * Checks what the clients were told against what the surviving primary holds.
     *
     * @param owedFromNanos writes acknowledged from here on must be there: the takeover, or {@link Ledger#FROM_THE_START} if
     *     nothing acknowledged may be lost
     */
    void check(RedisCommandClient survivor, long owedFromNanos) throws IOException {
        List<String> violations = new ArrayList<>();
        for (Writer writer : writers) {
            violations.addAll(writer.violations(survivor, owedFromNanos));
        }
        assertThat(violations).isEmpty();
    }

    /** How many acknowledged appends the survivor does not have. */
    long lost(RedisCommandClient survivor) throws IOException {
        long lost = 0;
        for (Writer writer : writers) {
            lost += writer.ledger.lost(writer.kept(survivor));
        }
        return lost;
    }

    /** How many appends were acknowledged. */
    int acknowledged() {
        return writers.stream()
                .mapToInt(writer -> writer.ledger.acknowledgedAppends())
                .sum();
    }

    long uncertain() {
        return writers.stream().mapToLong(writer -> writer.ledger.uncertain()).sum();
    }

    /** Ends the connections without waiting for them; {@link #stop} waits. */
    @Override
    public void close() {
        stop.countDown();
    }
}
