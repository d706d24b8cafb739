package io.tidegate.bench.load;

/** What came back on all connections of a run. Confined to the run's event loop. */
final class Tally {
    long replies;
    long errors;
    long misses;
}
