/**
 * The command line.
 *
 * <p>{@link io.tidegate.proxy.cli.Main} is the entry: {@code serve} runs a proxy, {@code check} reads a configuration,
 * {@code demo} does both on servers of its own. Each command is a class; what they share:
 *
 * <ul>
 *   <li>{@code Console}: where a command writes. Results go to standard output, everything else, the log included, to
 *       standard error; with {@code --json} standard output gets exactly one line.
 *   <li>{@code Lifetime}: until when it runs. A signal does not end the process under a command's feet: it asks the
 *       command to return, which closes what it has opened in the reverse order, and waits for that.
 *   <li>{@code ReadyLine}: what {@code --json} prints, and its form for people.
 * </ul>
 *
 * <p>Exit codes: 0 is success, 1 a failure at run time, told in one line, 2 a wrong command line or configuration. A
 * process ended by a signal has the code that shells expect, 128 and the signal's number.
 *
 * <p>The demo is made of {@code DemoConfig} (it writes a configuration file and reads it like anybody's), {@code
 * Workload} (clients on plain sockets that keep account of what they were told), {@code LiveLine} and {@code
 * FailoverReport} (what it prints).
 */
@NullMarked
package io.tidegate.proxy.cli;

import org.jspecify.annotations.NullMarked;
