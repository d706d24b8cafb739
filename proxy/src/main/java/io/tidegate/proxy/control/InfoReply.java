package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.ReplicationInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text of {@code INFO}, one section or several. See <a href="https://redis.io/docs/latest/commands/info/">INFO</a>;
 * a field that a version does not have takes the value that the document gives for "none".
 */
final class InfoReply {
    /** What {@code master_replid2} is where there is none. */
    private static final String NO_HISTORY = "0".repeat(40);

    private final Map<String, String> fields = new LinkedHashMap<>();

    private InfoReply() {}

    /** @throws Reply.UnreadableException if one of the replies is an error */
    static InfoReply of(List<Reply> sections) {
        InfoReply info = new InfoReply();
        sections.forEach(section -> section.text().lines().forEach(info::line));
        return info;
    }

    private void line(String line) {
        int colon = line.indexOf(':'); // the first: a value may be an IPv6 address
        if (colon > 0) {
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
    }

    /** All of them, in the server's order. */
    Map<String, String> fields() {
        return fields;
    }

    boolean flag(String field) {
        return "1".equals(fields.get(field));
    }

    boolean is(String field, String value) {
        return value.equals(fields.get(field));
    }

    /**
     * What sections server, replication and persistence say of a node.
     *
     * @throws Reply.UnreadableException if it is no Redis server, or a field is missing that every version has
     */
    ReplicationInfo replication() {
        boolean primary = primary();
        String former = fields.getOrDefault("master_replid2", NO_HISTORY);
        return new ReplicationInfo(
                required("run_id"),
                primary,
                required("master_replid"),
                former.equals(NO_HISTORY) ? null : former,
                former.equals(NO_HISTORY) ? -1 : number("second_repl_offset"),
                number(primary ? "master_repl_offset" : "slave_repl_offset"),
                primary ? null : address(fields.get("master_host"), fields.get("master_port")),
                "up".equals(fields.get("master_link_status")),
                flag("master_sync_in_progress"),
                flag("loading") || flag("async_loading"),
                primary || !"0".equals(fields.get("slave_priority")),
                primary ? replicas() : List.of());
    }

    private boolean primary() {
        if ("sentinel".equals(fields.get("redis_mode"))) {
            throw new Reply.UnreadableException("INFO: this is a sentinel (expected: a Redis server)");
        }
        return switch (required("role")) {
            case "master" -> true;
            case "slave" -> false;
            default -> throw new Reply.UnreadableException("INFO: role: " + fields.get("role"));
        };
    }

    private List<NodeAddress> replicas() {
        List<NodeAddress> replicas = new ArrayList<>();
        for (Map<String, String> replica : replicas(fields)) {
            // Port 0: it has connected, but not yet said where it listens.
            NodeAddress address = address(replica.get("ip"), replica.get("port"));
            if (address != null) {
                replicas.add(address);
            }
        }
        return replicas;
    }

    /** The lines {@code slave0:ip=127.0.0.1,port=6380,state=online,…} of a primary, numbered without a gap. */
    static List<Map<String, String>> replicas(Map<String, String> fields) {
        List<Map<String, String>> replicas = new ArrayList<>();
        for (int i = 0; fields.containsKey("slave" + i); i++) {
            Map<String, String> replica = new LinkedHashMap<>();
            for (String pair : fields.getOrDefault("slave" + i, "").split(",", -1)) {
                int equals = pair.indexOf('=');
                replica.put(pair.substring(0, Math.max(0, equals)), pair.substring(equals + 1));
            }
            replicas.add(replica);
        }
        return replicas;
    }

    private String required(String field) {
        String value = fields.get(field);
        if (value == null || value.isEmpty()) {
            throw new Reply.UnreadableException("INFO without " + field);
        }
        return value;
    }

    private long number(String field) {
        try {
            return Long.parseLong(required(field));
        } catch (NumberFormatException e) {
            throw new Reply.UnreadableException("INFO: " + field + ": " + fields.get(field) + " (expected: a number)");
        }
    }

    /** Null if it is none that one could connect to. */
    static @Nullable NodeAddress address(@Nullable String host, @Nullable String port) {
        return port == null || !port.matches("\\d{1,5}") ? null : NodeAddress.orNull(host, Integer.parseInt(port));
    }
}
