package io.tidegate.routing;

import org.jspecify.annotations.Nullable;

/**
 * Where one Redis or sentinel process listens. Two addresses are the same node only if host and port are equal
 * letter by letter: this class resolves no names, so configuration and sentinels must name a node the same way.
 *
 * @param host a host name, an IPv4 or an IPv6 address (without brackets)
 * @param port 1..65535
 */
public record NodeAddress(String host, int port) {
    public NodeAddress {
        if (host.isBlank()) {
            throw new IllegalArgumentException("host is empty (expected: a name or an IP address)");
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1..65535)");
        }
    }

    /**
     * Reads {@code host:port}, IPv6 as {@code [::1]:6379}.
     *
     * @throws IllegalArgumentException with what was expected
     */
    public static NodeAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isBlank() || (host.indexOf(':') >= 0 && !bracketed)) {
            throw new IllegalArgumentException("address: '" + text + "' (expected: host:port, IPv6 as [::1]:6379)");
        }
        try {
            return new NodeAddress(host, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("port in '" + text + "' (expected: 1..65535)", e);
        }
    }

    /** What a server says of another one; null if that is no address, as {@code ?} is none. */
    public static @Nullable NodeAddress orNull(@Nullable String host, long port) {
        return host == null || host.isBlank() || port < 1 || port > 65_535 ? null : new NodeAddress(host, (int) port);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
