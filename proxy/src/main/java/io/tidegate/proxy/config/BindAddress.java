package io.tidegate.proxy.config;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/**
 * Where this proxy listens.
 *
 * @param host an IP address (IPv6 without brackets) or a name; {@code 0.0.0.0} or {@code ::} for every interface
 * @param port 1..65535, or 0 to let the system choose one
 */
public record BindAddress(String host, int port) {
    static final String EXPECTED = "host:port, IPv6 as [::1]:6390, port 0 for any free one";

    public BindAddress {
        if (host.isBlank() || port < 0 || port > 65_535) {
            throw new IllegalArgumentException("'" + host + "', port " + port + " (expected: " + EXPECTED + ")");
        }
    }

    /**
     * Reads {@code host:port}.
     *
     * @throws IllegalArgumentException if it is none
     */
    static BindAddress parse(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.indexOf(':') >= 0 && !(bracketed && NetUtil.isValidIpV6Address(host))) {
            throw new IllegalArgumentException("expected: " + EXPECTED);
        }
        return new BindAddress(host, Integer.parseInt(text.substring(colon + 1)));
    }

    /** Whether only this machine can reach it. A name other than {@code localhost} is not looked up and counts as reachable. */
    public boolean loopback() {
        return host.equals("localhost")
                || (literal()
                        && NetUtil.createInetAddressFromIpAddressString(host).isLoopbackAddress());
    }

    /** The address to bind; resolves the host if it is a name. */
    public InetSocketAddress socketAddress() {
        return new InetSocketAddress(host, port);
    }

    /** Whether both cannot be bound at the same time; port 0 never clashes. */
    boolean clashesWith(BindAddress other) {
        return port == other.port && port != 0 && (host.equals(other.host) || wildcard() || other.wildcard());
    }

    private boolean wildcard() {
        return literal() && NetUtil.createInetAddressFromIpAddressString(host).isAnyLocalAddress();
    }

    private boolean literal() {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    @Override
    public String toString() {
        return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
}
