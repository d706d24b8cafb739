package io.tidegate.routing;

/**
 * A seeded stream of numbers (SplitMix64, <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood
 * 2014</a>), so that whoever chooses at random is as repeatable as its seed. Not thread-safe, not for secrets.
 */
public final class RandomSource {
    private long state;

    public RandomSource(long seed) {
        state = seed;
    }

    /** Any long. */
    public long next() {
        state += 0x9E3779B97F4A7C15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /**
     * A number in [0, bound). For the bounds used here its bias is below 2^-32 per value.
     *
     * @param bound above 0
     */
    public int next(int bound) {
        return scaled(next() >>> 32, bound);
    }

    /**
     * A number of [0, 2^32) scaled to [0, bound) without dividing (<a href="https://doi.org/10.1145/3230636">Lemire
     * 2019</a>, its first step): each half of a long that {@link #next()} draws will do.
     */
    static int scaled(long half, int bound) {
        return (int) ((half * bound) >>> 32);
    }
}
