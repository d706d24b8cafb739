/**
 * Subscriptions of many clients over one connection to a server, without that connection: who listens to what, which
 * command goes upstream for whom, and what each frame that comes means. Read {@link io.tidegate.proxy.pubsub.Hub} first.
 * {@link io.tidegate.proxy.pubsub.Audience} adds up the hubs of all event loops.
 */
@NullMarked
package io.tidegate.proxy.pubsub;

import org.jspecify.annotations.NullMarked;
