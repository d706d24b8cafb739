package io.tidegate.proxy.upstream;

import java.util.ArrayList;
import java.util.List;

/** Runs for one event loop, used again and again so that a command allocates nothing. */
public final class RunPool {
    private static final int IDLE_MAX = 4_096;

    private final List<Run> idle = new ArrayList<>();

    public Run take() {
        int last = idle.size() - 1;
        return last < 0 ? new Run(this) : idle.remove(last);
    }

    void give(Run run) {
        if (idle.size() < IDLE_MAX) {
            idle.add(run);
        }
    }
}
