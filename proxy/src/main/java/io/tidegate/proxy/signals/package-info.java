/**
 * What the data plane and those who steer it tell one another; they know nothing else of each other.
 *
 * <p>{@link io.tidegate.proxy.signals.ControlSignals} is what event loops tell the control plane, which answers by publishing
 * tables. {@link io.tidegate.proxy.signals.SwitchoverSignals} and {@link io.tidegate.proxy.signals.ReloadSignals} are what
 * operators ask for, wherever they ask it, and get an {@link io.tidegate.proxy.signals.OperatorAnswer}. All of them return at
 * once: the work is done on another thread. {@link io.tidegate.proxy.signals.Facts} are what anybody is shown.
 */
@NullMarked
package io.tidegate.proxy.signals;

import org.jspecify.annotations.NullMarked;
