package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** All clients at work, each on a thread. */
final class Crowd {
    private static final long JOIN_MILLIS = 50;

    private final List<Client> clients = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Progress progress = new Progress();
    private final Clock clock;
    private final long beginMicros;

    private Crowd(Clock clock) {
        this.clock = clock;
        this.beginMicros = nowMicros();
    }

    /**
     * Begins.
     *
     * @param keys of each client's stream
     * @param pace between an answer and the next write of a client; their first ones are spread over it
     */
    static Crowd start(Plan plan, IntFunction<String> keys, Duration pace, Duration answerMax, Clock clock) {
        Crowd crowd = new Crowd(clock);
        for (int i = 0; i < plan.clients(); i++) {
            PlainConnection connection =
                    new PlainConnection(() -> plan.access().target().open(answerMax));
            Client client = new Client(connection, keys.apply(i), pace.toNanos(), clock, crowd.progress);
            Thread thread = new Thread(client, "drill-client-" + i);
            thread.setDaemon(true);
            crowd.clients.add(client);
            crowd.threads.add(thread);
        }
        crowd.threads.forEach(Thread::start);
        return crowd;
    }

    /** Lets all end after what they are at, and ends the waits of those that take longer. */
    void end(Duration patience) throws InterruptedException {
        clients.forEach(Client::finish);
        long giveUpNanos = clock.nowNanos() + patience.toNanos();
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(giveUpNanos - clock.nowNanos())));
        }
        for (int i = 0; i < threads.size(); i++) {
            // One that was about to connect is not yet there to be closed: then it is next time.
            while (threads.get(i).isAlive()) {
                clients.get(i).abort();
                threads.get(i).join(JOIN_MILLIS);
            }
        }
    }

    Progress progress() {
        return progress;
    }

    long beginMicros() {
        return beginMicros;
    }

    long nowMicros() {
        return TimeUnit.NANOSECONDS.toMicros(clock.nowNanos());
    }

    /** They have ended, this and what follows. */
    List<History> histories() {
        return clients.stream().map(Client::history).toList();
    }

    long readCount() {
        return clients.stream().mapToLong(client -> client.reads().size()).sum();
    }

    Map<String, Long> readErrors() {
        Map<String, Long> all = new TreeMap<>();
        clients.forEach(client -> client.readErrors().forEach((kind, count) -> all.merge(kind, count, Long::sum)));
        return all;
    }

    /** Of writes, by their first word. */
    Map<String, Long> errors() {
        Map<String, Long> all = new TreeMap<>();
        histories().stream()
                .flatMap(history -> history.writes().stream())
                .filter(write -> !write.acknowledged())
                .forEach(write -> all.merge(write.answer().error(), 1L, Long::sum));
        return all;
    }

    /** Of writes acknowledged that were sent within this time. */
    Latency writes(long fromMicros, long toMicros) {
        return Latency.of(histories().stream()
                .flatMap(history -> history.writes().stream())
                .filter(write ->
                        write.acknowledged() && write.sentMicros() >= fromMicros && write.sentMicros() < toMicros)
                .mapToLong(write -> write.answeredMicros() - write.sentMicros()));
    }

    /** Of reads that were sent within this time. */
    Latency reads(long fromMicros, long toMicros) {
        Stream<Client.Read> reads = clients.stream().flatMap(client -> client.reads().stream());
        return Latency.of(reads.filter(read -> read.sentMicros() >= fromMicros && read.sentMicros() < toMicros)
                .mapToLong(read -> read.answeredMicros() - read.sentMicros()));
    }
}
