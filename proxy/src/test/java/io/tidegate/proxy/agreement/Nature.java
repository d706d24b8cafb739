package io.tidegate.proxy.agreement;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.protocol.RespValue;
import io.tidegate.protocol.RespValues;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * In which way two replies to the same request have to be the same. This is the whole list of what may differ, with the
 * reason of each; and of two things more, which no single reply shows: whether a message of a subscription comes before or
 * after a reply on the same connection, since it comes to the proxy on another connection than the reply; and which of
 * several patterns is told first of the same message ({@link Messages}).
 */
enum Nature {
    /** Byte by byte: every request that is not named below. */
    EXACT("the reply says nothing but what every server would say"),

    /** The same elements in any order. */
    ANY_ORDER("a dictionary is walked in an order that depends on a random number of each process"),

    /** The same replies in the same order, each of them in any order within. */
    EACH_ANY_ORDER("a transaction may have any of those among its commands"),

    /** A reply for each topic, with the same words and numbers in the same order, and the same topics in any. */
    TOPICS_IN_ANY_ORDER("what a client is subscribed to is such a dictionary"),

    /** The same kind of reply. */
    OWN_FIGURES("time, memory, addresses, numbers of connections: every process has its own"),

    /** The same, but for when exactly that is. */
    INSTANT("a key that lives for a time ends that long after it was set, at each server"),

    /** The same kind of reply, with a cursor and some elements. */
    PLACE("a cursor is a place in the tables of the process that gave it, and says of which"),

    /** A map with the same fields, and the same values but for the number of the connection. */
    GREETING("the number of the connection is each process's own"),

    /** The server executes it, the proxy refuses it: an error that says so. */
    REFUSED("could break the topology or the shared connections, see the command table"),

    /** A server of this version does not know it, the proxy does. */
    NEWER("answered by the proxy itself, for all versions of servers alike");

    private static final Set<String> ORDERLESS =
            Set.of("KEYS", "SCAN", "SSCAN", "SMEMBERS", "SUNION", "SDIFF", "SINTER", "HGETALL", "HKEYS", "HVALS");
    private static final Set<String> FIGURES = Set.of("TIME", "INFO", "ROLE", "LASTSAVE");
    private static final Set<String> INSTANTS = Set.of("EXPIRETIME", "PEXPIRETIME");

    private final String reason;

    Nature(String reason) {
        this.reason = reason;
    }

    static Nature of(Request request) {
        String name = request.name();
        if (name.equals("EXEC")) {
            return EACH_ANY_ORDER;
        }
        if (name.equals("SCAN")
                && request.word(2).equals("COUNT")
                && request.word(3).length() == 1) {
            return PLACE;
        }
        if (ORDERLESS.contains(name)) {
            return ANY_ORDER;
        }
        boolean listed = name.equals("COMMAND") && Set.of("", "LIST", "DOCS").contains(request.word(1));
        boolean functions = name.equals("FUNCTION") && request.word(1).equals("LIST");
        boolean topics =
                name.equals("PUBSUB") && Set.of("CHANNELS", "SHARDCHANNELS").contains(request.word(1));
        if (listed
                || functions
                || topics
                || (name.equals("ACL") && request.word(1).equals("CAT"))) {
            return ANY_ORDER;
        }
        if (name.endsWith("UNSUBSCRIBE") && request.words().size() == 1) {
            return TOPICS_IN_ANY_ORDER;
        }
        if (FIGURES.contains(name)) {
            return OWN_FIGURES;
        }
        if (INSTANTS.contains(name)) {
            return INSTANT;
        }
        if (name.equals("HELLO")) {
            return GREETING;
        }
        if ((name.equals("CONFIG") && request.word(1).equals("SET")) || name.equals("DEBUG")) {
            return REFUSED;
        }
        if (name.equals("CLIENT")) {
            return switch (request.word(1)) {
                case "ID", "INFO", "LIST" -> OWN_FIGURES;
                case "SETINFO", "NO-TOUCH" -> NEWER;
                default -> EXACT;
            };
        }
        return EXACT;
    }

    String reason() {
        return reason;
    }

    /** Whether the proxy's reply is right, given the server's. An empty one never came. */
    boolean same(byte[] server, byte[] proxy) {
        if (Arrays.equals(server, proxy)) {
            return true;
        }
        if (proxy.length == 0 || this == EXACT) {
            return false;
        }
        return switch (this) {
            case EXACT, TOPICS_IN_ANY_ORDER -> false;
            case ANY_ORDER -> server[0] == proxy[0] && sorted(server).equals(sorted(proxy));
            case EACH_ANY_ORDER ->
                server[0] == '*' && proxy[0] == '*' && each(server).equals(each(proxy));
            case OWN_FIGURES -> server[0] == proxy[0];
            // -1 and -2, for keys that live for ever or are not there, are as the server says.
            case INSTANT -> server[0] == ':' && proxy[0] == ':' && server[1] != '-' && proxy[1] != '-';
            case PLACE -> server[0] == '*' && proxy[0] == '*' && place(proxy);
            case GREETING ->
                server[0] == proxy[0] && server[0] != '-' && greeting(server).equals(greeting(proxy));
            case REFUSED -> Request.shown(proxy).startsWith("-ERR not executed: ");
            case NEWER -> server[0] == '-';
        };
    }

    /** Whether all replies to one request are right, given the server's. */
    boolean sameAll(List<byte[]> server, List<byte[]> proxy) {
        return this == TOPICS_IN_ANY_ORDER
                && server.size() == proxy.size()
                && topics(server).equals(topics(proxy))
                && withoutTopics(server).equals(withoutTopics(proxy));
    }

    private static List<String> topics(List<byte[]> replies) {
        return replies.stream()
                .map(reply -> String.valueOf(read(reply).elements().get(1)))
                .sorted()
                .toList();
    }

    private static List<String> withoutTopics(List<byte[]> replies) {
        return replies.stream()
                .map(reply -> (char) reply[0] + " " + read(reply).elements().get(0) + " "
                        + read(reply).elements().get(2))
                .toList();
    }

    private static boolean place(byte[] reply) {
        List<RespValue> parts = read(reply).elements();
        return parts.size() == 2 && parts.get(0).text().matches("\\d{1,19}");
    }

    private static List<String> sorted(byte[] reply) {
        return leaves(read(reply)).sorted().toList();
    }

    private static List<List<String>> each(byte[] reply) {
        RespValue value = read(reply);
        return value.isNull()
                ? List.of()
                : value.elements().stream()
                        .map(element -> leaves(element).sorted().toList())
                        .toList();
    }

    private static java.util.stream.Stream<String> leaves(RespValue value) {
        boolean aggregate =
                value instanceof RespValue.Array || value instanceof RespValue.Set || value instanceof RespValue.Map;
        return aggregate
                ? value.elements().stream().flatMap(Nature::leaves)
                : java.util.stream.Stream.of(value.toString());
    }

    private static List<RespValue> greeting(byte[] reply) {
        List<RespValue> fields = new java.util.ArrayList<>(read(reply).elements());
        for (int i = 0; i + 1 < fields.size(); i += 2) {
            if (fields.get(i).text().equals("id")) {
                fields.set(i + 1, fields.get(i));
            }
        }
        return fields;
    }

    private static RespValue read(byte[] reply) {
        ByteBuf bytes = Unpooled.wrappedBuffer(reply);
        return RespValues.read(bytes, 0, reply.length);
    }
}
