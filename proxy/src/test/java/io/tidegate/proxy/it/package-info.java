/**
 * The whole proxy in front of real servers and sentinels, seen as an application sees it. {@code Stack} starts both and
 * ends both; {@code Workload} writes on several connections and keeps what each was told. Faults are made on the
 * servers' processes, and what is asserted is the recorded history: nothing acknowledged is lost, nothing ran twice,
 * nothing changed places, and no error was seen but the one that says it does not know.
 */
@NullMarked
package io.tidegate.proxy.it;

import org.jspecify.annotations.NullMarked;
