/**
 * The whole proxy in front of real servers and sentinels, seen as an application sees it. {@code Stack} starts both and
 * ends both; {@code Workload} writes on several connections and keeps what each was told. Faults are made on the
 * servers' processes, and what is asserted is the recorded history: nothing acknowledged is lost, nothing ran twice,
 * nothing changed places, and no error was seen but the one that says it does not know.
 *
 * <p>{@code History} is the record of a key that one connection writes and others read, for what the levels of consistency
 * promise. {@code LettuceScript} and {@code JedisScript} are ordinary uses of client libraries, run against a bare server
 * and through the proxy: what they return has to be the same. {@code Serving} is the proxy as a process, with its log.
 */
@NullMarked
package io.tidegate.proxy.it;

import org.jspecify.annotations.NullMarked;
