package io.tidegate.bench.alone;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;

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
        Map<String, Long> weights = new HashMap<>();
        for (RecordedEvent event : RecordingFile.readAllEvents(recording)) {
            RecordedThread thread = event.getThread();
            if (event.getEventType().getName().equals(EVENT)
                    && thread != null
                    && String.valueOf(thread.getJavaName()).startsWith(prefix)) {
                weights.merge(site(event), event.getLong("weight"), Long::sum);
            }
        }
        double all = weights.values().stream().mapToLong(Long::longValue).sum();
        return weights.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(max)
                .map(site -> String.format(Locale.ROOT, "%4.1f %%  %s", 100 * site.getValue() / all, site.getKey()))
                .toList();
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
