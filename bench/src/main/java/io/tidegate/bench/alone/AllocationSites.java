package io.tidegate.bench.alone;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Where the threads of a recording have allocated most. */
final class AllocationSites {
    private static final String EVENT = "jdk.ObjectAllocationSample";
    private static final int FRAMES = 6;

    private AllocationSites() {}

    /**
     * A line for each of the first {@code max} sites, its share in front: what was allocated, and by whom.
     *
     * @param prefix of the names of the threads that count
     */
    static List<String> of(Path recording, String prefix, int max) throws IOException {
        List<RecordedEvent> samples = RecordingFile.readAllEvents(recording).stream()
                .filter(event -> event.getEventType().getName().equals(EVENT) && isBy(prefix, event.getThread()))
                .sorted(Comparator.comparing(RecordedEvent::getStartTime))
                .toList();
        Map<String, Long> weights = new HashMap<>();
        Set<Long> seen = new HashSet<>();
        for (RecordedEvent sample : samples) {
            // A sample weighs what its thread has allocated since its last one: the first all that was before.
            if (!seen.add(sample.getThread().getId())) {
                weights.merge(site(sample), sample.getLong("weight"), Long::sum);
            }
        }
        double all = weights.values().stream().mapToLong(Long::longValue).sum();
        return weights.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(max)
                .map(site -> String.format(Locale.ROOT, "%4.1f %%  %s", 100 * site.getValue() / all, site.getKey()))
                .toList();
    }

    private static boolean isBy(String prefix, @Nullable RecordedThread thread) {
        return thread != null && String.valueOf(thread.getJavaName()).startsWith(prefix);
    }

    private static String site(RecordedEvent event) {
        String what = event.getClass("objectClass").getName();
        if (event.getStackTrace() == null) {
            return what;
        }
        return what + " by "
                + event.getStackTrace().getFrames().stream()
                        .limit(FRAMES)
                        .map(AllocationSites::text)
                        .collect(joining(" < "));
    }

    private static String text(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        return type.substring(type.lastIndexOf('.') + 1) + "."
                + frame.getMethod().getName() + ":" + frame.getLineNumber();
    }
}
