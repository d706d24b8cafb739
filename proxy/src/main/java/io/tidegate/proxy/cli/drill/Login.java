package io.tidegate.proxy.cli.drill;

/** Whom to be at a server. */
public record Login(String user, String password) {
    /** Without the password: records are printed. */
    @Override
    public String toString() {
        return user;
    }
}
