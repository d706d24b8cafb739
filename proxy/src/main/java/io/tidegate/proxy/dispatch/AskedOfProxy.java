package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.metrics.Metrics.Totals;
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

    /** Whether the command at the session's position, one of those that {@link CommandSpec#proxyMayAnswer}, asks about it. */
    boolean concerns(Session session, CommandSpec spec) {
        if (!spec.arityFits(session.args.count())) {
            return false;
        }
        return spec.name().equals("info")
                ? isAboutProxy(session.args)
                : spec.name().startsWith("cluster|") && cluster.concerns(session);
    }

    private static boolean isAboutProxy(RequestArgs args) {
        return args.count() == 2 && args.is(1, "tidegate");
    }

    /** Whether the command at the session's position, one of those that {@link CommandSpec#proxyMayAnswer}, is answered. */
    boolean answers(Session session, CommandSpec spec, long end) {
        if (!concerns(session, spec)) {
            return false;
        }
        loop.dispatcher().seal(session);
        if (spec.name().equals("info")) {
            info(session, end);
        } else {
            cluster.answer(session, spec, end);
        }
        loop.stats().answeredLocally(session.level.kind());
        return true;
    }

    private void info(Session session, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.verbatim(reply, section(), session.key.protocol());
        session.answered(reply, end);
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
        section.line("blocked_clients", loop.plane().blockedClients());
        section.line("epoch", table.epoch());
        section.line("primary", primary == null ? "none" : primary.address());
        section.line("writes", table.writes().name().toLowerCase(Locale.ROOT));
        section.line("evidence_ms", fromNow(table.evidenceNanos(), nowNanos));
        section.line("replicas", table.replicas().size());
        int number = 0;
        for (Replica replica : table.replicas()) {
            String age = replica.asOfNanos() == Instants.UNKNOWN
                    ? "unknown"
                    : Section.millis(nowNanos - replica.asOfNanos());
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

    private static String fromNow(long instantNanos, long nowNanos) {
        if (instantNanos == Instants.FOREVER) {
            return "forever";
        }
        return instantNanos == Instants.UNKNOWN ? "unknown" : Section.millis(instantNanos - nowNanos);
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

        static String millis(long nanos) {
            return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
