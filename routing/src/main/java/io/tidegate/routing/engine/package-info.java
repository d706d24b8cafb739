/** The control plane. */
@NullMarked
package io.tidegate.routing.engine;

import org.jspecify.annotations.NullMarked;
