/**
 * What is counted, and how it gets out.
 *
 * <p>{@link io.tidegate.proxy.metrics.Meter} is the list of all meters: name, kind, unit, tags, meaning;
 * {@link io.tidegate.proxy.metrics.BackendMeter} that of what nodes say of themselves. Two classes
 * count: {@link io.tidegate.proxy.metrics.LoopStats}, one per event loop, so cheap that it can count every request (by node
 * in {@code NodeStats}; its writes by claim, in a {@code WriteTally}, so that what a failover lost can be bounded), and
 * {@link io.tidegate.proxy.metrics.ControlStats} for the control plane. {@link io.tidegate.proxy.metrics.Metrics} sums
 * them up when somebody asks, adds what the routing table knows, and gives all of it as Prometheus text and the gist as
 * {@link io.tidegate.proxy.metrics.Figures}, which the demo prints.
 *
 * <p>Durations go to {@code Histograms} of fixed bounds, one addition for a whole run of commands, since they came and were
 * answered together; {@code DurationCollector} sums them up. {@link io.tidegate.proxy.metrics.BackendView} is the one thing
 * that a scrape sets in motion: for as long as somebody scrapes, nodes are asked.
 *
 * <p>Counters live in plain longs and Micrometer reads them through functions: an event loop pays for an addition, not
 * for a registry. Tags are bounded: levels, reasons and errors are enums, nodes are counted apart up to a limit.
 */
@NullMarked
package io.tidegate.proxy.metrics;

import org.jspecify.annotations.NullMarked;
