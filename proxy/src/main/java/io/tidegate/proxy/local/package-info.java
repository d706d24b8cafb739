/**
 * Real Redis servers, on loopback: what {@code tidegate demo} shows, and what every integration test and the bench run
 * against. There is no imitation of Redis anywhere in this project; whoever wants to know how a server behaves starts
 * one here and asks it.
 *
 * <p>{@link io.tidegate.proxy.local.LocalRedis} is the entry: a primary, its replicas and, if wanted, sentinels, ready
 * and agreed when {@code start()} returns, gone when it is closed. Each member is a
 * {@link io.tidegate.proxy.local.RedisProcess}, which can be killed, frozen, thawed and restarted; that is how faults
 * are made. A {@link io.tidegate.proxy.local.Place} gives it a network of its own, which a test can cut. {@link
 * io.tidegate.proxy.local.RedisBinary} finds the program (an override, {@code PATH}, or the one carried by Maven), and
 * {@link io.tidegate.proxy.local.RedisCommandClient} is the smallest client that can ask a
 * server something: blocking, one connection, not for the data plane.
 *
 * <p>Two rules hold everywhere. Nothing waits for an amount of time: everything waits for a condition, and a wait that
 * fails says which condition was missing and shows the end of the server's log. And nothing outlives its owner: closing
 * kills every process, a shutdown hook closes what was left open, and a watchdog process does the same for a JVM that
 * is itself killed.
 */
@NullMarked
package io.tidegate.proxy.local;

import org.jspecify.annotations.NullMarked;
