package io.tidegate.proxy.control;

import io.lettuce.core.protocol.ProtocolKeyword;
import java.util.List;

/** One command of the control plane. */
record Query(ProtocolKeyword type, List<String> arguments) {
    Query {
        arguments = List.copyOf(arguments);
    }

    static Query of(ProtocolKeyword type, String... arguments) {
        return new Query(type, List.of(arguments));
    }

    /** As one would type it. */
    @Override
    public String toString() {
        return arguments.isEmpty() ? type.toString() : type + " " + String.join(" ", arguments);
    }
}
