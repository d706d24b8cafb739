package io.tidegate.bench.drill;

/**
 * Who is primary in the end, and since when.
 *
 * @param address where it is asked for what it holds
 * @param takeoverMillis when it was last told to be, by the wall clock, in milliseconds of the epoch
 * @param takeovers how often any server was told to be since all was new: more than once if the sentinels had to fail over
 *     again, of which the survivor's is the last
 */
record Survivor(String address, long takeoverMillis, int takeovers) {}
