/**
 * Scripts as such: {@link io.tidegate.proxy.scripts.ScriptCache} keeps the sources that clients have sent, by {@link
 * io.tidegate.proxy.scripts.ScriptDigest}, for all event loops; {@link io.tidegate.proxy.scripts.ScriptFlags} are what one says
 * of itself. To which server one goes, and when, is decided in {@code dispatch}.
 */
@NullMarked
package io.tidegate.proxy.scripts;

import org.jspecify.annotations.NullMarked;
