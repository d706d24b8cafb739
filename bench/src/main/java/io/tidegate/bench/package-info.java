/**
 * What Tidegate costs, measured rather than claimed: the time and allocation of a scan and of a routing decision, and
 * the throughput, latency and processor time of the whole proxy beside what else is installed on the machine. A figure
 * from here is a report with the machine's noise in it, never an assertion: no test fails because a neighbour was busy.
 */
@NullMarked
package io.tidegate.bench;

import org.jspecify.annotations.NullMarked;
