/**
 * What is asked of Tidegate alone, each question a command: what the event loops allocate per request
 * ({@link io.tidegate.bench.alone.AllocCommand}), what a second event loop changes
 * ({@link io.tidegate.bench.alone.ScaleCommand}), how ten thousand clients fare beside one that reads slowly and one that
 * fetches large values ({@link io.tidegate.bench.alone.CrowdCommand}), and how much memory the largest value takes on its
 * way ({@link io.tidegate.bench.alone.HugeCommand}). Each prints a table; rounds, medians and processors are as in
 * {@code io.tidegate.bench.compare}.
 */
@NullMarked
package io.tidegate.bench.alone;

import org.jspecify.annotations.NullMarked;
