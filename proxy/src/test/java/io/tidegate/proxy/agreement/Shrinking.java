package io.tidegate.proxy.agreement;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Leaves out of a program whatever can be left out while it still shows a difference, any one. */
final class Shrinking {
    private final Duel duel;
    private final long deadlineNanos;

    /** @param deadlineNanos when to stop with what there is, on the JVM's clock */
    Shrinking(Duel duel, long deadlineNanos) {
        this.duel = duel;
        this.deadlineNanos = deadlineNanos;
    }

    List<Step> shrink(List<Step> program) {
        List<Step> shortest = program;
        boolean shorter = true;
        while (shorter) {
            int before = size(shortest);
            shortest = withoutSteps(shortest);
            shortest = withoutRequests(shortest);
            shorter = size(shortest) < before;
        }
        return shortest;
    }

    private static int size(List<Step> program) {
        return program.stream().mapToInt(step -> step.requests().size()).sum();
    }

    private List<Step> withoutSteps(List<Step> program) {
        List<Step> shortest = program;
        for (int length = Math.max(1, program.size() / 2); length > 0; length /= 2) {
            int at = 0;
            while (at < shortest.size()) {
                List<Step> shorter = new ArrayList<>(shortest);
                shorter.subList(at, Math.min(at + length, shorter.size())).clear();
                if (differs(shorter)) {
                    shortest = shorter;
                } else {
                    at += length;
                }
            }
        }
        return shortest;
    }

    private List<Step> withoutRequests(List<Step> program) {
        List<Step> shortest = new ArrayList<>(program);
        for (int i = 0; i < shortest.size(); i++) {
            int at = 0;
            while (at < shortest.get(i).requests().size()
                    && shortest.get(i).requests().size() > 1) {
                List<Request> requests = new ArrayList<>(shortest.get(i).requests());
                requests.remove(at);
                List<Step> shorter = new ArrayList<>(shortest);
                shorter.set(i, shortest.get(i).with(requests));
                if (differs(shorter)) {
                    shortest = shorter;
                } else {
                    at++;
                }
            }
        }
        return shortest;
    }

    private boolean differs(List<Step> program) {
        if (program.isEmpty() || System.nanoTime() > deadlineNanos) {
            return false;
        }
        try {
            return duel.run(program) != null;
        } catch (IOException unsound) {
            // What was left out was needed for the bare server to answer.
            return false;
        }
    }
}
