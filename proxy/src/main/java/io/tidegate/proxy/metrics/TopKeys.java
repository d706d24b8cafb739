package io.tidegate.proxy.metrics;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.tidegate.routing.command.CommandArgs;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The keys with the most weight among all that were added, in space that does not grow: space-saving (Metwally, Agrawal, El
 * Abbadi, "Efficient computation of frequent and top-k elements in data streams", 2005). A key that has no place takes that
 * of the lightest, and its weight as what may be too much in its own. A key with more than 1/{@link #PLACES} of all weight
 * is never missing, and no weight is too low.
 *
 * <p>One thread adds, which allocates nothing and never waits: while somebody reads, it is let be. Keys are told apart by a
 * hash of 64 bits and their length; their first {@link #BYTES_KEPT} bytes are kept to be shown.
 */
public final class TopKeys {
    static final int PLACES = 64;
    static final int BYTES_KEPT = 128;

    /** FNV-1a's. */
    private static final long HASH_BASIS = 0xcbf29ce484222325L;

    private static final long HASH_PRIME = 0x100000001b3L;

    private final ReentrantLock lock = new ReentrantLock();
    private final long[] hashes = new long[PLACES];
    private final int[] lengths = new int[PLACES];
    private final long[] weights = new long[PLACES];
    private final long[] excesses = new long[PLACES];
    private final long[] largest = new long[PLACES];
    private final String[] commands = new String[PLACES];
    private final byte[][] keys = new byte[PLACES][BYTES_KEPT];
    private int used;
    private long total;

    /**
     * A key as it is in the sketch.
     *
     * @param begin its first bytes, a character each
     * @param length of all of it
     * @param command that named it last
     * @param weight at most
     * @param excess so much of its weight at most may be others'
     * @param largest the most that it was given at a time
     */
    public record Key(String begin, int length, String command, long weight, long excess, long largest) {}

    /**
     * What was there at one moment.
     *
     * @param keys those that have a place
     * @param total all weight
     * @param missing so much weight at most a key without a place may have
     */
    public record Snapshot(List<Key> keys, long total, long missing) {}

    /** Argument {@code arg} is a key that {@code command} named. Only on one thread. */
    public void add(CommandArgs args, int arg, String command, long weight) {
        if (!lock.tryLock()) {
            return;
        }
        try {
            int length = args.length(arg);
            long hash = hash(args, arg, length);
            int place = find(hash, length);
            if (place < 0) {
                place = takePlace(args, arg, hash, length);
            }
            commands[place] = command;
            weights[place] += weight;
            largest[place] = Math.max(largest[place], weight);
            total += weight;
        } finally {
            lock.unlock();
        }
    }

    /** Halves every weight, so that what was is worth less than what is. By the thread that adds; nor does this wait. */
    public void age() {
        if (!lock.tryLock()) {
            return;
        }
        try {
            for (int i = 0; i < used; i++) {
                weights[i] /= 2;
                excesses[i] /= 2;
            }
            total /= 2;
        } finally {
            lock.unlock();
        }
    }

    /** By any thread. */
    public Snapshot snapshot() {
        lock.lock();
        try {
            List<Key> all = new ArrayList<>(used);
            long least = used < PLACES ? 0 : Long.MAX_VALUE;
            for (int i = 0; i < used; i++) {
                int kept = Math.min(BYTES_KEPT, lengths[i]);
                String begin = new String(keys[i], 0, kept, ISO_8859_1);
                all.add(new Key(begin, lengths[i], commands[i], weights[i], excesses[i], largest[i]));
                least = Math.min(least, weights[i]);
            }
            return new Snapshot(List.copyOf(all), total, least);
        } finally {
            lock.unlock();
        }
    }

    private int find(long hash, int length) {
        for (int i = 0; i < used; i++) {
            if (hashes[i] == hash && lengths[i] == length) {
                return i;
            }
        }
        return -1;
    }

    private int takePlace(CommandArgs args, int arg, long hash, int length) {
        int place = used < PLACES ? used++ : lightest();
        hashes[place] = hash;
        lengths[place] = length;
        excesses[place] = weights[place];
        largest[place] = 0;
        byte[] key = keys[place];
        for (int i = 0; i < Math.min(length, BYTES_KEPT); i++) {
            key[i] = args.byteAt(arg, i);
        }
        return place;
    }

    private int lightest() {
        int lightest = 0;
        for (int i = 1; i < used; i++) {
            lightest = weights[i] < weights[lightest] ? i : lightest;
        }
        return lightest;
    }

    private static long hash(CommandArgs args, int arg, int length) {
        long hash = HASH_BASIS;
        for (int i = 0; i < length; i++) {
            hash = (hash ^ (args.byteAt(arg, i) & 0xff)) * HASH_PRIME;
        }
        return hash;
    }
}
