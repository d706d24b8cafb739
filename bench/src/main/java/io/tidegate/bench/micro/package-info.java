/**
 * The hot path piece by piece, under JMH: what a scan and a routing decision cost in nanoseconds and in bytes allocated.
 *
 * <p>{@link io.tidegate.bench.micro.RequestScanBenchmark} and {@link io.tidegate.bench.micro.ReplyScanBenchmark} walk a
 * pipeline of 64, as the data plane does with what one read brought, and report per command and per reply. Each has
 * Netty's own {@code RedisDecoder} beside it, which makes objects of the same bytes.
 * {@link io.tidegate.bench.micro.RouteBenchmark} asks the router at every level of consistency.
 * {@link io.tidegate.bench.micro.MicroBenchmarks} runs them all.
 *
 * <p>Every benchmark returns something that depends on all it did, so that the compiler cannot leave any of it out, and
 * works on what the proxy works on: direct buffers of Netty's default allocator, with Netty's checks as they are by
 * default. What they cannot show is what a piece costs among others, with cold caches and other people's branches: for
 * that there is {@code io.tidegate.bench.compare}.
 */
@NullMarked
package io.tidegate.bench.micro;

import org.jspecify.annotations.NullMarked;
