package io.tidegate.routing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Whose acknowledged writes a session must see: one scope per connection, or one shared by all connections of a user or
 * a listener, which is what an application with a connection pool wants. Shared scopes are written by several event
 * loops, hence the atomic maximum; a write is acknowledged to the client only after it was noted here, so whoever hears
 * of the acknowledgement and then reads finds the instant.
 */
public final class CausalScope {
    private static final VarHandle LAST;

    static {
        try {
            LAST = MethodHandles.lookup().findVarHandle(CausalScope.class, "lastWriteNanos", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long lastWriteNanos;

    /** Of nobody's writes so far. */
    public CausalScope() {
        this(Instants.UNKNOWN);
    }

    /** Of writes up to {@code lastWriteNanos}, whoever's they were. */
    public CausalScope(long lastWriteNanos) {
        this.lastWriteNanos = lastWriteNanos;
    }

    void acknowledged(long readNanos) {
        long known = lastWriteNanos;
        while (known < readNanos && !LAST.compareAndSet(this, known, readNanos)) {
            known = lastWriteNanos;
        }
    }

    long lastWriteNanos() {
        return lastWriteNanos;
    }
}
