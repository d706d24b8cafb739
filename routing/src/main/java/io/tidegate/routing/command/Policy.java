package io.tidegate.routing.command;

/**
 * Our judgement of one command: a row of {@code commands.policy}, or what follows from the flags of a command that has
 * no row.
 *
 * @param effect what the dispatcher does with it
 * @param primaryOnly no replica may serve it, though it be flagged readonly
 * @param mayReplicate it may change data, though it be not flagged write
 * @param timeout where it says how long it waits for data
 * @param proxyMayAnswer some calls of it are about the proxy, or about its clients
 * @param scans it goes on where a cursor says that an earlier call has stopped
 * @param reason one line
 */
record Policy(
        Effect effect,
        boolean primaryOnly,
        boolean mayReplicate,
        BlockingTimeout timeout,
        boolean proxyMayAnswer,
        boolean scans,
        String reason) {
    private Policy(Effect effect, boolean primaryOnly, boolean mayReplicate, BlockingTimeout timeout, String reason) {
        this(effect, primaryOnly, mayReplicate, timeout, false, false, reason);
    }

    /** The judgement that {@code word}, the second column of the file, stands for. */
    static Policy of(String word, String reason) {
        return switch (word) {
            case "forward" -> new Policy(Effect.FORWARD, false, false, BlockingTimeout.NONE, reason);
            case "primary" -> new Policy(Effect.FORWARD, true, false, BlockingTimeout.NONE, reason);
            case "either" -> new Policy(Effect.FORWARD, true, false, BlockingTimeout.NONE, true, false, reason);
            case "scan" -> new Policy(Effect.FORWARD, false, false, BlockingTimeout.NONE, false, true, reason);
            case "writes" -> new Policy(Effect.FORWARD, true, true, BlockingTimeout.NONE, reason);
            case "publishes" -> new Policy(Effect.FORWARD, true, true, BlockingTimeout.NONE, true, false, reason);
            case "local" -> new Policy(Effect.LOCAL, true, false, BlockingTimeout.NONE, reason);
            case "transaction" -> new Policy(Effect.TRANSACTION, true, false, BlockingTimeout.NONE, reason);
            case "blocking" -> waits(BlockingTimeout.NONE, reason);
            case "waits-last" -> waits(BlockingTimeout.LAST, reason);
            case "waits-first" -> waits(BlockingTimeout.FIRST, reason);
            case "waits-fifth" -> waits(BlockingTimeout.FIFTH, reason);
            case "waits-block" -> waits(BlockingTimeout.OPTION, reason);
            case "waits-block-3" -> waits(BlockingTimeout.OPTION_BEHIND_KEY, reason);
            case "stream" -> new Policy(Effect.STREAM, true, false, BlockingTimeout.NONE, reason);
            case "refused" -> new Policy(Effect.REFUSED, true, false, BlockingTimeout.NONE, reason);
            default ->
                throw new IllegalArgumentException("word: " + word
                        + " (expected: forward, primary, either, scan, writes, publishes, local, transaction, blocking,"
                        + " waits-last, waits-first, waits-fifth, waits-block, waits-block-3, stream, refused)");
        };
    }

    private static Policy waits(BlockingTimeout timeout, String reason) {
        return new Policy(Effect.BLOCKING, false, false, timeout, reason);
    }

    /**
     * What follows from what the server says alone, of a command that is new to this table with all that goes by its name.
     * Closed by default: one that everybody may give before logging in, that subscribes, or that the server counts among
     * those of connections, may change the shared connection that it travels on.
     */
    static Policy ofUnknown(CommandFacts facts) {
        boolean ofConnections = facts.flags().contains("no_auth")
                || facts.flags().contains("pubsub")
                || facts.categories().contains("@connection");
        return ofConnections
                ? of("refused", "may change the shared connection it travels on, and is not known to this table")
                : byFlags(facts);
    }

    /**
     * What follows from the flags alone. Closed by default: an administrative command that nobody has thought about is
     * refused, one that may block gets its own connection, and a module's that claims neither to read nor to write is
     * taken for a write.
     */
    static Policy byFlags(CommandFacts facts) {
        if (facts.flags().contains("admin")) {
            return of("refused", "administrative, and not known to this table");
        }
        if (facts.flags().contains("blocking")) {
            return of("blocking", "waits on the server");
        }
        if (facts.flags().contains("write")) {
            return of("primary", "a write");
        }
        if (facts.flags().contains("readonly")) {
            return of("forward", "a read: any node that holds the data answers alike");
        }
        return facts.flags().contains("module")
                ? of("writes", "a module's command that claims neither to read nor to write")
                : of("primary", "neither a read nor a write of data: the primary's answer is the one Redis gives");
    }
}
