package io.tidegate.proxy.upstream;

import io.tidegate.protocol.RespValue;
import io.tidegate.routing.NodeAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the few facts that a greeting needs out of ROLE and INFO. */
final class RoleReply {
    private RoleReply() {}

    /** The first element of ROLE is {@code master}. */
    static boolean isPrimary(RespValue reply) {
        return reply instanceof RespValue.Array array
                && !array.elements().isEmpty()
                && array.elements().get(0).text().equals("master");
    }

    /** The second and third element, of a replica's. */
    static @Nullable NodeAddress follows(RespValue reply) {
        if (!(reply instanceof RespValue.Array array)) {
            return null;
        }
        List<RespValue> elements = array.elements();
        return elements.size() > 2 && elements.get(2) instanceof RespValue.Int port
                ? NodeAddress.orNull(elements.get(1).text(), port.integer())
                : null;
    }

    /** The value of {@code name:value} in an INFO text; empty if there is none. */
    static String field(String info, String name) {
        int at = info.indexOf("\n" + name + ":");
        if (at < 0) {
            return "";
        }
        int from = at + name.length() + 2;
        int to = info.indexOf('\r', from);
        return to < 0 ? info.substring(from) : info.substring(from, to);
    }
}
