package io.tidegate.proxy.admin;

import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import java.util.Locale;

/**
 * What {@code /topology} shows. Ages and the lease are milliseconds with a fraction; null where nothing is proven, and
 * for a lease without end. Failovers are those of {@code PROXY FAILOVERS}, in JSON's spelling.
 */
final class TopologyJson {
    private static final double NANOS_PER_MILLI = 1e6;

    private TopologyJson() {}

    static String of(AdminSources sources) {
        RoutingTable table = sources.table().get();
        long nowNanos = sources.clock().getAsLong();
        Json.Fields root = new Json.Fields();
        root.put("epoch", table.epoch());
        root.put("generation", table.generation());
        root.put("gate", table.writes().name().toLowerCase(Locale.ROOT));
        if (table.evidenceNanos() == Instants.UNKNOWN || table.evidenceNanos() == Instants.FOREVER) {
            root.putNull("leaseMillis");
        } else {
            root.put("leaseMillis", (table.evidenceNanos() - nowNanos) / NANOS_PER_MILLI);
        }
        Node primary = table.primary();
        if (primary == null) {
            root.putNull("primary");
        } else {
            node(root.putObject("primary"), primary);
        }
        root.put("primaryLost", table.primaryLost());
        RoutingTable.Successor successor = table.successor();
        if (successor != null) {
            node(root.putObject("successor"), successor.node()).put("epoch", successor.epoch());
        }
        replicas(root.putArray("replicas"), table, nowNanos);
        Json.Items sentinels = root.putArray("sentinels");
        sources.sentinels()
                .get()
                .forEach((sentinel, up) -> sentinels
                        .addObject()
                        .put("address", sentinel.toString())
                        .put("up", up));
        Json.Items warnings = root.putArray("warnings");
        sources.warnings()
                .get()
                .forEach(warning -> warnings.addObject()
                        .put("kind", warning.kind().label())
                        .put("text", warning.text())
                        .put("remedy", warning.kind().remedy()));
        Json.Items listeners = root.putArray("listeners");
        sources.listeners()
                .get()
                .forEach(listener -> listeners
                        .addObject()
                        .put("consistency", listener.level().toString())
                        .put("address", listener.address().toString()));
        Json.Items failovers = root.putArray("failovers");
        sources.failovers().get().forEach(failover -> FactsJson.put(failovers.addObject(), failover));
        return root.pretty() + "\n";
    }

    private static void replicas(Json.Items replicas, RoutingTable table, long nowNanos) {
        for (Replica replica : table.replicas()) {
            Json.Fields json = node(replicas.addObject(), replica.node());
            json.put("health", replica.health().label());
            json.put("explanation", replica.health().explanation());
            if (replica.asOfNanos() == Instants.UNKNOWN) {
                json.putNull("asOfAgeMillis");
            } else {
                json.put("asOfAgeMillis", (nowNanos - replica.asOfNanos()) / NANOS_PER_MILLI);
            }
        }
    }

    private static Json.Fields node(Json.Fields json, Node node) {
        return json.put("address", node.address().toString())
                .put("runId", node.runId())
                .put("sameZone", node.sameZone());
    }
}
