package io.tidegate.proxy.dispatch;

/** Where clients came in: what those of one listener have in common, whatever it gave each of them. */
public final class Entrance {
    /** Closed by the thread that reloads, read once by each session that begins: one may just have been let in. */
    private volatile boolean closed;

    void close() {
        closed = true;
    }

    boolean closed() {
        return closed;
    }
}
