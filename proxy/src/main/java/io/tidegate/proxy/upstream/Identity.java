package io.tidegate.proxy.upstream;

import org.jspecify.annotations.Nullable;

/**
 * As whom an upstream connection is authenticated. {@link #SERVICE} is the proxy's own account (or nobody, where the
 * servers ask for none); other identities are clients' own, passed through, {@link #ANONYMOUS} that of those who have said
 * nothing. Nothing that a client says equals either, since who says something always has a password, an empty one included.
 *
 * @param username null of the default user, named by no name ({@code AUTH <password>})
 * @param password null of {@link #SERVICE} and {@link #ANONYMOUS} alone
 */
public record Identity(@Nullable String username, @Nullable String password) {
    /** The account of the configuration. */
    public static final Identity SERVICE = new Identity(null, null);

    /**
     * Whom a server takes somebody for who has just connected: its default user, if that is on and needs no password, else
     * nobody.
     */
    public static final Identity ANONYMOUS = new Identity("default", null);

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
        return equals(SERVICE) ? "service" : user();
    }
}
