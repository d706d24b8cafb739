package io.tidegate.proxy.local;

/**
 * A port that a process started by a test may listen on: none that the kernel gives to somebody's outgoing connection before
 * that process has bound it.
 */
public final class FreePort {
    private FreePort() {}

    public static int next() {
        return Ports.next();
    }
}
