/**
 * TLS 1.2 and 1.3 on both sides: what certificates, keys and authorities the configuration names, turned into Netty's
 * handlers, and followed when their files change.
 *
 * <p>Files are compared by content every two seconds on a thread of this package's own ({@link
 * io.tidegate.proxy.tls.TlsStore}), so that no event loop ever reads one. A renewed file makes a new context: the next
 * handshake gets it, and connections live on under the one they began with. What cannot be used (unreadable, expired, a key
 * that belongs to another certificate) leaves the old context in place, with one line in the log.
 *
 * <p>A handshake that fails ends its connection with one line, of which there are so many in half a minute at most, and
 * nothing else. No line has a byte of what the other side sent: whoever speaks plaintext to a TLS port may have begun with a
 * password. BoringSSL does the work where its library is there, the JDK elsewhere. A connection without TLS has nothing of
 * this package in its way but for a look at its first bytes.
 */
@NullMarked
package io.tidegate.proxy.tls;

import org.jspecify.annotations.NullMarked;
