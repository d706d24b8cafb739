/** Tests of the data plane's half of the routing core. */
@NullMarked
package io.tidegate.routing;

import org.jspecify.annotations.NullMarked;
