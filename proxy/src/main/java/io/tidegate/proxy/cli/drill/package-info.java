/**
 * An HA drill: what a deployment does when its primary fails, seen by applications, and what of that is true in the end.
 *
 * <p>Every client appends the numbers 0, 1, 2, … to a stream of its own and notes for each what it was told ({@link
 * io.tidegate.proxy.cli.drill.History}): acknowledged, failed, uncertain. It makes no write twice, and reads in between.
 * When it has ended, the stream that the surviving primary holds is compared with it
 * ({@link io.tidegate.proxy.cli.drill.Findings}): what was acknowledged and is not there is lost; what is there twice was
 * made twice by whoever stands in between; a read that did not show what the same connection had written or seen, and what
 * is still there, was stale. That much is also what the comparison with other proxies and clients in {@code bench} is made
 * of.
 *
 * <p>{@link io.tidegate.proxy.cli.drill.Drill} takes the steps of a {@link io.tidegate.proxy.cli.drill.Plan}, one after the
 * other, and tells each when it has ended. What only looks ({@code Survey}, {@code Monitoring}) comes first; what writes or
 * breaks anything ({@code FailoverStep} with its {@code Crowd} of clients and its {@code Fault}) is only come to if the plan
 * allows it and all was well; and whatever happens then, {@code Cleaning} is the last. {@code Timeline} has what is counted by
 * time, and {@link io.tidegate.proxy.cli.drill.Report} all, for a terminal, a browser or a program.
 *
 * <p>Nothing here knows Tidegate but its admin port and one section of its INFO: the target is any Redis endpoint.
 */
@NullMarked
package io.tidegate.proxy.cli.drill;

import org.jspecify.annotations.NullMarked;
