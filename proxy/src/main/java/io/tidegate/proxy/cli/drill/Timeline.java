package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.cli.drill.History.Write;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;

/**
 * What clients felt of a fault, by time. Instants are microseconds of the drill's clock; every answer counts when it was read.
 *
 * @param beginMicros when the writing began
 * @param faultMicros when the fault was about to be made
 * @param endMicros when the writing ended
 * @param rtoMicros the longest time, from the fault on, in which nobody had a write acknowledged
 * @param outageMicros when that began
 * @param back whether it ended by an acknowledgement, and not by the end of the writing
 * @param pauses the longest such time of each client, in order of length; what it waited at the fault included
 * @param acknowledged acknowledgements per bin
 * @param failed likewise
 * @param uncertain likewise
 */
public record Timeline(
        long beginMicros,
        long faultMicros,
        long endMicros,
        long rtoMicros,
        long outageMicros,
        boolean back,
        List<Long> pauses,
        List<Integer> acknowledged,
        List<Integer> failed,
        List<Integer> uncertain) {
    /** The width of a bin. */
    public static final long BIN_MICROS = 100_000;

    public Timeline {
        pauses = List.copyOf(pauses);
        acknowledged = List.copyOf(acknowledged);
        failed = List.copyOf(failed);
        uncertain = List.copyOf(uncertain);
    }

    static Timeline of(List<History> histories, long beginMicros, long faultMicros, long endMicros) {
        long[] all = histories.stream()
                .flatMapToLong(Timeline::acknowledgements)
                .sorted()
                .toArray();
        Gap longest = longestGap(all, faultMicros, faultMicros, endMicros);
        List<Long> pauses = histories.stream()
                .map(history -> pause(acknowledgements(history).toArray(), faultMicros, endMicros))
                .sorted()
                .toList();
        int bins = (int) ((endMicros - beginMicros) / BIN_MICROS) + 1;
        Map<Outcome, int[]> counts = new EnumMap<>(Map.of(
                Outcome.ACKNOWLEDGED, new int[bins], Outcome.FAILED, new int[bins], Outcome.UNCERTAIN, new int[bins]));
        for (History history : histories) {
            for (Write write : history.writes()) {
                long bin = (write.answeredMicros() - beginMicros) / BIN_MICROS;
                Objects.requireNonNull(counts.get(write.answer().outcome()))[
                        (int) Math.max(0, Math.min(bins - 1, bin))]++;
            }
        }
        return new Timeline(
                beginMicros,
                faultMicros,
                endMicros,
                longest.endMicros - longest.beginMicros,
                longest.beginMicros,
                longest.endMicros < endMicros || longest.endMicros == longest.beginMicros,
                pauses,
                list(Objects.requireNonNull(counts.get(Outcome.ACKNOWLEDGED))),
                list(Objects.requireNonNull(counts.get(Outcome.FAILED))),
                list(Objects.requireNonNull(counts.get(Outcome.UNCERTAIN))));
    }

    private record Gap(long beginMicros, long endMicros) {
        Gap longer(Gap other) {
            return other.endMicros - other.beginMicros > endMicros - beginMicros ? other : this;
        }
    }

    private static LongStream acknowledgements(History history) {
        return history.writes().stream().filter(Write::acknowledged).mapToLong(Write::answeredMicros);
    }

    /** Between instants that follow one another, from {@code beginMicros} and with the end as the last. */
    private static Gap longestGap(long[] instants, long beginMicros, long afterMicros, long endMicros) {
        Gap longest = new Gap(beginMicros, beginMicros);
        long before = beginMicros;
        for (long instant : instants) {
            if (instant > afterMicros && instant < endMicros) {
                longest = longest.longer(new Gap(before, instant));
                before = instant;
            }
        }
        return longest.longer(new Gap(before, endMicros));
    }

    /** From the last acknowledgement before the fault on. */
    private static long pause(long[] instants, long faultMicros, long endMicros) {
        long before = Arrays.stream(instants)
                .filter(instant -> instant <= faultMicros)
                .max()
                .orElse(faultMicros);
        Gap longest = longestGap(instants, before, faultMicros, endMicros);
        return longest.endMicros - longest.beginMicros;
    }

    private static List<Integer> list(int[] counts) {
        List<Integer> list = new ArrayList<>(counts.length);
        Arrays.stream(counts).forEach(list::add);
        return list;
    }

    /** The longest pause that so large a part of the clients did not exceed. */
    public long pauseMicros(double part) {
        return Latency.part(pauses.stream().mapToLong(Long::longValue).toArray(), part);
    }
}
