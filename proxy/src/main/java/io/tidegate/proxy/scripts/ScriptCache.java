package io.tidegate.proxy.scripts;

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

    private final ScriptStats stats;
    private final AtomicLong flushes = new AtomicLong();

    /** Replaced by others with other limits. */
    private volatile Kept kept;

    /**
     * What there is, safe for use by all loops; none of them waits for another for longer than an entry takes.
     *
     * @param generation tells it from every other
     * @param before where all that is not in {@code now} yet is to be found while it moves there; else null
     */
    private record Kept(
            long generation,
            Cache<ScriptDigest, byte[]> now,
            @Nullable Cache<ScriptDigest, byte[]> before,
            long bytesMax,
            int countMax) {}

    /**
     * Empty.
     *
     * @param bytesMax of sources; 0 = none is kept
     * @param countMax of sources, at least 1
     */
    public ScriptCache(long bytesMax, int countMax, ScriptStats stats) {
        this.stats = stats;
        this.kept = new Kept(0, cache(bytesMax, countMax, stats), null, bytesMax, countMax);
    }

    private static Cache<ScriptDigest, byte[]> cache(long bytesMax, int countMax, ScriptStats stats) {
        // Both limits in one: whatever its size, a source takes its part of the number.
        int weightMin = (int) Math.min(Integer.MAX_VALUE, (bytesMax + countMax - 1) / countMax);
        return Caffeine.newBuilder()
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

    /** Keeps no more than so many from now on, and of those that are there the most used. */
    public synchronized void limits(long bytesMax, int countMax) {
        Kept old = kept;
        if (old.bytesMax == bytesMax && old.countMax == countMax) {
            return;
        }
        Cache<ScriptDigest, byte[]> fresh = cache(bytesMax, countMax, stats);
        kept = new Kept(old.generation + 1, fresh, old.now, bytesMax, countMax);
        old.now
                .policy()
                .eviction()
                .orElseThrow()
                .hottest(Integer.MAX_VALUE)
                .forEach((digest, source) -> put(fresh, digest, source));
        kept = new Kept(old.generation + 2, fresh, null, bytesMax, countMax);
        old.now.invalidateAll();
    }

    /** The source, which is not to be changed; null if it is not known. */
    public byte @Nullable [] source(ScriptDigest digest) {
        for (; ; ) {
            Kept all = kept;
            byte[] source = all.before == null ? null : all.before.getIfPresent(digest);
            if (source == null) {
                source = all.now.getIfPresent(digest);
            }
            if (source != null || kept.generation == all.generation) {
                return source;
            }
        }
    }

    public boolean knows(ScriptDigest digest) {
        return source(digest) != null;
    }

    public void keep(ScriptDigest digest, byte[] source) {
        Kept all = kept;
        put(all.now, digest, source);
        if (kept.generation != all.generation) { // replaced meanwhile, and perhaps past this one
            all.now.invalidate(digest);
            put(kept.now, digest, source);
        }
    }

    private void put(Cache<ScriptDigest, byte[]> cache, ScriptDigest digest, byte[] source) {
        if (cache.asMap().putIfAbsent(digest, source) == null) {
            stats.kept(source.length);
        }
    }

    public int countMax() {
        return kept.countMax;
    }

    /** Forgets all. */
    public synchronized void flush() {
        flushes.incrementAndGet();
        kept.now.invalidateAll();
    }

    /** How often it was emptied: what was loaded before the last time may be gone from the servers. */
    public long flushes() {
        return flushes.get();
    }
}
