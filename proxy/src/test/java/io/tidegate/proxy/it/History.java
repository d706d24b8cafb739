package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What happened to one key that only one connection writes to, with the numbers 1, 2, 3, …: when each write was sent and
 * acknowledged, and what each read returned. Instants are the JVM's, in nanoseconds: of a request from before it was sent, of
 * a reply from after it was read, so that an order of the two is never claimed that the proxy did not see.
 */
final class History {
    /** One read; of a key that is not there it returns 0. */
    record Read(long sentNanos, long repliedNanos, int value) {}

    private final String key;

    // Written by the one writer, by number; read once it is done.
    private final List<Long> sentNanos = new ArrayList<>(List.of(Long.MIN_VALUE));
    private final List<Long> acknowledgedNanos = new ArrayList<>(List.of(Long.MIN_VALUE));

    // Guarded by this.
    private final List<Read> reads = new ArrayList<>();

    History(String key) {
        this.key = key;
    }

    String key() {
        return key;
    }

    void sent(long nanos) {
        sentNanos.add(nanos);
    }

    void acknowledged(long nanos) {
        acknowledgedNanos.add(nanos);
    }

    synchronized void read(long sent, long replied, int value) {
        reads.add(new Read(sent, replied, value));
    }

    synchronized int reads() {
        return reads.size();
    }

    /** Reads that returned less than what was acknowledged {@code bound} before they were sent. */
    synchronized List<Read> stale(long boundNanos) {
        return reads.stream()
                .filter(read -> read.value() < lastBefore(acknowledgedNanos, read.sentNanos() - boundNanos))
                .toList();
    }

    /** Each read returns at least what was acknowledged before it was sent, or that long before, and nothing unheard of. */
    synchronized void checkFresh(long boundNanos) {
        assertThat(reads).as(key + " was read").isNotEmpty();
        assertThat(stale(boundNanos)).as(key + ": stale reads").isEmpty();
        assertThat(reads)
                .as(key + ": reads of what was not written yet")
                .allMatch(read -> read.value() <= lastBefore(sentNanos, read.repliedNanos()));
    }

    /** With {@link #checkFresh} of 0: writes and reads can be put into one order that time does not contradict. */
    synchronized void checkNoReadGoesBack() {
        List<Read> bySent = new ArrayList<>(reads);
        bySent.sort(Comparator.comparingLong(Read::sentNanos));
        List<Read> byReplied = new ArrayList<>(reads);
        byReplied.sort(Comparator.comparingLong(Read::repliedNanos));
        int done = 0;
        int atLeast = 0;
        for (Read read : bySent) {
            while (byReplied.get(done).repliedNanos() < read.sentNanos()) {
                atLeast = Math.max(atLeast, byReplied.get(done++).value());
            }
            assertThat(read.value()).as(key + ": after a read that had ended").isGreaterThanOrEqualTo(atLeast);
        }
    }

    /** The number of the last write whose instant is not after this one. */
    private static int lastBefore(List<Long> instants, long nanos) {
        int low = 0;
        int high = instants.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (instants.get(middle) <= nanos) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
