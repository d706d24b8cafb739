/**
 * Load: one thread that asks as many questions as one core can, of anything that speaks RESP.
 *
 * <p>There are two questions about a server under load, and one kind of traffic cannot answer both. <em>How much can it
 * do?</em> {@code ClosedLoop} keeps every connection busy: the next batch is sent when the last one is answered. <em>How
 * long does one wait?</em> {@code OpenLoop} sends at a fixed rate, whatever comes back, and measures each reply from the
 * instant at which its request was <em>meant</em> to be sent. A server that stops for a second then shows the thousands
 * of waits that it caused; a closed loop would stop asking and show one ("coordinated omission", <a
 * href="https://www.youtube.com/watch?v=lJ8ydIuPFeU">Tene, How not to measure latency</a>).
 *
 * <p>{@link io.tidegate.bench.load.LoadPlan} says what a run is, {@link io.tidegate.bench.load.LoadResult} what came of
 * it; both are lines of JSON. {@link io.tidegate.bench.load.LoadCommand} is the command line. It runs as a process of its
 * own, so that it can be given a core, and makes any number of runs one after the other, so that its JVM is warm for all
 * but the first. {@code LoadRun} is one run: it connects, lets the traffic settle, and then looks at the counters twice.
 * The processes whose cost is in question ({@link io.tidegate.bench.load.ProcessUsage}) are looked at in the same two
 * moments, since that is when it is known how many requests their time was spent on.
 *
 * <p>Everything of a run happens on its one event loop, so nothing is shared and nothing is locked. Requests are encoded
 * before it begins; replies are only counted and told from errors, with the same scanner for every server that is
 * measured.
 */
@NullMarked
package io.tidegate.bench.load;

import org.jspecify.annotations.NullMarked;
