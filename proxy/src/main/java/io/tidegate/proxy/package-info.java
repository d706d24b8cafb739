/** proxy. */
@NullMarked
package io.tidegate.proxy;

import org.jspecify.annotations.NullMarked;
