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
    /** The fifth argument, in seconds, before options: {@code BLMOVEM source destination from to timeout …}. */
    FIFTH,
    /** What follows the word BLOCK, in whole milliseconds; without the word it does not wait: {@code XREAD}. */
    OPTION,
    /** The same, behind a key and where to begin, which may be any words: {@code TS.READ key timestamp [BLOCK …]}. */
    OPTION_BEHIND_KEY;

    private static final int FIFTH_ARGUMENT = 5;

    /** The argument that has the timeout, the name being argument 0; -1 if there is none. */
    public int argument(CommandArgs args) {
        int last = args.count() - 1;
        return switch (this) {
            case NONE -> -1;
            case LAST -> last > 0 ? last : -1;
            case FIRST -> last > 0 ? 1 : -1;
            case FIFTH -> last >= FIFTH_ARGUMENT ? FIFTH_ARGUMENT : -1;
            case OPTION, OPTION_BEHIND_KEY -> {
                int word = blockOption(args);
                yield word > 0 && word < last ? word + 1 : -1;
            }
        };
    }

    public boolean inMillis() {
        return onlyIfAsked();
    }

    /** Whether it waits only if it has the word BLOCK. */
    public boolean onlyIfAsked() {
        return this == OPTION || this == OPTION_BEHIND_KEY;
    }

    /**
     * The word BLOCK; -1 if it is not there. Options come in any order before STREAMS; only the values of those that take
     * one must not be taken for it.
     */
    int blockOption(CommandArgs args) {
        for (int i = this == OPTION_BEHIND_KEY ? 3 : 1; i < args.count() && !Argument.is(args, i, "streams"); i++) {
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
