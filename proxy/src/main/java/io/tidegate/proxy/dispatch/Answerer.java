package io.tidegate.proxy.dispatch;

import io.tidegate.routing.command.CommandSpec;

/**
 * Whoever answers what the proxy answers by itself; one for each event loop, and called on it. This package knows when it
 * is a command's turn, and nothing of what is said.
 */
public interface Answerer {
    /**
     * Whether a command that is the server's to answer, one of those that {@link CommandSpec#proxyMayAnswer}, asks about the
     * proxy. The asker's words are those of that command.
     */
    boolean concerned(Asker asker, CommandSpec spec);

    /**
     * Answers the asker's command, which is local or one that it is {@link #concerned} by. False if the session has to wait
     * with it; then it is begun anew when what was missing may have come.
     */
    boolean answer(Asker asker, CommandSpec spec);
}
