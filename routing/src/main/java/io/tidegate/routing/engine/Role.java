package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import org.jspecify.annotations.Nullable;

/** What {@code ROLE} says. See <a href="https://redis.io/docs/latest/commands/role/">ROLE</a>. */
public sealed interface Role {
    /**
     * A primary's answer.
     *
     * @param offset {@code master_repl_offset} when the command ran
     */
    record Primary(long offset) implements Role {}

    /**
     * A replica's answer.
     *
     * @param primary whom it follows; null where the server names none that can be read
     * @param linkState the wire's word: connect, connecting, handshake, sync, connected
     * @param offset the applied offset, -1 while the link is down
     */
    record Replica(@Nullable NodeAddress primary, String linkState, long offset) implements Role {
        public boolean connected() {
            return linkState.equals("connected");
        }
    }
}
