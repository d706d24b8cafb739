package io.tidegate.proxy.cli;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.admin.Json;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/** Says where a proxy listens and what it has found, once it is of use: listening, and with a primary behind it. */
final class ReadyLine {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);

    private ReadyLine() {}

    /** Waits until writes can be sent; false if the command is to end before. */
    static boolean awaitPrimary(Tidegate tidegate, Lifetime lifetime) throws InterruptedException {
        while (!tidegate.table().writes().open()) {
            if (lifetime.await(LOOK_AGAIN)) {
                return false;
            }
        }
        return true;
    }

    /** {@code listening on 127.0.0.1:6390 (session), …}. */
    static String listening(Tidegate tidegate) {
        BindAddress admin = tidegate.adminAddress();
        InetSocketAddress sentinelPort = tidegate.sentinelPortAddress();
        return "listening on "
                + tidegate.listeners().stream()
                        .map(listener -> listener.address() + " (" + listener.level() + ")")
                        .collect(Collectors.joining(", "))
                + (sentinelPort == null
                        ? ""
                        : ", as a sentinel on "
                                + new BindAddress(sentinelPort.getAddress().getHostAddress(), sentinelPort.getPort()))
                + (admin == null ? "" : ", admin on http://" + admin);
    }

    /** {@code ready: primary 127.0.0.1:6379, replicas …}. */
    static String text(Tidegate tidegate) {
        RoutingTable table = tidegate.table();
        Node primary = table.primary();
        String replicas = table.replicas().stream()
                .map(replica -> replica.node().address().toString())
                .collect(Collectors.joining(", "));
        return "ready: primary " + (primary == null ? "none" : primary.address()) + ", "
                + (replicas.isEmpty() ? "no replicas" : "replicas " + replicas);
    }

    /**
     * One line for scripts.
     *
     * @param pids process ids by what runs there
     */
    static String json(Tidegate tidegate, Map<String, Long> pids) {
        Json.Fields root = new Json.Fields().put("ready", true);
        Json.Items listeners = root.putArray("listeners");
        tidegate.listeners()
                .forEach(listener -> listeners
                        .addObject()
                        .put("consistency", listener.level().toString())
                        .put("address", listener.address().toString()));
        BindAddress admin = tidegate.adminAddress();
        root.put("admin", admin == null ? null : admin.toString());
        RoutingTable table = tidegate.table();
        Node primary = table.primary();
        root.put("primary", primary == null ? null : primary.address().toString());
        Json.Items replicas = root.putArray("replicas");
        table.replicas()
                .forEach(replica -> replicas.add(replica.node().address().toString()));
        Json.Items sentinels = root.putArray("sentinels");
        tidegate.sentinels().keySet().forEach(sentinel -> sentinels.add(sentinel.toString()));
        Json.Fields ids = root.putObject("pids");
        pids.forEach(ids::put);
        return root.toString();
    }
}
