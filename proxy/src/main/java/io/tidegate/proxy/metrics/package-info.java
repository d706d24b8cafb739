/** metrics. */
@NullMarked
package io.tidegate.proxy.metrics;

import org.jspecify.annotations.NullMarked;
