package io.tidegate.proxy.upstream;

import org.jspecify.annotations.Nullable;

/**
 * As whom an upstream connection is authenticated. {@link #SERVICE} is the proxy's own account (or nobody, where the
 * servers ask for none); other identities are clients' own, passed through. Nothing that a client says equals {@link
 * #SERVICE}, since a client's identity always has a password, an empty one included.
 *
 * @param username null of the default user, named by no name ({@code AUTH <password>})
 * @param password null of {@link #SERVICE} alone
 */
public record Identity(@Nullable String username, @Nullable String password) {
    /** The account of the configuration. */
    public static final Identity SERVICE = new Identity(null, null);

    /** Who somebody says to be. */
    public static Identity of(@Nullable String username, String password) {
        return new Identity(username, password);
    }

    /** The name that the server knows it by. */
    public String user() {
        return username == null ? "default" : username;
    }

    /** The password never shows. */
    @Override
    public String toString() {
        return password == null ? "service" : user();
    }
}
