package io.tidegate.proxy.cli;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.LayerSettings;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.config.TidegateConfig.Auth;
import io.tidegate.proxy.control.Accounts;
import io.tidegate.proxy.control.ControlPlane;
import io.tidegate.proxy.control.ControlPorts;
import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.NodeSurvey;
import io.tidegate.proxy.control.Oddity;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.metrics.ControlStats;
import io.tidegate.proxy.tls.UpstreamTls;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ProbePacer.Demand;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.engine.Acknowledged.Writes;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import io.tidegate.routing.engine.WarningKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code tidegate check --live}: a control plane without clients looks at the shard for a few seconds, as the proxy would,
 * and what its engine finds odd is told, with what the nodes say of their own set-up.
 */
final class LiveCheck {
    /** Longer than what every failover passes through is kept to oneself. */
    private static final Duration LOOK = Duration.ofSeconds(7);

    private static final Set<WarningKind> AGAINST_A_LEASE = EnumSet.of(
            WarningKind.TOO_FEW_SENTINELS,
            WarningKind.NO_LEASE,
            WarningKind.SHORT_DOWN_AFTER,
            WarningKind.EPOCHS_LOST,
            WarningKind.UNKNOWN_NAME);

    private final TidegateConfig config;
    private final UpstreamTls tls;
    private final Console console;
    private final ControlStats stats = new ControlStats();
    private volatile RoutingTable table = RoutingTable.EMPTY;

    LiveCheck(TidegateConfig config, UpstreamTls tls, Console console) {
        this.tls = tls;
        this.config = config;
        this.console = console;
    }

    /** Prints what was found, one line each; true if nothing is odd. */
    boolean run() throws InterruptedException {
        look();
        List<Oddity> odd = new ArrayList<>();
        stats.warnings()
                .forEach(warning -> odd.add(new Oddity(
                        warning.kind().label(), warning.text(), warning.kind().remedy())));
        Node primary = table.primary();
        if (primary == null) {
            odd.add(new Oddity(
                    "no_primary", "no node is proven to be primary, so no write is served", "mend the rest first"));
        }
        odd.addAll(survey());
        console.out().println(shard(primary));
        lease().ifPresent(console.out()::println);
        odd.forEach(each -> console.out().println("odd: " + each.kind() + ": " + each.text() + "; " + each.remedy()));
        return odd.isEmpty();
    }

    private void look() throws InterruptedException {
        try (ControlPlane control = new ControlPlane(
                LayerSettings.engine(config, false), // it looks, and touches nothing
                config.upstream(),
                tls,
                Clock.start(),
                new ControlPorts(
                        next -> table = next,
                        commands -> {},
                        stats::heard,
                        () -> new Demand(Long.MAX_VALUE, Instants.UNKNOWN, false),
                        new NoClients(),
                        ended -> {},
                        () -> 0,
                        BackendView.off()))) {
            control.start();
            console.lifetime().await(LOOK);
        }
    }

    private List<Oddity> survey() throws InterruptedException {
        List<Oddity> odd = new ArrayList<>();
        try (NodeSurvey survey = new NodeSurvey(config.upstream(), tls, passwordsCount())) {
            Node primary = table.primary();
            if (primary != null && !table.primaryLost()) {
                odd.addAll(survey.of(primary.address()));
            }
            for (Replica replica : table.replicas()) {
                if (!replica.node().runId().isEmpty()) { // else it has not answered, which is told already
                    odd.addAll(survey.of(replica.node().address()));
                }
            }
        }
        return odd;
    }

    private boolean passwordsCount() {
        return config.clients().auth() == Auth.PASSTHROUGH
                && config.listeners().stream().anyMatch(listener -> !listener.open());
    }

    private String shard(@Nullable Node primary) {
        long answering = stats.sentinels().values().stream().filter(up -> up).count();
        String sentinels = config.upstream().topology() instanceof Topology.Sentinel
                ? ", " + answering + " of " + stats.sentinels().size() + " sentinels answer"
                : "";
        return "shard: primary " + (primary == null ? "none" : primary.address() + " at epoch " + table.epoch()) + ", "
                + table.replicas().size() + " other nodes" + sentinels;
    }

    /** Whether writes can do without a round trip to the sentinels; nothing where that is not asked for. */
    private Optional<String> lease() {
        if (config.fence() != Fence.LEASE || !(config.upstream().topology() instanceof Topology.Sentinel)) {
            return Optional.empty();
        }
        String against = stats.warnings().stream()
                .map(warning -> warning.kind())
                .filter(AGAINST_A_LEASE::contains)
                .distinct()
                .map(WarningKind::label)
                .collect(Collectors.joining(", "));
        if (!against.isEmpty()) {
            return Optional.of("lease: none, or with gaps, in which writes wait for the sentinels: see " + against);
        }
        return Optional.of("lease: " + (table.primary() == null ? "none, as there is no primary" : "possible"));
    }

    /** Nobody is served, so a failover is felt by nobody. */
    private static final class NoClients implements Accounts {
        @Override
        public Impact totals() {
            return Impact.NONE;
        }

        @Override
        public long held() {
            return 0;
        }

        @Override
        public long parked() {
            return 0;
        }

        @Override
        public long lastHoldEndNanos() {
            return Instants.UNKNOWN;
        }

        @Override
        public Writes writes(long epoch) {
            return new Writes(0, 0, 0, 0, 0);
        }

        @Override
        public long firstAcknowledgedNanos(long epoch) {
            return Instants.UNKNOWN;
        }
    }
}
