/** routing. */
@NullMarked
package io.tidegate.routing;

import org.jspecify.annotations.NullMarked;
