package io.tidegate.proxy.upstream;

import io.tidegate.protocol.RespValue;

/** Reads the few facts that a greeting needs out of ROLE and INFO. */
final class RoleReply {
    private RoleReply() {}

    /** The first element of ROLE is {@code master}. */
    static boolean isPrimary(RespValue reply) {
        return reply instanceof RespValue.Array array
                && !array.elements().isEmpty()
                && array.elements().get(0).text().equals("master");
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
