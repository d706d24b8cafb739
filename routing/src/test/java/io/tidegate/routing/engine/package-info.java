/**
 * Tests of the control plane. {@code Story} scripts a shard event by event in the words of the wire; the scenarios that
 * bear the name of a real event (kill, SENTINEL FAILOVER, a primary stopped for just long enough) repeat what Redis
 * 7.0.15 sentinels were seen to say, message by message.
 */
@NullMarked
package io.tidegate.routing.engine;

import org.jspecify.annotations.NullMarked;
