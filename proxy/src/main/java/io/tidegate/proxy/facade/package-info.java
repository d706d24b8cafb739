/**
 * A port that answers as a sentinel, for clients that look for the primary by asking one: it names this proxy, which is
 * never failed over. It knows nothing of the shard; clients that cannot do without sentinels need no change, that is all.
 *
 * <p>Its clients are served on the event loops of the others, by {@link io.tidegate.proxy.facade.SentinelClient}, and ask
 * nothing that has to be waited for. Bounded: clients, the bytes of a command, subscriptions of a client; one that does
 * not read its replies is not read from; and what one may take for its first question, for the rest of a command, and for
 * taking its replies ({@code Punctuality}).
 */
@NullMarked
package io.tidegate.proxy.facade;

import org.jspecify.annotations.NullMarked;
