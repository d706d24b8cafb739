package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Role;

/** The reply to {@code ROLE}. See <a href="https://redis.io/docs/latest/commands/role/">ROLE</a>. */
final class RoleReply {
    private RoleReply() {}

    /** @throws Reply.UnreadableException if the node is neither primary nor replica */
    static Role role(Reply reply) {
        return switch (reply.text(0)) {
            case "master" -> new Role.Primary(reply.number(1));
            case "slave" ->
                new Role.Replica(NodeAddress.orNull(reply.text(1), reply.number(2)), reply.text(3), reply.number(4));
            default ->
                throw new Reply.UnreadableException(
                        "ROLE: " + reply.text(0) + " (expected: the role of a primary or a replica)");
        };
    }
}
