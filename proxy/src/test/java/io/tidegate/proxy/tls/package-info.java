/** What files of certificates and keys are understood. */
@NullMarked
package io.tidegate.proxy.tls;

import org.jspecify.annotations.NullMarked;
