package io.tidegate.proxy.config;

import io.tidegate.proxy.config.TidegateConfig.ActiveFence;
import io.tidegate.proxy.config.TidegateConfig.ClientTls;
import io.tidegate.proxy.config.TidegateConfig.Clients;
import io.tidegate.proxy.config.TidegateConfig.Cluster;
import io.tidegate.proxy.config.TidegateConfig.ClusterAnswer;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Drain;
import io.tidegate.proxy.config.TidegateConfig.Hold;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.config.TidegateConfig.Log;
import io.tidegate.proxy.config.TidegateConfig.MetricsBackend;
import io.tidegate.proxy.config.TidegateConfig.Park;
import io.tidegate.proxy.config.TidegateConfig.ProxyProtocol;
import io.tidegate.proxy.config.TidegateConfig.Reads;
import io.tidegate.proxy.config.TidegateConfig.Rights;
import io.tidegate.proxy.config.TidegateConfig.Scripts;
import io.tidegate.proxy.config.TidegateConfig.SentinelPort;
import io.tidegate.proxy.config.TidegateConfig.ServerTls;
import io.tidegate.proxy.config.TidegateConfig.SlowLog;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.proxy.config.TidegateConfig.Verify;
import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Builds the records from values without mistakes. */
final class Sections {
    private final Values values;

    private Sections(Values values) {
        this.values = values;
    }

    static TidegateConfig build(Values values) {
        return new Sections(values).config();
    }

    private TidegateConfig config() {
        Topology topology = topology();
        Map<NodeAddress, String> zones = values.known(ProcessTable.ZONES);
        return new TidegateConfig(
                IntStream.range(0, values.listeners()).mapToObj(this::listener).toList(),
                upstream(topology),
                fence(topology),
                values.of(UpstreamTable.FENCE_MARGIN),
                values.of(UpstreamTable.ACTIVE_FENCE) == ActiveFence.ON,
                clients(),
                new Hold(
                        values.of(TrafficTable.HOLD_TIME_MAX),
                        values.of(TrafficTable.HOLD_REQUESTS_MAX),
                        values.of(TrafficTable.HOLD_BYTES_MAX),
                        values.of(TrafficTable.HOLD_DRAIN_RATE),
                        values.of(TrafficTable.HOLD_DRY_RUN)),
                new Park(
                        values.of(TrafficTable.PARK_TIME_MAX),
                        values.of(TrafficTable.PARK_REPLIES_MAX),
                        values.of(TrafficTable.PARK_BYTES_MAX)),
                new Reads(
                        values.of(TrafficTable.MAX_LAG),
                        values.of(TrafficTable.SETTLE),
                        values.of(TrafficTable.SILENCE_MAX),
                        values.of(TrafficTable.PROBATION),
                        values.of(TrafficTable.SPILL_OUTSTANDING),
                        values.of(TrafficTable.SPILL_MAX),
                        values.of(TrafficTable.STRONG)),
                new Scripts(values.of(TrafficTable.SCRIPTS_BYTES_MAX), values.of(TrafficTable.SCRIPTS_COUNT_MAX)),
                set(values.known(TrafficTable.COMMANDS_ALLOW)),
                new Cluster(
                        values.of(TrafficTable.CLUSTER_ANSWER) == ClusterAnswer.ON,
                        Objects.requireNonNullElse(values.known(TrafficTable.CLUSTER_HOST), "")),
                sentinelPort(),
                values.known(ProcessTable.ZONE),
                zones == null ? Map.of() : zones,
                new Drain(values.of(ProcessTable.DRAIN_DELAY), values.of(ProcessTable.DRAIN_TIME_MAX)),
                values.of(ProcessTable.REUSE_PORT),
                values.of(ProcessTable.EVENT_LOOPS),
                values.of(ProcessTable.TRANSPORT),
                values.known(ProcessTable.ADMIN_ADDRESS),
                values.known(ProcessTable.ADMIN_TOKEN),
                serverTls(ProcessTable.ADMIN_TLS, 0),
                values.of(ProcessTable.ADMIN_READY),
                new SlowLog(values.of(ProcessTable.SLOWLOG_SLOWER_THAN), values.of(ProcessTable.SLOWLOG_ENTRIES_MAX)),
                values.of(ProcessTable.HOTKEYS_SAMPLE_EVERY),
                new Log(values.of(ProcessTable.LOG_FORMAT), values.of(ProcessTable.LOG_LEVEL)),
                values.of(ProcessTable.METRICS_BACKEND) == MetricsBackend.ON);
    }

    private Listener listener(int index) {
        return new Listener(
                values.of(ListenerTable.ADDRESS, index),
                values.of(ListenerTable.CONSISTENCY, index),
                values.of(ListenerTable.CAUSAL, index),
                durability(index),
                serverTls(ListenerTable.TLS, index),
                values.of(ListenerTable.PROXY_PROTOCOL, index) == ProxyProtocol.REQUIRED,
                new Rights(
                        set(values.known(ListenerTable.USERS, index)),
                        values.of(ListenerTable.READ_ONLY, index),
                        set(values.known(ListenerTable.ALLOW, index)),
                        set(values.known(ListenerTable.DENY, index))),
                ListenerTable.open(values, index));
    }

    private static Set<String> set(@Nullable List<String> names) {
        return names == null ? Set.of() : Set.copyOf(names);
    }

    private @Nullable ServerTls serverTls(ServerTlsGroup tls, int index) {
        Path certificate = values.known(tls.certificate(), index);
        return certificate == null
                ? null
                : new ServerTls(
                        certificate,
                        values.of(tls.key(), index),
                        values.known(tls.clientCa(), index),
                        values.of(tls.clientAuth(), index));
    }

    private @Nullable ClientTls clientTls(TlsGroup tls) {
        Optional<Path> authorities = values.known(tls.ca());
        return authorities == null
                ? null
                : new ClientTls(
                        authorities.orElse(null),
                        values.known(tls.certificate()),
                        values.known(tls.key()),
                        values.known(tls.serverName()),
                        values.of(tls.verify()) == Verify.FULL);
    }

    private Durability durability(int index) {
        Durability writes = values.of(ListenerTable.WRITES, index);
        Long lossNanosMax = values.known(ListenerTable.MAX_LOSS, index);
        return lossNanosMax == null ? writes : writes.withLossMax(lossNanosMax);
    }

    private @Nullable SentinelPort sentinelPort() {
        BindAddress address = values.known(ProcessTable.SENTINEL_PORT_ADDRESS);
        if (address == null) {
            return null;
        }
        String watched = Objects.requireNonNullElse(values.known(UpstreamTable.SENTINEL_MASTER), "mymaster");
        return new SentinelPort(
                address,
                Objects.requireNonNullElse(values.known(ProcessTable.SENTINEL_PORT_MASTER), watched),
                Objects.requireNonNullElse(values.known(ProcessTable.SENTINEL_PORT_ANNOUNCE), List.of()),
                serverTls(ProcessTable.SENTINEL_PORT_TLS, 0));
    }

    private Topology topology() {
        List<NodeAddress> nodes = values.known(UpstreamTable.STATIC_NODES);
        return nodes == null
                ? new Topology.Sentinel(
                        values.of(UpstreamTable.SENTINEL_MASTER), values.of(UpstreamTable.SENTINEL_NODES))
                : new Topology.Static(nodes, values.of(UpstreamTable.STATIC_RESTART));
    }

    private Fence fence(Topology topology) {
        Fence fence = values.known(UpstreamTable.FENCE);
        return Objects.requireNonNullElse(fence, topology instanceof Topology.Sentinel ? Fence.LEASE : Fence.ROLE);
    }

    private Upstream upstream(Topology topology) {
        return new Upstream(
                topology,
                new Credentials(values.known(UpstreamTable.USERNAME), values.known(UpstreamTable.PASSWORD)),
                new Credentials(
                        values.known(UpstreamTable.SENTINEL_USERNAME), values.known(UpstreamTable.SENTINEL_PASSWORD)),
                values.of(UpstreamTable.CONNECT_TIMEOUT),
                values.of(UpstreamTable.REPLY_TIMEOUT),
                clientTls(UpstreamTable.TLS),
                clientTls(UpstreamTable.SENTINEL_TLS));
    }

    private Clients clients() {
        return new Clients(
                values.of(ClientTable.AUTH),
                values.of(ClientTable.CONNECTIONS_MAX),
                values.of(ClientTable.CONNECTIONS_PER_ADDRESS_MAX),
                values.of(ClientTable.OUTPUT_BUFFER_MAX),
                values.of(ClientTable.SUBSCRIBER_BUFFER_MAX),
                values.of(ClientTable.SUBSCRIBER_BUFFER_SOFT_MAX),
                values.of(ClientTable.SUBSCRIBER_SOFT_TIME),
                values.of(ClientTable.SUBSCRIPTIONS_MAX),
                values.of(ClientTable.QUERY_BUFFER_MAX),
                values.of(ClientTable.BULK_MAX),
                values.of(ClientTable.IN_FLIGHT_MAX),
                values.of(ClientTable.HANDSHAKE_TIMEOUT),
                values.of(ClientTable.IDLE_TIMEOUT),
                values.of(ClientTable.REQUEST_TIMEOUT),
                values.of(ClientTable.WRITE_TIMEOUT));
    }
}
