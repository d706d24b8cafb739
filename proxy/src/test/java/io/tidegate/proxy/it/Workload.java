package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Several connections that each append numbers to a list of their own, read it back now and then, and record what they
 * were told. A list shows everything afterwards: what is missing, what ran twice, what changed places.
 */
final class Workload implements AutoCloseable {
    /** What a connection was told about one of its writes. */
    enum Outcome {
        OK,
        UNCERTAIN
    }

    /**
     * One write.
     *
     * @param answeredNanos when the answer was read, on the JVM's clock
     */
    record Write(int number, Outcome outcome, long answeredNanos) {}

    private final InetSocketAddress address;
    private final List<Writer> writers = new ArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private volatile boolean stop;

    Workload(InetSocketAddress address, int connections) {
        this.address = address;
        for (int i = 0; i < connections; i++) {
            Writer writer = new Writer("log:" + i);
            writers.add(writer);
            writer.start();
        }
    }

    /** The instants of a failover as this test saw it: from here on everything acknowledged must survive. */
    void awaitProgress(int moreWritesEach) throws InterruptedException {
        List<Integer> before =
                writers.stream().map(writer -> writer.writes.size()).toList();
        for (int i = 0; i < writers.size(); i++) {
            Writer writer = writers.get(i);
            int target = before.get(i) + moreWritesEach;
            synchronized (writer) {
                while (writer.writes.size() < target && writer.isAlive()) {
                    writer.wait(100);
                }
            }
            assertThat(writer.isAlive())
                    .as(writer.key + " goes on; " + violations)
                    .isTrue();
        }
    }

    private final class Writer extends Thread {
        private final String key;
        private final List<Write> writes = new CopyOnWriteArrayList<>();

        Writer(String key) {
            super("workload-" + key);
            this.key = key;
        }

        @Override
        public void run() {
            try (RedisCommandClient client = RedisCommandClient.connect(address, Stack.PATIENCE)) {
                for (int number = 0; !stop; number++) {
                    Outcome outcome = append(client, number);
                    synchronized (this) {
                        writes.add(new Write(number, outcome, System.nanoTime()));
                        notifyAll();
                    }
                    if (number % 3 == 0) {
                        readBack(client, number);
                    }
                }
            } catch (IOException e) {
                violations.add(key + ": " + e);
            }
        }

        private Outcome append(RedisCommandClient client, int number) throws IOException {
            try {
                client.command("RPUSH", key, Integer.toString(number));
                return Outcome.OK;
            } catch (RedisErrorException e) {
                if (!e.getMessage().startsWith("UNCERTAIN may have run")) {
                    violations.add(key + ": RPUSH " + number + ": " + e.getMessage());
                }
                return Outcome.UNCERTAIN;
            }
        }

        /** A session reads what it wrote; only a change of epoch may take an acknowledged write away. */
        private void readBack(RedisCommandClient client, int number) throws IOException {
            try {
                RespValue last = client.command("LINDEX", key, "-1");
                if (!last.isNull() && Integer.parseInt(last.text()) > number) {
                    violations.add(key + ": read " + last.text() + " before it was written");
                }
                boolean stale = last.isNull() || Integer.parseInt(last.text()) < number;
                if (stale && writes.get(number).outcome == Outcome.OK) {
                    staleReads.add(System.nanoTime());
                }
            } catch (RedisErrorException e) {
                violations.add(key + ": LINDEX: " + e.getMessage());
            }
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
            List<Integer> kept = new ArrayList<>();
            for (RespValue element :
                    survivor.command("LRANGE", writer.key, "0", "-1").elements()) {
                kept.add(Integer.parseInt(element.text()));
            }
            assertThat(kept)
                    .as(writer.key + ": each at most once, in order")
                    .isSorted()
                    .doesNotHaveDuplicates();
            List<Integer> owed = writer.writes.stream()
                    .filter(write -> write.outcome == Outcome.OK && write.answeredNanos >= survivesFromNanos)
                    .map(Write::number)
                    .toList();
            assertThat(kept)
                    .as(writer.key + ": acknowledged after the takeover")
                    .containsAll(owed);
        }
    }

    long uncertain() {
        return writers.stream()
                .flatMap(writer -> writer.writes.stream())
                .filter(write -> write.outcome == Outcome.UNCERTAIN)
                .count();
    }

    /** Ends the connections without waiting for them; {@link #stop} waits. */
    @Override
    public void close() {
        stop = true;
    }
}
