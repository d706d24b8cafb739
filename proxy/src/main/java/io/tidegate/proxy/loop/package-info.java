/**
 * What every event loop needs and nobody owns: which transport it runs on, how it looks names up, where its bytes come
 * in, how they leave it, and when; how long its clients may take.
 *
 * <p>Three decisions of this package carry the proxy's cost per request. First, nothing is flushed where it is written: a
 * write marks its channel dirty with the loop's {@link io.tidegate.proxy.loop.FlushBatch}, which flushes all dirty
 * channels once, after the loop has read everything that was ready. A pipeline of 64 replies, or 64 clients with one
 * command each, then costs one system call per side instead of 64. Second, small pieces are copied into one growing
 * buffer per channel ({@link io.tidegate.proxy.loop.OutBuffer}), large ones are passed on as slices of the buffer they
 * were read into; copying 100 bytes is cheaper than a reference count, copying 100 KiB is not. Slices alone are flushed at
 * once, when what one socket gave is dealt with: their bytes are still in the processor's cache. Third, buffers stay: a
 * loop reads all its sockets into one ({@link io.tidegate.proxy.loop.ReceiveBuffers}), a channel writes from the same
 * one again, so that what a request touches is in the processor's cache and the allocator is not asked.
 *
 * <p>Everything here is confined to the event loop that owns the channel, but for what is told of it: {@link
 * io.tidegate.proxy.loop.FewLines} keeps a flood of the same out of the log, {@link io.tidegate.proxy.loop.Reasons} a failure to a
 * clause.
 */
@NullMarked
package io.tidegate.proxy.loop;

import org.jspecify.annotations.NullMarked;
