/**
 * What a measurement stands on: a Redis, proxies in front of it, the load, each a process on a processor of its own.
 *
 * <p>{@link io.tidegate.bench.stage.StageOptions} makes a {@link io.tidegate.bench.stage.Stage} of a command line: one
 * primary, two replicas, three sentinels. On it a {@link io.tidegate.bench.stage.Subject} is started: none
 * ({@code DirectSubject}), Tidegate with any settings ({@code TidegateSubject}), or a proxy by others
 * ({@code PeerSubject}, whose table of configurations is {@code Peer}). {@link io.tidegate.bench.stage.LoadProcess} is
 * the one load. {@link io.tidegate.bench.stage.Cpus} says which processors are whose.
 *
 * <p>Everything that is started is a {@link io.tidegate.bench.stage.Child}, which dies with this JVM however that ends,
 * or belongs to {@link io.tidegate.proxy.local.LocalRedis}, which sees to it itself.
 */
@NullMarked
package io.tidegate.bench.stage;

import org.jspecify.annotations.NullMarked;
