/**
 * The whole proxy in front of real servers and sentinels, seen as an application sees it. {@code Stack} starts both and
 * ends both; {@code Workload} writes on several connections, and {@code Ledger} keeps what each was told and compares it with
 * what the surviving primary holds. Faults ({@code Fault}) are made on the servers' processes and, where the system lets the
 * test make networks, on the cables between them. What is asserted is the recorded history: nothing that was acknowledged
 * after a promotion is lost, nothing ran twice, nothing changed places, no session missed its own write, and no error was
 * seen but the one that says it does not know.
 *
 * <p>{@code History} is the record of a key that one connection writes and others read, for what the levels of consistency
 * promise. {@code LettuceScript} and {@code JedisScript} are ordinary uses of client libraries, run against a bare server
 * and through the proxy: what they return has to be the same. {@code NodeClientsIT} has its applications
 * in {@code src/test/node}. {@code Serving} is the proxy as a process, with its log.
 */
@NullMarked
package io.tidegate.proxy.it;

import org.jspecify.annotations.NullMarked;
