package io.tidegate.protocol;

/**
 * How much of anything a peer may announce before it is refused. A limit is checked when the announcement is read, so
 * that a length or a count alone never makes anybody allocate.
 *
 * @param bulkBytesMax longest argument of a request; Redis' {@code proto-max-bulk-len}
 * @param argsMax most arguments of a request, the command's name included
 * @param inlineBytesMax longest inline request, without its line feed; Redis' {@code PROTO_INLINE_MAX_SIZE}
 * @param headerBytesMax longest {@code *n} or {@code $n} line of a request, without its line end; the same constant in
 *     Redis. Counts and lengths of replies are at most 18 digits
 * @param nestingDepthMax most aggregates inside one another in a reply
 * @param commandBytesMax longest request as a whole, headers included: positions in a request are ints, and its owner
 *     keeps it in one buffer; Redis' {@code client-query-buffer-limit}
 * @param replyBulkBytesMax longest string or line of a reply. Larger than {@code bulkBytesMax}, because a reply can be
 *     longer than any argument ({@code DUMP}, scripts), and nobody has to keep it
 * @param replyElementsMax most elements (of a map: pairs) of one aggregate of a reply
 */
public record Limits(
        long bulkBytesMax,
        int argsMax,
        int inlineBytesMax,
        int headerBytesMax,
        int nestingDepthMax,
        int commandBytesMax,
        long replyBulkBytesMax,
        long replyElementsMax) {

    /** Below this a line of a legal header, or the name of a command, might not fit. */
    private static final int BYTES_MIN = 64;

    /** Leaves room for a header line and a trailer behind the longest command before an int overflows. */
    private static final int COMMAND_BYTES_MAX = 1 << 30;

    /** Twice this (a map's keys and values), and any length with its trailer, is still a long of 18 digits. */
    private static final long REPLY_MAX = 1L << 56;

    private static final Limits REDIS_DEFAULTS =
            new Limits(512L << 20, Integer.MAX_VALUE, 64 << 10, 64 << 10, 8_192, 1 << 30, 4L << 30, 1L << 32);

    public Limits {
        check("bulkBytesMax", bulkBytesMax, BYTES_MIN, COMMAND_BYTES_MAX);
        check("argsMax", argsMax, 1, Integer.MAX_VALUE);
        check("inlineBytesMax", inlineBytesMax, BYTES_MIN, COMMAND_BYTES_MAX);
        check("headerBytesMax", headerBytesMax, BYTES_MIN, COMMAND_BYTES_MAX);
        check("nestingDepthMax", nestingDepthMax, 1, 1 << 20);
        check("commandBytesMax", commandBytesMax, BYTES_MIN, COMMAND_BYTES_MAX);
        check("replyBulkBytesMax", replyBulkBytesMax, BYTES_MIN, REPLY_MAX);
        check("replyElementsMax", replyElementsMax, 1, REPLY_MAX);
    }

    /**
     * What Redis 7.0.15 accepts with its default configuration: arguments of 512 MiB, {@code INT_MAX} of them, lines of
     * 64 KiB, 1 GiB in all. A script's reply can be nested 8000 deep there (Lua's C stack ends it), hence the depth.
     */
    public static Limits redisDefaults() {
        return REDIS_DEFAULTS;
    }

    private static void check(String name, long value, long min, long max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + min + ".." + max + ")");
        }
    }
}
