package io.tidegate.routing.command;

/**
 * What a command does to the session that sends it, and so what the dispatcher must do with it. This column is ours:
 * no server reports it, and nothing that a server reports changes it for a command that the table knows.
 */
public enum Effect {

    /**
     * Leaves nothing behind on its connection: it travels on the shared one of the node that the router names, or on
     * the session's own connection while it has one.
     */
    FORWARD,

    /**
     * Speaks of the client's connection, which ends at the proxy: the proxy answers (or keeps the state and replays it
     * upstream) and never passes it on to a shared connection.
     */
    LOCAL,

    /** Opens, guards or closes a transaction, whose state Redis keeps per connection: {@code MULTI … EXEC, WATCH}. */
    TRANSACTION,

    /**
     * Needs a connection for itself until its reply comes: it waits on the server, or its purpose is to get past
     * whatever its own connection waits for. On a shared connection it would stop everybody behind it. Some wait only
     * if asked to: see {@link CommandSpec#blocksNow}; one that does not is handled as {@link #FORWARD}.
     */
    BLOCKING,

    /**
     * Makes (or ends) a connection on which the server speaks unasked, or on which one command gets any number of
     * replies: subscriptions, {@code MONITOR}, {@code CLIENT TRACKING}. Not for a connection on which replies
     * are matched by order.
     */
    STREAM,

    /**
     * Would break the topology behind the proxy, the proxy's view of it, or the shared connections: answered with an
     * error unless an operator allows it.
     */
    REFUSED
}
