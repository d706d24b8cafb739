/** protocol. */
@NullMarked
package io.tidegate.protocol;

import org.jspecify.annotations.NullMarked;
