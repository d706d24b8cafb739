package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.metrics.TopKeys;
import io.tidegate.proxy.request.KeyText;
import io.tidegate.proxy.signals.Facts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sketches of all loops as one table, the heaviest key first. */
final class KeyTables {
    /** So many are told. */
    static final int TOLD_MAX = 16;

    private KeyTables() {}

    /** Of one key, over all loops. */
    private static final class Sum {
        final TopKeys.Key key;
        long weight;
        long sure;
        long largest;

        Sum(TopKeys.Key key) {
            this.key = key;
        }
    }

    /** Shares of the commands in the sample that have keys; by keys, if a command has several. */
    static List<Facts> used(List<TopKeys.Snapshot> loops, boolean keys) {
        long total = total(loops);
        List<Facts> told = new ArrayList<>();
        for (Sum sum : heaviest(loops)) {
            told.add(new Facts()
                    .add("key", text(sum, keys))
                    .add("command", sum.key.command())
                    .add("percent-at-least", percent(sum.sure, total))
                    .add("percent-at-most", percent(Math.min(total, sum.weight), total))
                    .add("sampled", sum.weight));
        }
        return told;
    }

    /** Bytes since the start. */
    static List<Facts> big(List<TopKeys.Snapshot> loops, boolean keys) {
        List<Facts> told = new ArrayList<>();
        for (Sum sum : heaviest(loops)) {
            told.add(new Facts()
                    .add("key", text(sum, keys))
                    .add("command", sum.key.command())
                    .add("largest-bytes", sum.largest)
                    .add("total-bytes-at-least", sum.sure)
                    .add("total-bytes-at-most", sum.weight));
        }
        return told;
    }

    private static long total(List<TopKeys.Snapshot> loops) {
        return loops.stream().mapToLong(TopKeys.Snapshot::total).sum();
    }

    private static String text(Sum sum, boolean keys) {
        return keys ? KeyText.of(sum.key.begin(), sum.key.length()) : KeyText.HIDDEN;
    }

    private static double percent(long part, long whole) {
        return whole == 0 ? 0 : 100.0 * part / whole;
    }

    private static List<Sum> heaviest(List<TopKeys.Snapshot> loops) {
        Map<String, Sum> sums = new LinkedHashMap<>();
        for (TopKeys.Snapshot loop : loops) {
            for (TopKeys.Key key : loop.keys()) {
                Sum sum = sums.computeIfAbsent(identity(key), any -> new Sum(key));
                // A loop in whose sketch it has no place may have had it as often as the lightest that has one.
                sum.weight += key.weight() - loop.missing();
                sum.sure += key.weight() - key.excess();
                sum.largest = Math.max(sum.largest, key.largest());
            }
        }
        long missing = loops.stream().mapToLong(TopKeys.Snapshot::missing).sum();
        return sums.values().stream()
                .peek(sum -> sum.weight += missing)
                .filter(sum -> sum.weight > 0)
                .sorted(Comparator.comparingLong((Sum sum) -> sum.sure)
                        .thenComparingLong(sum -> sum.weight)
                        .reversed())
                .limit(TOLD_MAX)
                .toList();
    }

    /** Of keys whose first bytes and lengths agree one is told for all: they look the same. */
    private static String identity(TopKeys.Key key) {
        return key.length() + ":" + key.begin();
    }
}
