package io.tidegate.routing.command;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Finds a spec by the three words of its name: open addressing with linear probing over a power of two of slots, at
 * most a quarter of them taken, hashed with one multiplication (Knuth's multiplicative hashing: the top bits of the
 * product). The slots hold nothing but the spec, which holds its own words: a hit touches one slot and the object that
 * the caller reads next. Immutable once built, so it may be read from every thread.
 */
final class CommandIndex {

    static final CommandIndex EMPTY = new CommandIndex(new CommandSpec[4]);

    /** 2^64 divided by the golden ratio. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /** Invariant: at least one slot is free, so that every search ends. */
    private final @Nullable CommandSpec[] slots;

    private final int shift;

    private CommandIndex(@Nullable CommandSpec[] slots) {
        this.slots = slots;
        this.shift = Long.numberOfLeadingZeros(slots.length) + 1;
    }

    /** An index of those of {@code specs} whose own name (a subcommand's without its container's) fits three words. */
    static CommandIndex of(Collection<CommandSpec> specs) {
        if (specs.isEmpty()) {
            return EMPTY;
        }
        CommandIndex index = new CommandIndex(new CommandSpec[Integer.highestOneBit(specs.size()) * 8]);
        for (CommandSpec spec : specs) {
            if (PackedName.fits(spec.ownName())) {
                index.put(spec);
            }
        }
        return index;
    }

    private void put(CommandSpec spec) {
        int slot = slot(spec.name0, spec.name1, spec.name2);
        while (slots[slot] != null) {
            slot = (slot + 1) & (slots.length - 1);
        }
        slots[slot] = spec;
    }

    @Nullable CommandSpec find(long name0, long name1, long name2) {
        int slot = slot(name0, name1, name2);
        CommandSpec spec = slots[slot];
        while (spec != null && (spec.name0 != name0 || spec.name1 != name1 || spec.name2 != name2)) {
            slot = (slot + 1) & (slots.length - 1);
            spec = slots[slot];
        }
        return spec;
    }

    private int slot(long name0, long name1, long name2) {
        // The second and third words are zero for most commands; the rotations keep equal words from cancelling out.
        long mixed = name0 ^ Long.rotateLeft(name1, 29) ^ Long.rotateLeft(name2, 47);
        return (int) ((mixed * GOLDEN) >>> shift);
    }
}
