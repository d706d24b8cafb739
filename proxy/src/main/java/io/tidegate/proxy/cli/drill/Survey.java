package io.tidegate.proxy.cli.drill;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.cli.drill.Topology.Replica;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks who is primary and who follows, with commands that change nothing: {@code SENTINEL GET-MASTER-ADDR-BY-NAME}, {@code
 * REPLICAS} and {@code CKQUORUM}, {@code INFO replication} and {@code INFO tidegate}.
 */
final class Survey {
    static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    private final Access access;
    private final String shard;

    Survey(Access access, String shard) {
        this.access = access;
        this.shard = shard;
    }

    /**
     * Looks, by the sentinels if there are any, else by the target.
     *
     * @throws IOException if neither says anything; a primary that is not known is no error
     */
    Topology look() throws IOException {
        return access.sentinels().isEmpty() ? byTarget() : bySentinels();
    }

    /** What a sentinel says of its quorum: {@code OK 3 usable Sentinels. …}. */
    String quorum() throws IOException {
        return ask(sentinel -> sentinel.command("SENTINEL", "CKQUORUM", shard).text());
    }

    /** A question to one of the sentinels. */
    interface Question<T> {
        T ask(RedisCommandClient sentinel) throws IOException;
    }

    /** The answer of the first sentinel that lets itself be connected to. */
    <T> T ask(Question<T> question) throws IOException {
        IOException failure = new IOException("no sentinel is given");
        for (Endpoint sentinel : access.sentinels()) {
            RedisCommandClient client;
            try {
                client = sentinel.open(ANSWER_MAX);
            } catch (IOException e) {
                failure = e;
                continue;
            }
            try (client) {
                return question.ask(client);
            } catch (RedisErrorException e) {
                throw new IOException(sentinel.address() + ": " + e.getMessage(), e);
            }
        }
        throw failure;
    }

    private Topology bySentinels() throws IOException {
        Map<String, Boolean> seen = new TreeMap<>();
        NodeAddress primary = ask(sentinel -> {
            RespValue found = sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", shard);
            if (found.isNull()) {
                throw new IOException("the sentinels know no '" + shard + "'");
            }
            for (RespValue replica :
                    sentinel.command("SENTINEL", "REPLICAS", shard).elements()) {
                Map<String, String> fields = fields(replica);
                seen.put(
                        address(fields.get("ip"), fields.get("port")).toString(),
                        "ok".equals(fields.get("master-link-status")) && "slave".equals(fields.get("flags")));
            }
            return address(
                    found.elements().get(0).text(), found.elements().get(1).text());
        });
        try (RedisCommandClient node = access.node(primary).open(ANSWER_MAX)) {
            Map<String, String> info = node.info("replication");
            if (!"master".equals(info.get("role"))) {
                return new Topology(null, List.of(), primary + " says that it is a replica");
            }
            Map<String, Replica> replicas = new TreeMap<>();
            seen.keySet().forEach(each -> replicas.put(each, new Replica(NodeAddress.parse(each), false, 0)));
            replicas(info).forEach(replica -> replicas.put(replica.address().toString(), replica));
            return new Topology(primary, List.copyOf(replicas.values()), "sentinels and the primary");
        } catch (IOException | RedisErrorException e) {
            List<Replica> replicas = new ArrayList<>();
            seen.forEach((each, attached) -> replicas.add(new Replica(NodeAddress.parse(each), attached, 0)));
            return new Topology(primary, replicas, "sentinels (the primary was not asked: " + e.getMessage() + ")");
        }
    }

    private Topology byTarget() throws IOException {
        try (RedisCommandClient client = access.target().open(ANSWER_MAX)) {
            Map<String, String> info = client.info("replication");
            String named = client.info("tidegate").get("primary");
            if (named != null) {
                boolean known = !named.isEmpty() && !named.equals("none");
                return new Topology(known ? NodeAddress.parse(named) : null, replicas(info), "Tidegate");
            }
            return "master".equals(info.get("role"))
                    ? new Topology(access.target().address(), replicas(info), "the target")
                    : new Topology(primaryOf(info), List.of(), "the target, which is a replica");
        } catch (RedisErrorException e) {
            throw new IOException(access.target().address() + ": " + e.getMessage(), e);
        }
    }

    private static @Nullable NodeAddress primaryOf(Map<String, String> info) {
        String host = info.get("master_host");
        String port = info.get("master_port");
        return host == null || port == null ? null : address(host, port);
    }

    /** The lines {@code slave0:ip=…,port=…,state=online,offset=…,lag=0} of a primary. */
    static List<Replica> replicas(Map<String, String> info) {
        long written = Long.parseLong(info.getOrDefault("master_repl_offset", "0"));
        List<Replica> replicas = new ArrayList<>();
        info.forEach((name, value) -> {
            if (name.matches("slave\\d+")) {
                Map<String, String> fields = new HashMap<>();
                for (String field : value.split(",", -1)) {
                    int equals = field.indexOf('=');
                    fields.put(field.substring(0, Math.max(0, equals)), field.substring(equals + 1));
                }
                replicas.add(new Replica(
                        address(fields.get("ip"), fields.get("port")),
                        "online".equals(fields.get("state")),
                        Math.max(0, written - Long.parseLong(fields.getOrDefault("offset", "0")))));
            }
        });
        return replicas;
    }

    private static Map<String, String> fields(RespValue pairs) {
        Map<String, String> fields = new HashMap<>();
        List<RespValue> words = pairs.elements();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            fields.put(words.get(i).text(), words.get(i + 1).text());
        }
        return fields;
    }

    private static NodeAddress address(@Nullable String host, @Nullable String port) {
        return NodeAddress.parse(host != null && host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port);
    }
}
