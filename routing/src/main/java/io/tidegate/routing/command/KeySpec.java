package io.tidegate.routing.command;

import java.util.List;

/**
 * One key specification in the terms of {@code COMMAND} (Redis documentation, "Command key specifications"): where the
 * keys begin, and which arguments from there on are keys.
 *
 * @param flags as the server writes them, in its order: {@code RO|RW|OW|RM}, {@code access}, {@code update},
 *     {@code insert}, {@code delete}, {@code not_key} (routed like a key, but none), {@code incomplete} (there may be
 *     keys that it does not find), {@code variable_flags}. Empty only for {@link #legacy}.
 * @param begin where the search for keys begins
 * @param find which arguments from there on are keys
 */
public record KeySpec(List<String> flags, Begin begin, Find find) {

    public KeySpec {
        flags = List.copyOf(flags);
    }

    /** Where the first argument of interest is. */
    public sealed interface Begin permits Index, Keyword, Unknown {}

    /** Which arguments are keys, seen from the beginning. */
    public sealed interface Find permits Range, KeyNum, Unknown {}

    /** At argument {@code pos}. */
    public record Index(int pos) implements Begin {}

    /**
     * After the first argument that equals {@code keyword}, whatever its case, searched from argument {@code startFrom}
     * on, or, if that is negative, backwards from that far before the end.
     */
    public record Keyword(String keyword, int startFrom) implements Begin {}

    /**
     * Every {@code keyStep}-th argument up to {@code lastKey}: an offset from the beginning, or, if negative, from the
     * end of the arguments. {@code limit} (0 and 1: none) says that only one {@code limit}-th of what remains are keys.
     */
    public record Range(int lastKey, int keyStep, int limit) implements Find {
        public Range {
            keyStep = Math.max(1, keyStep); // whatever a module says: a step of 0 would never end
        }
    }

    /**
     * The argument {@code keyNumIndex} after the beginning says how many keys there are; they start {@code firstKey}
     * after the beginning.
     */
    public record KeyNum(int keyNumIndex, int firstKey, int keyStep) implements Find {
        public KeyNum {
            keyStep = Math.max(1, keyStep); // whatever a module says: a step of 0 would never end
        }
    }

    /** Cannot be told from the arguments' positions. */
    public enum Unknown implements Begin, Find {
        UNKNOWN
    }

    /**
     * The first key, last key and step that are all that servers before 7.0 report; without flags, so that the table
     * prefers its own specs of a command that it knows.
     *
     * @param lastKey as in {@code COMMAND}: a position, or negative from the end
     */
    public static KeySpec legacy(int firstKey, int lastKey, int keyStep) {
        int last = lastKey < 0 ? lastKey : lastKey - firstKey;
        return new KeySpec(List.of(), new Index(firstKey), new Range(last, keyStep, 0));
    }

    boolean isLegacy() {
        return flags.isEmpty();
    }

    /** Whether it names keys at all; sharded channels, say, are only routed like keys. */
    boolean namesKeys() {
        return !flags.contains("not_key");
    }

    /** As {@code commands.facts} writes it. */
    @Override
    public String toString() {
        return KeySpecText.print(this);
    }
}
