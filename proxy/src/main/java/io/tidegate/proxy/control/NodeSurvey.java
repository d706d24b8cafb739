package io.tidegate.proxy.control;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks nodes once how they are set up, for what a proxy in service need not know: whether a replica would hold other data
 * than its primary, whom a failover passes over, when a primary refuses writes, whom it asks for no password.
 */
public final class NodeSurvey implements AutoCloseable {
    private static final List<Query> QUERIES = List.of(
            Query.of(CommandType.INFO, "replication"),
            Query.of(CommandType.INFO, "memory"),
            Query.of(CommandType.CONFIG, "GET", "replica-ignore-maxmemory"),
            Query.of(CommandType.CONFIG, "GET", "min-replicas-to-write"),
            Query.of(CommandType.ACL, "GETUSER", "default"));

    private final Upstream upstream;
    private final Connector connector;
    private final boolean passwordsCount;

    /**
     * A survey that has asked nobody yet; connections are those that the proxy would open.
     *
     * @param passwordsCount whether there is a port that nobody but the servers' passwords keeps others from
     */
    public NodeSurvey(Upstream upstream, UpstreamTls tls, boolean passwordsCount) {
        this.upstream = upstream;
        this.passwordsCount = passwordsCount;
        this.connector = new Connector(upstream, tls);
    }

    /** What is odd about this node's own set-up; that it cannot be asked is one of the answers. */
    public List<Oddity> of(NodeAddress node) throws InterruptedException {
        CompletableFuture<List<Reply>> asked = new CompletableFuture<>();
        connector.node(node).whenComplete((connection, failure) -> {
            if (connection == null) {
                asked.completeExceptionally(failure == null ? new IllegalStateException("no connection") : failure);
            } else {
                ask(connection, asked);
            }
        });
        try {
            return read(node, asked.get(upstream.connectNanosMax() + upstream.replyNanosMax(), TimeUnit.NANOSECONDS));
        } catch (ExecutionException | TimeoutException | Reply.UnreadableException e) {
            return List.of(new Oddity(
                    "unasked_node",
                    "node " + node + " could not be asked for its set-up: " + Reasons.of(e),
                    "let the user in upstream.username run INFO"));
        }
    }

    private static void ask(StatefulRedisConnection<String, String> connection, CompletableFuture<List<Reply>> asked) {
        Exchange.ask(connection, QUERIES, new Exchange.Handler() {
            @Override
            public void answered(List<Reply> replies) {
                asked.complete(replies);
                connection.closeAsync();
            }

            @Override
            public void failed(Throwable cause) {
                asked.completeExceptionally(cause);
                connection.closeAsync();
            }
        });
    }

    /** @throws Reply.UnreadableException if INFO was refused; the rest may be: what it would have said is then not looked at */
    private List<Oddity> read(NodeAddress node, List<Reply> replies) {
        InfoReply info = InfoReply.of(replies.subList(0, 2));
        List<Oddity> odd = new ArrayList<>();
        if (info.is("role", "slave")) {
            ofReplica("replica " + node, info, config(replies.get(2)), odd);
            return odd;
        }
        if (config(replies.get(3)).matches("[1-9]\\d*")) {
            odd.add(new Oddity(
                    "min_replicas",
                    "primary " + node + " refuses writes (NOREPLICAS) with fewer than " + config(replies.get(3))
                            + " replicas connected; they are held meanwhile",
                    "intended? else set min-replicas-to-write to 0"));
        }
        if (passwordsCount && servesAnybody(replies.get(4))) {
            odd.add(new Oddity(
                    "no_password",
                    "primary " + node
                            + " lets its default user in with any password, and so do ports that others than this"
                            + " machine reach",
                    "give that user a password, or set it off"));
        }
        return odd;
    }

    private static boolean servesAnybody(Reply defaultUser) {
        if (defaultUser.error() != null) {
            return false;
        }
        String flags = defaultUser.map().getOrDefault("flags", "");
        return flags.matches("(.*\\W)?nopass\\b.*") && flags.matches("(.*\\W)?on\\b.*");
    }

    private static void ofReplica(String replica, InfoReply info, String ignoresMaxmemory, List<Oddity> odd) {
        boolean bounded = !info.is("maxmemory", "0") && !info.is("maxmemory_policy", "noeviction");
        if (bounded && ignoresMaxmemory.equals("no")) {
            odd.add(new Oddity(
                    "evicting_replica",
                    replica + " evicts by itself, so reads may miss keys that the primary has",
                    "set replica-ignore-maxmemory to yes"));
        }
        if (info.is("slave_read_only", "0")) {
            odd.add(new Oddity(
                    "writable_replica",
                    replica + " accepts writes, so reads may find what no primary has",
                    "set replica-read-only to yes"));
        }
        if (info.is("slave_priority", "0")) {
            odd.add(new Oddity(
                    "unpromotable_replica",
                    replica + " has priority 0: no failover chooses it",
                    "intended? else set replica-priority to 100"));
        }
    }

    /** The value of the one setting asked for; empty if the server does not know it, or does not tell. */
    private static String config(Reply reply) {
        if (reply.error() != null) {
            return "";
        }
        return reply.map().values().stream().findFirst().orElse("");
    }

    /** Closes every connection. */
    @Override
    public void close() {
        connector.close();
    }
}
