/**
 * What the words of a request say, whoever asks. {@link io.tidegate.proxy.request.RequestArgs} are the words of the command
 * that a scanner found last, where they lie in the client's own bytes, and {@link io.tidegate.proxy.request.CommandLookup} what
 * the command table knows of it; {@link io.tidegate.proxy.request.RedisNumbers}, {@link io.tidegate.proxy.request.KeyText} and
 * {@link io.tidegate.proxy.request.Remaining} are for single words. Nothing here is kept, or knows a client.
 */
@NullMarked
package io.tidegate.proxy.request;

import org.jspecify.annotations.NullMarked;
