/**
 * The proxy and a bare server of the same version, given the same bytes: their replies have to be the same bytes.
 *
 * <p>{@code Mix} makes a {@code Program} of a seed: steps, each a pipeline on one of a few connections, of whatever a client
 * might send, wrong things included. {@code Duel} runs it against two {@code Peer}s, step by step, so that what one
 * connection does to another is the same on both sides; how a step's bytes are cut into pieces is of the seed too. {@code
 * Conversation} knows how many replies a request is owed, {@code Nature} what cannot be the same, and why: the one list of
 * it. {@code Shrinking} makes the shortest program of one that shows a difference.
 */
@NullMarked
package io.tidegate.proxy.agreement;

import org.jspecify.annotations.NullMarked;
