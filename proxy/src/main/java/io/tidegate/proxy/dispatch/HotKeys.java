package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.metrics.TopKeys;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.KeySink;
import org.jspecify.annotations.Nullable;

/**
 * Which keys one loop's clients use most, by a sample of their commands, and which keys bring the most bytes in replies
 * that are big. The sample is every n-th command on average, at a distance that changes, as a pipeline is often the same
 * commands over and over. Confined to its event loop, but for the sketches.
 */
final class HotKeys {
    /** A reply that came in several pieces and is at least so large is noted with its key. */
    static final long BIG_BYTES = 64 * 1024;

    /** Of a command with more keys than that only the first ones count: a sample is to take no time. */
    private static final int KEYS_OF_ONE_MAX = 8;

    /** What is hot is a matter of the last half minute or so. */
    private static final int AGE_SECONDS = 10;

    private final TopKeys used = new TopKeys();
    private final TopKeys big = new TopKeys();
    private final CommandAt commandAt;
    private int every;
    private long random;
    private int untilSample;
    private int seconds;

    /** Of the command that is being sampled. */
    private @Nullable CommandSpec spec;

    private @Nullable RequestArgs args;
    private int keysOfOne;
    private final KeySink keys = this::key;

    /** @param every 0 = no command is sampled */
    HotKeys(CommandAt commandAt, int every, long seed) {
        this.commandAt = commandAt;
        this.random = seed | 1;
        sampleEvery(every);
    }

    /** From now on; 0 = no command is sampled. */
    void sampleEvery(int commands) {
        every = commands;
        untilSample = every == 0 ? Integer.MAX_VALUE : distance();
    }

    /** Whether the command that is about to be sent is one of the sample. */
    boolean sampled() {
        return --untilSample <= 0;
    }

    /** It is {@code command}, if anybody knows it, with these arguments. */
    void sample(@Nullable CommandSpec command, RequestArgs arguments) {
        untilSample = every == 0 ? Integer.MAX_VALUE : distance();
        if (every != 0 && command != null) {
            spec = command;
            args = arguments;
            keysOfOne = 0;
            command.keys(arguments, keys);
        }
    }

    private void key(int arg) {
        if (spec != null && args != null && keysOfOne++ < KEYS_OF_ONE_MAX) {
            used.add(args, arg, spec.name(), 1);
        }
    }

    /** Command {@code index} of {@code run} got a reply of so many bytes at least, in more than one piece. */
    void replied(Session session, Run run, int index, long bytes) {
        if (bytes < BIG_BYTES) {
            return;
        }
        CommandSpec found = commandAt.find(session, run, index);
        int key = found == null ? -1 : commandAt.firstKey(found);
        if (found != null && key >= 0) {
            big.add(commandAt.args(), key, found.name(), bytes);
        }
    }

    /** Called once a second. */
    void tick() {
        if (++seconds % AGE_SECONDS == 0) {
            used.age();
        }
    }

    TopKeys used() {
        return used;
    }

    TopKeys big() {
        return big;
    }

    /** 1 to 2 n - 1, each as likely as any other; xorshift64. */
    private int distance() {
        random ^= random << 13;
        random ^= random >>> 7;
        random ^= random << 17;
        return 1 + (int) Long.remainderUnsigned(random, 2L * every - 1);
    }
}
