/**
 * Faults under load, and what is true in the end of what applications were told: {@code drill}.
 *
 * <p>A benchmark says how fast a write is acknowledged; here the question is what an acknowledgement is worth. Every
 * connection appends the numbers 0, 1, 2, … to a stream of its own and notes for each what it was told
 * ({@link io.tidegate.proxy.cli.drill.History}): acknowledged, failed, uncertain. Then the primary fails ({@code Fault}), another takes over, and when
 * the writing has ended and all servers are in their places the streams are read from the survivor and compared with the
 * histories ({@code Judgement}, {@code Verdict}): what was acknowledged and is not there is lost, what is there twice was made twice by whoever stands
 * between the application and Redis, since no application makes a write a second time.
 *
 * <p>Streams rather than lists, because a server puts its own time into the id of an entry when it runs the {@code XADD}.
 * So it is known which writes the new primary ran itself: those in its stream that are later than its takeover, for from
 * then on nothing came to it from the old primary any more. The takeover is what its log says of {@code SLAVEOF NO ONE}
 * ({@code Takeover}). All clocks are one, that of this machine.
 *
 * <p>Who survives is only asked when nobody writes any more. Sentinels on a busy machine fail over a second time, and then
 * the primary that all agreed on while there was writing may be neither the one that has the last writes nor the one whose
 * takeover counts. Such a round says so: it has two takeovers.
 *
 * <p>Subjects are proxies of {@link io.tidegate.bench.stage} and ways for an application to find the primary itself
 * ({@code Application}). Either they write side by side to the same servers and meet the same takeover, so that it can be
 * said who was first; or each has new servers and the whole rate to itself, so that none costs another anything. All
 * applications are threads of one process ({@link io.tidegate.bench.drill.WritersCommand}), so that neither has a warmer
 * JVM. {@code Partition} cuts the network between that process and the majority of servers.
 */
@NullMarked
package io.tidegate.bench.drill;

import org.jspecify.annotations.NullMarked;
