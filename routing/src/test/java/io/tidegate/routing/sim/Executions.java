package io.tidegate.routing.sim;

import io.tidegate.routing.sim.Violation.Invariant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * I5: no write runs twice, but for one that was provably gone and therefore sent again, which no data set may hold twice;
 * and none runs that was refused.
 */
final class Executions {
    private final Map<Integer, List<Place>> places = new HashMap<>();
    private final Set<Integer> refused = new HashSet<>();
    private final Set<Integer> sentAgain = new HashSet<>();

    /** Where a write is: at {@code index} of every log that holds it. */
    record Place(Log.Entry entry, int index) {}

    /** @param log what it runs on, without it */
    void ran(int write, Log.Entry entry, Log log) {
        List<Place> ran = places.computeIfAbsent(write, first -> new ArrayList<>(1));
        check(ran.isEmpty() || sentAgain.contains(write), () -> "write " + write + " ran twice");
        for (Place before : ran) {
            check(
                    !log.snapshot().holds(before.entry(), before.index()),
                    () -> "write " + write + ", said to be gone, ran twice on the same data");
        }
        check(!refused.contains(write), () -> "write " + write + " ran after it was refused");
        ran.add(new Place(entry, log.size()));
    }

    /** It is provably gone, wherever it ran. */
    void sentAgain(Request request) {
        sentAgain.add(request.write);
    }

    int countSentAgain() {
        return sentAgain.size();
    }

    void refused(Request request) {
        refused.add(request.write);
        check(!places.containsKey(request.write), () -> request + " ran, and was refused");
    }

    /** Where it ran last on this process. */
    @Nullable Place acknowledged(Request request, String runId) {
        Place last = null;
        for (Place place : places.getOrDefault(request.write, List.of())) {
            last = place.entry().runId().equals(runId) ? place : last;
        }
        Place found = last;
        check(found != null, () -> request + " was acknowledged and did not run");
        return found;
    }

    private static void check(boolean holds, Supplier<String> what) {
        if (!holds) {
            throw new Violation(Invariant.I5_AT_MOST_ONCE, what.get());
        }
    }
}
