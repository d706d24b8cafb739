package io.tidegate.proxy.cli.drill;

import java.time.Duration;

/** Until when a drill goes on: somebody may end it at any time, and then it only cleans up. */
public interface Stop {
    /** Waits for so long; true, and at once, if the drill is to end. */
    boolean await(Duration limit) throws InterruptedException;
}
