package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One client: appends the next number to a stream of its own, reads the end of that, waits, and so on. What it knows is what
 * any application would. Its notes are its thread's, and everybody's when that has ended.
 */
final class Client implements Runnable {
    /** What a read took; those without an answer are in {@link #readErrors}. */
    record Read(long sentMicros, long answeredMicros) {}

    /** Should nobody be there to remove the keys, they go by themselves. */
    static final String KEYS_LAST_SECONDS = "3600";

    /** What an application waits for after an error, at least. */
    private static final long AFTER_ERROR_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final PlainConnection connection;
    private final String key;
    private final long paceNanos;
    private final Clock clock;
    private final Progress progress;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final History history = new History();
    private final List<Read> reads = new ArrayList<>();
    private final Map<String, Long> readErrors = new TreeMap<>();
    private boolean mayLastForEver = true;

    Client(PlainConnection connection, String key, long paceNanos, Clock clock, Progress progress) {
        this.connection = connection;
        this.key = key;
        this.paceNanos = paceNanos;
        this.clock = clock;
        this.progress = progress;
    }

    @Override
    public void run() {
        try (connection) {
            boolean well = true;
            while (!stop.await(well ? paceNanos : Math.max(paceNanos, AFTER_ERROR_NANOS), TimeUnit.NANOSECONDS)) {
                well = write();
                if (well) {
                    read();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean write() {
        long sentMicros = nowMicros();
        Answer answer = connection.append(key, history.next());
        long answeredMicros = nowMicros();
        history.add(answer, sentMicros, answeredMicros);
        progress.add(answer, answeredMicros);
        boolean acknowledged = answer.outcome() == Outcome.ACKNOWLEDGED;
        mayLastForEver |= !acknowledged;
        if (acknowledged && mayLastForEver) {
            limitItsLife();
        }
        return acknowledged;
    }

    /** After any trouble anew: another primary may have the key without it. */
    private void limitItsLife() {
        try {
            connection.command("EXPIRE", key, KEYS_LAST_SECONDS);
            mayLastForEver = false;
        } catch (RedisErrorException | IOException e) {
            note(e); // and the next write tries again
        }
    }

    private void read() {
        long sentMicros = nowMicros();
        try {
            long number = connection.last(key);
            reads.add(new Read(sentMicros, nowMicros()));
            history.saw(number);
        } catch (RedisErrorException | IOException e) {
            note(e);
        }
    }

    private void note(Exception e) {
        String kind = e instanceof RedisErrorException error
                ? error.code()
                : "unanswered: " + e.getClass().getSimpleName();
        readErrors.merge(kind, 1L, Long::sum);
    }

    /** Lets it end after what it is at. */
    void finish() {
        stop.countDown();
    }

    /** Ends its wait for an answer that may take long. */
    void abort() {
        connection.close();
    }

    History history() {
        return history;
    }

    List<Read> reads() {
        return Collections.unmodifiableList(reads);
    }

    /** Of reads and of what keeps the key from lasting, by their first word. */
    Map<String, Long> readErrors() {
        return Collections.unmodifiableMap(readErrors);
    }

    private long nowMicros() {
        return TimeUnit.NANOSECONDS.toMicros(clock.nowNanos());
    }
}
