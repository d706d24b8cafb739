/**
 * The command line.
 *
 * <p>{@link io.tidegate.proxy.cli.Main} is the entry: {@code serve} runs a proxy, {@code check} reads a configuration and,
 * with {@code --live} ({@code LiveCheck}), looks at the shard it names, {@code health} asks a running one how it is, {@code switchover} has it change the primary, {@code reload} read its
 * configuration again,
 * {@code drill} ({@link io.tidegate.proxy.cli.drill}) finds out what becomes of everything when that fails, {@code demo} does both on servers of its own, {@code train} does the same for some seconds and for nobody to see. Each
 * command is a class; what they share:
 *
 * <ul>
 *   <li>{@code Console}: where a command writes. Results go to standard output, everything else, the log included, to
 *       standard error; with {@code --json} standard output gets exactly one line.
 *   <li>{@code Lifetime}: until when it runs. A signal does not end the process under a command's feet: it asks the
 *       command to return, which closes what it has opened in the reverse order, and waits for that.
 *   <li>{@code Option}, {@code Arguments}, {@code Usage}: reading a command line and explaining it. By hand and not by a
 *       library: three commands with six options need little, and a library's annotations took a sixth of a start.
 *   <li>{@code LogSetUp}: what a line of the log looks like.
 *   <li>{@code ReadyLine}: what {@code --json} prints, and its form for people.
 * </ul>
 *
 * <h2>Starting quickly</h2>
 *
 * A sidecar starts whenever its application does, and nobody is served before. Most of a start is the JVM reading, checking
 * and linking some five thousand classes, then interpreting them. So the launcher has it record one run, {@code
 * TrainCommand}, and hands it the record from then on; and what a start does not need is left for later or out: XML, the
 * flight recorder, Lettuce's synchronous and reactive faces, everything of Prometheus before the first scrape.
 *
 * <p>Exit codes: 0 is success, 1 a failure at run time, told in one line, 2 a wrong command line or configuration. A
 * process ended by a signal has the code that shells expect, 128 and the signal's number.
 *
 * <p>The demo is made of {@code DemoSet} (its servers and its proxy), {@code DemoConfig} (it writes a configuration file and reads it like anybody's), {@code
 * Workload} (clients on plain sockets that keep account of what they were told), {@code LiveLine} and {@code
 * FailoverReport} (what it prints).
 */
@NullMarked
package io.tidegate.proxy.cli;

import org.jspecify.annotations.NullMarked;
