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
 */
@NullMarked
package io.tidegate.proxy.cli.drill;

import org.jspecify.annotations.NullMarked;
