package io.tidegate.proxy.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SIGHUP, by which operators have servers read their configuration again. Left alone it would end the JVM; a process that
 * was started to ignore it (nohup) goes on to, and says so. Java has no other way to hear of it than {@code sun.misc.Signal}, which
 * {@code jdk.unsupported} exports for want of one; called by name, as compilers warn of it wherever it is written.
 */
final class HangUp {
    private static final Logger log = LoggerFactory.getLogger(HangUp.class);
    private static final String NAME = "HUP";

    // Guarded by this.
    private @Nullable Runnable listener;
    private boolean missed;

    private HangUp() {}

    /** From now on the signal ends nobody. */
    static HangUp watched() {
        HangUp hangUp = new HangUp();
        try {
            hangUp.watch();
        } catch (InvocationTargetException e) {
            // As with -Xrs, where the JVM keeps its hands off signals.
            log.warn("SIGHUP is not heard: {}", String.valueOf(e.getCause()));
        } catch (ReflectiveOperationException e) {
            log.warn("SIGHUP is not heard: this Java has no sun.misc.Signal", e);
        }
        return hangUp;
    }

    private void watch() throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object heard =
                Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, method, args) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return method.invoke(this, args);
                    }
                    heard();
                    return null;
                });
        Object before = signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(NAME), heard);
        if (handler.getField("SIG_IGN").get(null).equals(before)) {
            log.warn("SIGHUP is ignored, as it was when this process was started (nohup?): PROXY RELOAD does the same");
        }
    }

    /** Whom to tell of each; at once, if there was one. Called on a thread of the JVM's, for which it returns at once. */
    synchronized void tell(Runnable newListener) {
        listener = newListener;
        if (missed) {
            newListener.run();
        }
    }

    private synchronized void heard() {
        if (listener == null) {
            missed = true;
        } else {
            listener.run();
        }
    }
}
