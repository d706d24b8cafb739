package io.tidegate.proxy.metrics;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import org.jspecify.annotations.Nullable;

/** Sees what {@link NodeStats#eachDuration} has counted. */
interface DurationVisitor {
    /** From the arrival of requests to their replies' way out. */
    void request(@Nullable NodeAddress node, RequestGroup group, ReadLevel.Kind level, Histograms all, int one);

    /** How old what a replica held was at most. */
    void staleness(@Nullable NodeAddress node, ReadLevel.Kind level, Histograms all, int one);

    /** From the sending of requests to the reading of their replies. */
    void upstream(@Nullable NodeAddress node, Histograms all, int one);
}
