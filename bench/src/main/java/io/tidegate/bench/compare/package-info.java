/**
 * Tidegate beside its peers: the same requests to the same Redis, directly and through each proxy, by turns.
 *
 * <p>{@link io.tidegate.bench.compare.CompareCommand} is the command line. {@code Comparison} is the course of events:
 * warm everything up, measure throughput and cost in rounds, then latencies at a rate that all can hold, in rounds
 * again; for each case, which is a {@link io.tidegate.bench.load.Traffic}. {@code Results} is all that came of it, a file
 * of JSON; {@code Report} makes tables of it and {@code Plots} curves, at once or later.
 *
 * <p>What makes the figures comparable:
 *
 * <ul>
 *   <li>Rounds go A B C A B C, and ratios are taken within a round: what slows the machine down for a minute slows down
 *       everybody. Medians are shown with the least and the most, so that nobody reads noise as a difference.
 *   <li>Every proxy is a process of its own with a processor to itself ({@link io.tidegate.bench.stage.Cpus}), its cost
 *       is what the kernel has charged that process with, and the load that counted the requests looked it up
 *       ({@code io.tidegate.bench.load}). Redis and the load share the other processor, for all alike.
 *   <li>Proxies that are not measured are idle but alive. They cost next to nothing then, and one that is started anew
 *       for each round would be measured cold.
 *   <li>An error, a value that is missing or a failover among the servers ends the comparison: nobody is fast by
 *       answering something else.
 * </ul>
 */
@NullMarked
package io.tidegate.bench.compare;

import org.jspecify.annotations.NullMarked;
