package io.tidegate.bench.stage;

import java.io.IOException;
import java.util.Optional;

/** A way to reach Redis. */
public sealed interface Subject permits DirectSubject, TidegateSubject, PeerSubject {
    /** As it was asked for, and as it stands in the table. */
    String name();

    /** Why it cannot run on this machine, if so. */
    Optional<String> missing();

    /** Starts it and returns when it answers. The caller closes it. */
    Running start(Stage stage) throws IOException, InterruptedException;
}
