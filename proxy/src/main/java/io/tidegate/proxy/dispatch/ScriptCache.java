package io.tidegate.proxy.dispatch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.tidegate.proxy.metrics.ScriptStats;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Sources of scripts that clients have sent, by digest, for all event loops: what a node needs that never saw a script. The
 * most used are kept, within limits of number and bytes.
 *
 * <p>One for all users, and nobody gains by it: a source goes to a node as its asker's own SCRIPT LOAD, which the node
 * refuses to whoever may not, and a digest is known to those only who know the source, or were told it. A user who may
 * do nothing at all can still fill the cache, or empty it with a SCRIPT FLUSH that the server refuses; what others lose is
 * the service, and get the server's NOSCRIPT.
 */
public final class ScriptCache {
    /** What an entry takes beside its source, about. */
    private static final int OVERHEAD_BYTES = 128;

    /** Safe for use by all loops; none of them waits for another for longer than an entry takes. */
    private final Cache<ScriptDigest, byte[]> sources;

    private final int countMax;
    private final ScriptStats stats;
    private final AtomicLong flushes = new AtomicLong();

    /**
     * Empty.
     *
     * @param bytesMax of sources; 0 = none is kept
     * @param countMax of sources, at least 1
     */
    public ScriptCache(long bytesMax, int countMax, ScriptStats stats) {
        this.countMax = countMax;
        this.stats = stats;
        // Both limits in one: whatever its size, a source takes its part of the number.
        int weightMin = (int) Math.min(Integer.MAX_VALUE, (bytesMax + countMax - 1) / countMax);
        this.sources = Caffeine.newBuilder()
                .maximumWeight(bytesMax)
                .weigher((ScriptDigest digest, byte[] source) -> Math.max(source.length + OVERHEAD_BYTES, weightMin))
                .evictionListener((digest, source, cause) -> stats.evicted())
                .removalListener((digest, source, cause) -> {
                    if (source != null) {
                        stats.dropped(source.length);
                    }
                })
                .executor(Runnable::run)
                .build();
    }

    /** The source, which is not to be changed; null if it is not known. */
    byte @Nullable [] source(ScriptDigest digest) {
        return sources.getIfPresent(digest);
    }

    boolean knows(ScriptDigest digest) {
        return sources.getIfPresent(digest) != null;
    }

    void keep(ScriptDigest digest, byte[] source) {
        if (sources.asMap().putIfAbsent(digest, source) == null) {
            stats.kept(source.length);
        }
    }

    int countMax() {
        return countMax;
    }

    /** Forgets all. */
    void flush() {
        flushes.incrementAndGet();
        sources.invalidateAll();
    }

    /** How often it was emptied: what was loaded before the last time may be gone from the servers. */
    long flushes() {
        return flushes.get();
    }
}
