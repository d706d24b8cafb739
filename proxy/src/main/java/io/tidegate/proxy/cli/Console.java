package io.tidegate.proxy.cli;

import java.io.PrintStream;
import java.util.Map;

/**
 * What a command has around it.
 *
 * @param out standard output: results
 * @param err standard error: everything else
 * @param variables the environment
 * @param lifetime until when it runs
 */
record Console(PrintStream out, PrintStream err, Map<String, String> variables, Lifetime lifetime) {}
