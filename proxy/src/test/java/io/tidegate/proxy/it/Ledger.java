package io.tidegate.proxy.it;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;

/**
 * What one connection was told of its writes, to a list and a counter that nobody else writes to, and whether that is true
 * of what a primary holds in the end. Numbers are appended in rising order, so the list shows what is missing, what ran
 * twice and what changed places.
 *
 * <p>Filled by the connection's own thread, asked by others.
 */
final class Ledger {
    /** Nothing acknowledged may be missing, whenever it was. */
    static final long FROM_THE_START = Long.MIN_VALUE;

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
    private record Write(long number, Outcome outcome, long answeredNanos) {}

    /** A read that ended with {@code found}, behind a write that had been acknowledged to the same connection. */
    private record Miss(long acknowledged, long found) {}

    private final String name;

    // All guarded by this.
    private final List<Write> appends = new ArrayList<>();
    private final List<Write> increments = new ArrayList<>();
    private final List<Miss> misses = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private int acknowledgedAppends;

    Ledger(String name) {
        this.name = name;
    }

    synchronized void appended(long number, Outcome outcome, long answeredNanos) {
        appends.add(new Write(number, outcome, answeredNanos));
        acknowledgedAppends += outcome == Outcome.OK ? 1 : 0;
        notifyAll();
    }

    synchronized void incremented(long value, Outcome outcome, long answeredNanos) {
        increments.add(new Write(value, outcome, answeredNanos));
    }

    /** The list's last element, -1 if it is empty, as read after the answer to the last append. */
    synchronized void read(long last) {
        Write latest = appends.get(appends.size() - 1);
        if (last > latest.number()) {
            violations.add("read " + last + " before it was written");
        }
        if (last < latest.number() && latest.outcome() == Outcome.OK) {
            misses.add(new Miss(latest.number(), last));
        }
    }

    /** Something that is wrong whatever the servers hold. */
    synchronized void violated(String what) {
        violations.add(what);
    }

    synchronized int appends() {
        return appends.size();
    }

    synchronized int acknowledgedAppends() {
        return acknowledgedAppends;
    }

    /** Waits until there are so many of these; false if {@code writing} ended before. */
    synchronized boolean await(ToIntFunction<Ledger> counted, int count, BooleanSupplier writing)
            throws InterruptedException {
        while (counted.applyAsInt(this) < count && writing.getAsBoolean()) {
            wait(100);
        }
        return counted.applyAsInt(this) >= count;
    }

    synchronized long uncertain() {
        return List.of(appends, increments).stream()
                .flatMap(List::stream)
                .filter(write -> write.outcome() == Outcome.UNCERTAIN)
                .count();
    }

    /** How many acknowledged appends are not among these. */
    synchronized long lost(List<Long> kept) {
        Set<Long> there = new HashSet<>(kept);
        return appends.stream()
                .filter(write -> write.outcome() == Outcome.OK && !there.contains(write.number()))
                .count();
    }

    /**
     * All that is wrong.
     *
     * @param kept the list as the surviving primary holds it
     * @param count the counter, likewise
     * @param owedFromNanos what was acknowledged from then on must be there: the takeover, or {@link #FROM_THE_START}
     */
    synchronized List<String> violations(List<Long> kept, long count, long owedFromNanos) {
        List<String> found = new ArrayList<>(violations);
        Set<Long> there = new HashSet<>();
        long before = -1;
        for (long number : kept) {
            if (!there.add(number)) {
                found.add(number + " ran twice");
            } else if (number < before) {
                found.add(number + " ran after " + before);
            }
            before = number;
        }
        for (Write write : appends) {
            if (write.outcome() == Outcome.OK
                    && write.answeredNanos() >= owedFromNanos
                    && !there.contains(write.number())) {
                found.add(write.number() + " was acknowledged and is lost" + since(write, owedFromNanos));
            }
        }
        // What a failover took away cannot be read; everything else must be, at once.
        misses.stream()
                .filter(miss -> there.contains(miss.acknowledged()))
                .forEach(miss ->
                        found.add("read " + miss.found() + " after " + miss.acknowledged() + " was acknowledged"));
        count(count, owedFromNanos, found);
        return found.stream().map(what -> name + ": " + what).toList();
    }

    /** From {@code owedFromNanos} on every acknowledged increment adds one, and every uncertain one at most one. */
    private void count(long count, long owedFromNanos, List<String> found) {
        long atLeast = 0;
        long atMost = owedFromNanos == FROM_THE_START ? 0 : Long.MAX_VALUE; // unknown until the first answer
        for (Write write : increments) {
            if (write.answeredNanos() < owedFromNanos) {
                continue;
            }
            boolean told = write.outcome() == Outcome.OK;
            atMost = atMost == Long.MAX_VALUE ? atMost : atMost + 1;
            atLeast += told ? 1 : 0;
            if (told) {
                expect("INCR gave " + write.number(), write.number(), atLeast, atMost, found);
                atLeast = write.number();
                atMost = write.number();
            }
        }
        expect("the counter is " + count + " in the end", count, atLeast, atMost, found);
    }

    private static void expect(String what, long value, long atLeast, long atMost, List<String> found) {
        if (value < atLeast || value > atMost) {
            found.add(what + " (expected: " + atLeast + ".." + atMost + ")");
        }
    }

    private static String since(Write write, long owedFromNanos) {
        return owedFromNanos == FROM_THE_START
                ? ""
                : ", " + (write.answeredNanos() - owedFromNanos) / 1_000_000 + " ms after the takeover";
    }
}
