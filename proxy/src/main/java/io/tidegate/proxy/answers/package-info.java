/**
 * What Tidegate answers by itself, all of it: what no server is asked, or what a server would answer for the wrong one. Beside
 * it are only the errors in {@link io.tidegate.proxy.dispatch.ErrorReply}, and {@code BrokenTransaction} there.
 *
 * <ul>
 *   <li>{@link io.tidegate.proxy.answers.LocalCommands} is the face: whoever answers for one event loop. PING, ECHO, QUIT and
 *       RESET it answers itself.
 *   <li>{@code Hello}, {@code SelectCommand}: who the client is, what it speaks and in which database it is, as far as the
 *       primary agrees.
 *   <li>{@code ClientCommand} and its neighbours: CLIENT, of this proxy's clients on all event loops. Whether the asker may
 *       is the servers' to say, where clients are users of theirs.
 *   <li>{@code ProxyCommand}: PROXY. {@code OperatorCommand} are those of its subcommands for which another thread is asked.
 *   <li>{@code AskedOfProxy}, {@code ClusterFacade}: commands that are the servers', unless the proxy itself is meant.
 * </ul>
 *
 * <p>The package knows {@code dispatch} and is known by nobody but what puts the proxy together, which hands it in as an
 * {@link io.tidegate.proxy.dispatch.Answerer}: when it is a command's turn, that is decided there. Of a session it sees an
 * {@link io.tidegate.proxy.dispatch.Asker}, on its event loop. An answer that cannot be given yet is begun anew, from the
 * first word of the command, when what it waits for may have come; so nothing is remembered here between two attempts.
 */
@NullMarked
package io.tidegate.proxy.answers;

import org.jspecify.annotations.NullMarked;
