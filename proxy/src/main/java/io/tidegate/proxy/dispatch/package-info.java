/**
 * From a frame to its reply: {@link io.tidegate.proxy.dispatch.ControlSignals} is what this package asks of the
 * control plane; it is implemented there, so that the data plane knows nothing of sentinels and probes.
 */
@NullMarked
package io.tidegate.proxy.dispatch;

import org.jspecify.annotations.NullMarked;
