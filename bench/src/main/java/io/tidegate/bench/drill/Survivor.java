package io.tidegate.bench.drill;

/**
 * Who is primary in the end, and since when.
 *
 * @param address where it is asked for what it holds
 * @param takeoverMillis when it was told to be, by the wall clock, in milliseconds of the epoch
 */
record Survivor(String address, long takeoverMillis) {}
