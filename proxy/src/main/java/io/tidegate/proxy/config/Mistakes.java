package io.tidegate.proxy.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is wrong, and what is merely odd, so that an operator hears of all of it in one run. */
final class Mistakes {
    /** Nobody mends more than this in one go, and a hostile file must not make a report without end. */
    private static final int SHOWN_MAX = 100;

    private final Set<String> mistakes = new LinkedHashSet<>();
    private final List<String> warnings = new ArrayList<>();
    private int notShown;

    /** The setting at {@code path}, written at {@code place}, cannot be used: {@code problem}. */
    void add(String place, String path, String problem) {
        String line = place + ": " + (path.isEmpty() ? "" : path + ": ") + problem;
        if (mistakes.size() < SHOWN_MAX || mistakes.contains(line)) {
            mistakes.add(line);
        } else {
            notShown++;
        }
    }

    /** What is there does not fit. */
    void unfit(Tree found, String path, String expected) {
        add(found.place(), path, found.describe() + " (expected: " + expected + ")");
    }

    void warn(String place, String path, String oddity) {
        warnings.add(place + ": " + path + ": " + oddity);
    }

    boolean none() {
        return mistakes.isEmpty();
    }

    List<String> all() {
        List<String> all = new ArrayList<>(mistakes);
        if (notShown > 0) {
            all.add("… and " + notShown + " more");
        }
        return all;
    }

    List<String> warnings() {
        return List.copyOf(warnings);
    }
}
