package io.tidegate.proxy.local;

import static io.tidegate.proxy.local.LocalRedis.MASTER_NAME;

import io.tidegate.protocol.RespValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whether servers and sentinels agree about who is who. Asks all that are {@link RedisProcess#responsive}; what is dead
 * or frozen has no say, and its absence is not held against the others.
 */
final class Consensus {
    private final List<RedisProcess> servers;
    private final List<RedisProcess> sentinels;

    Consensus(List<RedisProcess> servers, List<RedisProcess> sentinels) {
        this.servers = servers;
        this.sentinels = sentinels;
    }

    Optional<RedisProcess> currentPrimary() {
        try {
            return Optional.of(agreedPrimary());
        } catch (Disagreement e) {
            return Optional.empty();
        }
    }

    /**
     * The primary that every other server replicates from, while no sentinel is at work or holds it for down: no failover
     * is under way, and none is about to begin. Who is dead or frozen is nobody's.
     */
    Optional<RedisProcess> settledPrimary() {
        try {
            return Optional.of(requireSettled());
        } catch (Disagreement e) {
            return Optional.empty();
        }
    }

    /** What still stands against a complete agreement; empty if nothing does. */
    Optional<String> obstacle() {
        try {
            requireSettled();
            for (RedisProcess sentinel : sentinels) {
                if (sentinel.responsive()) {
                    requireFamiliar(sentinel);
                }
            }
            return Optional.empty();
        } catch (Disagreement e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The server that every sentinel names, or without sentinels the only one, and that itself says it is primary. */
    private RedisProcess agreedPrimary() throws Disagreement {
        List<RedisProcess> primaries = new ArrayList<>();
        for (RedisProcess server : servers) {
            if (server.responsive() && element(0, server, "ROLE").equals("master")) {
                primaries.add(server);
            }
        }
        for (RedisProcess sentinel : sentinels) {
            if (sentinel.responsive()) {
                String port = element(1, sentinel, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME);
                primaries.removeIf(server -> !port.equals(Integer.toString(server.port())));
            }
        }
        if (primaries.size() != 1) {
            throw new Disagreement("servers that are primary and named by every sentinel: " + primaries);
        }
        return primaries.get(0);
    }

    private RedisProcess requireSettled() throws Disagreement {
        RedisProcess primary = agreedPrimary();
        requireReplication(primary);
        String epoch = "";
        for (RedisProcess sentinel : sentinels) {
            if (sentinel.responsive()) {
                RespValue seen = seenBy(sentinel);
                String flags = field(seen, "flags");
                require("master".equals(flags), sentinel, "sees the primary as " + flags);
                String at = field(seen, "config-epoch");
                require(epoch.isEmpty() || epoch.equals(at), sentinel, "is at epoch " + at + ", not " + epoch);
                epoch = at;
            }
        }
        return primary;
    }

    private void requireReplication(RedisProcess primary) throws Disagreement {
        for (RedisProcess server : servers) {
            if (server != primary && server.responsive()) {
                Map<String, String> info = ask(server, client -> client.info("replication"));
                String from = info.get("master_port");
                require(Integer.toString(primary.port()).equals(from), server, "replicates from port " + from);
                String link = info.get("master_link_status");
                require("up".equals(link), server, "has its replication link " + link);
            }
        }
        // The primary's own view lags behind the replicas': it counts a replica as online at that one's first REPLCONF
        // ACK.
        long expected = servers.stream().filter(RedisProcess::responsive).count() - 1;
        long online = ask(primary, client -> client.info("replication")).values().stream()
                .filter(value -> value.contains("state=online"))
                .count();
        require(online >= expected, primary, "has " + online + " of " + expected + " replicas online");
    }

    private static RespValue seenBy(RedisProcess sentinel) throws Disagreement {
        return ask(sentinel, client -> client.command("SENTINEL", "MASTER", MASTER_NAME));
    }

    /** Requires that the sentinel knows everybody. */
    private void requireFamiliar(RedisProcess sentinel) throws Disagreement {
        RespValue seen = seenBy(sentinel);
        String peers = field(seen, "num-other-sentinels");
        require(Integer.toString(sentinels.size() - 1).equals(peers), sentinel, "knows " + peers + " other sentinels");
        RespValue replicas = ask(sentinel, client -> client.command("SENTINEL", "REPLICAS", MASTER_NAME));
        for (RedisProcess server : servers) {
            if (server.responsive() && !Integer.toString(server.port()).equals(field(seen, "port"))) {
                requireReplicaSeen(sentinel, server, replicas.elements());
            }
        }
    }

    private static void requireReplicaSeen(RedisProcess sentinel, RedisProcess server, List<RespValue> replicas)
            throws Disagreement {
        for (RespValue replica : replicas) {
            if (Integer.toString(server.port()).equals(field(replica, "port"))) {
                String state = field(replica, "flags") + ", link " + field(replica, "master-link-status");
                require(state.equals("slave, link ok"), sentinel, "sees " + server + " as " + state);
                return;
            }
        }
        throw new Disagreement(sentinel + " does not know " + server);
    }

    private static String field(RespValue pairs, String name) {
        RespValue value = pairs.field(name);
        return value == null ? "nothing" : value.text();
    }

    private static void require(boolean condition, RedisProcess process, String otherwise) throws Disagreement {
        if (!condition) {
            throw new Disagreement(process + " " + otherwise);
        }
    }

    private static String element(int index, RedisProcess process, String... command) throws Disagreement {
        return ask(process, client -> client.command(command))
                .elements()
                .get(index)
                .text();
    }

    private static <T> T ask(RedisProcess process, Question<T> question) throws Disagreement {
        try (RedisCommandClient client = process.connect(RedisProcess.POLL_TIMEOUT)) {
            return question.ask(client);
        } catch (IOException | RedisErrorException e) {
            throw new Disagreement(process + ": " + e);
        }
    }

    private interface Question<T> {
        T ask(RedisCommandClient client) throws IOException;
    }

    /** Not an error: the state of things while they settle. */
    private static final class Disagreement extends Exception {
        private static final long serialVersionUID = 1L;

        Disagreement(String message) {
            super(message, null, false, false); // no stack trace: it is thrown at every poll
        }
    }
}
