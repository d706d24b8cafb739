package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.ShownInstants;
import io.tidegate.proxy.metrics.Metrics.Totals;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.routing.Instants;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.command.CommandSpec;
import java.util.Locale;

/**
 * Commands that are the server's to answer unless they ask about the proxy: {@code INFO TIDEGATE}, of which no server has a
 * section, and, where {@code cluster.answer} is on, {@link ClusterFacade}'s.
 */
final class AskedOfProxy {
    private final DataLoop loop;
    private final ClusterFacade cluster;
    private final long startNanos;

    AskedOfProxy(DataLoop loop) {
        this.loop = loop;
        this.cluster = new ClusterFacade(loop);
        this.startNanos = loop.nowNanos();
    }

    /** As {@link LocalCommands#concerned}. */
    boolean concerned(Asker asker, CommandSpec spec) {
        RequestArgs args = asker.args();
        if (!spec.arityFits(args.count())) {
            return false;
        }
        return spec.name().equals("info")
                ? args.count() == 2 && args.is(1, "tidegate")
                : spec.name().startsWith("cluster|") && cluster.concerned(asker);
    }

    boolean answer(Asker asker, CommandSpec spec) {
        return spec.name().equals("info") ? asker.text(section()) : cluster.answer(asker, spec);
    }

    private String section() {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        Totals totals = loop.plane().totals();
        Node primary = table.primary();
        Section section = new Section("Tidegate");
        String version = AskedOfProxy.class.getPackage().getImplementationVersion();
        section.line("tidegate_version", version == null ? "unknown" : version);
        section.line("uptime_in_seconds", (nowNanos - startNanos) / 1_000_000_000);
        section.line("event_loops", loop.plane().loops().size());
        section.line("connected_clients", loop.plane().clientCount());
        section.line("blocked_clients", loop.plane().blockedClientCount());
        section.line("epoch", table.epoch());
        section.line("primary", primary == null ? "none" : primary.address());
        section.line("writes", table.writes().name().toLowerCase(Locale.ROOT));
        section.line("evidence_ms", ShownInstants.fromNow(table.evidenceNanos(), nowNanos));
        section.line("replicas", table.replicas().size());
        int number = 0;
        for (Replica replica : table.replicas()) {
            String age = replica.asOfNanos() == Instants.UNKNOWN
                    ? "unknown"
                    : ShownInstants.millis(nowNanos - replica.asOfNanos());
            section.line(
                    "replica" + number++,
                    "node=" + replica.node().address() + ",state="
                            + replica.health().label() + ",as_of_age_ms=" + age);
        }
        section.line("warnings", loop.plane().warnings().size());
        section.line("held_requests", totals.held());
        section.line("parked_replies", totals.parked());
        section.line("total_held_requests", totals.holds());
        section.line("total_parked_replies", totals.parks());
        section.line("total_replayed_requests", totals.replayed());
        section.line("total_uncertain_answers", totals.uncertain());
        return section.toString();
    }

    /** Lines as INFO has them. */
    private static final class Section {
        private final StringBuilder text;

        Section(String title) {
            text = new StringBuilder("# ").append(title).append("\r\n");
        }

        void line(String name, Object value) {
            text.append(name).append(':').append(value).append("\r\n");
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
