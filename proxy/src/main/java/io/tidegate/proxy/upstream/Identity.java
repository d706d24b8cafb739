package io.tidegate.proxy.upstream;

/**
 * As whom an upstream connection is authenticated. {@link #SERVICE} is the proxy's own account (or nobody, where the
 * servers ask for none); other identities are clients' own, passed through.
 */
public record Identity(String username, String password) {
    /** The account of the configuration. */
    public static final Identity SERVICE = new Identity("", "");

    /** The password never shows. */
    @Override
    public String toString() {
        return this.equals(SERVICE) ? "service" : username;
    }
}
