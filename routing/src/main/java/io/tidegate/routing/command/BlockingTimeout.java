package io.tidegate.routing.command;

/**
 * Where a command that waits for data says how long at most. Like {@link Effect} it is our column: no server reports it.
 */
public enum BlockingTimeout {
    /** It does not wait for data, or nobody knows where it says how long. */
    NONE,
    /** The last argument, in seconds and fractions of them: {@code BLPOP key [key …] timeout}. */
    LAST,
    /** The first argument, likewise: {@code BLMPOP timeout numkeys …}. */
    FIRST,
    /** What follows the word BLOCK, in whole milliseconds; without the word it does not wait: {@code XREAD}. */
    OPTION;

    /** The argument that has the timeout, the name being argument 0; -1 if there is none. */
    public int argument(CommandArgs args) {
        int last = args.count() - 1;
        return switch (this) {
            case NONE -> -1;
            case LAST -> last > 0 ? last : -1;
            case FIRST -> last > 0 ? 1 : -1;
            case OPTION -> {
                int word = blockOption(args);
                yield word > 0 && word < last ? word + 1 : -1;
            }
        };
    }

    public boolean inMillis() {
        return this == OPTION;
    }

    /**
     * The word BLOCK; -1 if it is not there. Options come in any order before STREAMS; only the values of those that take
     * one must not be taken for it.
     */
    static int blockOption(CommandArgs args) {
        for (int i = 1; i < args.count() && !Argument.is(args, i, "streams"); i++) {
            if (Argument.is(args, i, "block")) {
                return i;
            }
            if (Argument.is(args, i, "group")) {
                i += 2;
            } else if (Argument.is(args, i, "count")) {
                i++;
            }
        }
        return -1;
    }
}
