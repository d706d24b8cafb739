package io.tidegate.proxy.admin;

import io.tidegate.proxy.config.Secret;
import io.tidegate.proxy.loop.Origin;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets act whoever brings {@code admin.token}, in a header that no page of another site can set. Who was wrong too often is
 * not listened to for a while, with the right token neither: guessing would otherwise be a matter of patience. Confined to
 * the admin port's thread.
 */
final class Gatekeeper {
    /** So many wrong ones from one address within {@link #WINDOW_NANOS}. */
    static final int WRONG_MAX = 5;

    static final long WINDOW_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Of so many addresses it is remembered, the latest. */
    private static final int ADDRESSES_MAX = 1024;

    private static final String SCHEME = "Bearer ";

    enum Verdict {
        GRANTED,
        /** There is no token, so nobody can. */
        NO_TOKEN,
        /** None was brought. */
        MISSING,
        WRONG,
        TOO_MANY
    }

    private static final class Window {
        long endNanos;
        int wrong;
    }

    private final Operations.Token token;
    private final Map<InetAddress, Window> windows = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<InetAddress, Window> eldest) {
            return size() > ADDRESSES_MAX;
        }
    };

    Gatekeeper(Operations.Token token) {
        this.token = token;
    }

    boolean hasToken() {
        return token.now() != null;
    }

    /** @param authorization the header; null if there was none */
    Verdict check(@Nullable String authorization, InetAddress address, long nowNanos) {
        InetAddress from = Origin.countedAs(address);
        Secret good = token.now();
        if (good == null) {
            return Verdict.NO_TOKEN;
        }
        Window window = windows.get(from);
        if (window != null && nowNanos >= window.endNanos) {
            windows.remove(from);
            window = null;
        }
        if (window != null && window.wrong >= WRONG_MAX) {
            return Verdict.TOO_MANY;
        }
        if (authorization == null) {
            return Verdict.MISSING;
        }
        // Compared in constant time.
        if (authorization.startsWith(SCHEME)
                && good.equals(
                        new Secret(authorization.substring(SCHEME.length()).strip()))) {
            return Verdict.GRANTED;
        }
        if (window == null) {
            window = new Window();
            window.endNanos = nowNanos + WINDOW_NANOS;
            windows.put(from, window);
        }
        window.wrong++;
        return Verdict.WRONG;
    }
}
