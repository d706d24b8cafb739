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
import io.tidegate.proxy.config.TidegateConfig.MetricsBackend;
import io.tidegate.proxy.config.TidegateConfig.Park;
import io.tidegate.proxy.config.TidegateConfig.Reads;
import io.tidegate.proxy.config.TidegateConfig.Scripts;
import io.tidegate.proxy.config.TidegateConfig.SentinelPort;
import io.tidegate.proxy.config.TidegateConfig.ServerTls;
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
        Map<NodeAddress, String> zones = values.known(Setting.ZONES);
        List<String> allowed = values.known(Setting.COMMANDS_ALLOW);
        return new TidegateConfig(
                IntStream.range(0, values.listeners()).mapToObj(this::listener).toList(),
                upstream(topology),
                fence(topology),
                values.of(Setting.FENCE_MARGIN),
                values.of(Setting.ACTIVE_FENCE) == ActiveFence.ON,
                clients(),
                new Hold(
                        values.of(Setting.HOLD_TIME_MAX),
                        values.of(Setting.HOLD_REQUESTS_MAX),
                        values.of(Setting.HOLD_BYTES_MAX),
                        values.of(Setting.HOLD_DRAIN_RATE),
                        values.of(Setting.HOLD_DRY_RUN)),
                new Park(
                        values.of(Setting.PARK_TIME_MAX),
                        values.of(Setting.PARK_REPLIES_MAX),
                        values.of(Setting.PARK_BYTES_MAX)),
                new Reads(
                        values.of(Setting.MAX_LAG),
                        values.of(Setting.SETTLE),
                        values.of(Setting.SILENCE_MAX),
                        values.of(Setting.PROBATION),
                        values.of(Setting.SPILL_OUTSTANDING),
                        values.of(Setting.SPILL_MAX),
                        values.of(Setting.STRONG)),
                new Scripts(values.of(Setting.SCRIPTS_BYTES_MAX), values.of(Setting.SCRIPTS_COUNT_MAX)),
                allowed == null ? Set.of() : Set.copyOf(allowed),
                new Cluster(
                        values.of(Setting.CLUSTER_ANSWER) == ClusterAnswer.ON,
                        Objects.requireNonNullElse(values.known(Setting.CLUSTER_HOST), "")),
                sentinelPort(),
                values.known(Setting.ZONE),
                zones == null ? Map.of() : zones,
                new Drain(values.of(Setting.DRAIN_DELAY), values.of(Setting.DRAIN_TIME_MAX)),
                values.of(Setting.REUSE_PORT),
                values.of(Setting.EVENT_LOOPS),
                values.of(Setting.TRANSPORT),
                values.known(Setting.ADMIN_ADDRESS),
                values.of(Setting.ADMIN_READY),
                values.of(Setting.METRICS_BACKEND) == MetricsBackend.ON);
    }

    private Listener listener(int index) {
        return new Listener(
                values.of(Setting.LISTENER_ADDRESS, index),
                values.of(Setting.LISTENER_CONSISTENCY, index),
                values.of(Setting.LISTENER_CAUSAL, index),
                durability(index),
                serverTls(index));
    }

    private @Nullable ServerTls serverTls(int index) {
        Path certificate = values.known(Setting.LISTENER_TLS_CERTIFICATE, index);
        return certificate == null
                ? null
                : new ServerTls(
                        certificate,
                        values.of(Setting.LISTENER_TLS_KEY, index),
                        values.known(Setting.LISTENER_TLS_CLIENT_CA, index),
                        values.of(Setting.LISTENER_TLS_CLIENT_AUTH, index));
    }

    private @Nullable ClientTls nodesTls() {
        Optional<Path> authorities = values.known(Setting.TLS_CA);
        return authorities == null
                ? null
                : new ClientTls(
                        authorities.orElse(null),
                        values.known(Setting.TLS_CERTIFICATE),
                        values.known(Setting.TLS_KEY),
                        values.known(Setting.TLS_SERVER_NAME),
                        values.of(Setting.TLS_VERIFY) == Verify.FULL);
    }

    private @Nullable ClientTls sentinelsTls() {
        Optional<Path> authorities = values.known(Setting.SENTINEL_TLS_CA);
        return authorities == null
                ? null
                : new ClientTls(
                        authorities.orElse(null),
                        values.known(Setting.SENTINEL_TLS_CERTIFICATE),
                        values.known(Setting.SENTINEL_TLS_KEY),
                        values.known(Setting.SENTINEL_TLS_SERVER_NAME),
                        values.of(Setting.SENTINEL_TLS_VERIFY) == Verify.FULL);
    }

    private Durability durability(int index) {
        Durability writes = values.of(Setting.LISTENER_WRITES, index);
        Long lossNanosMax = values.known(Setting.LISTENER_MAX_LOSS, index);
        return lossNanosMax == null ? writes : writes.withLossMax(lossNanosMax);
    }

    private @Nullable SentinelPort sentinelPort() {
        BindAddress address = values.known(Setting.SENTINEL_PORT_ADDRESS);
        if (address == null) {
            return null;
        }
        String watched = Objects.requireNonNullElse(values.known(Setting.SENTINEL_MASTER), "mymaster");
        return new SentinelPort(
                address,
                Objects.requireNonNullElse(values.known(Setting.SENTINEL_PORT_MASTER), watched),
                Objects.requireNonNullElse(values.known(Setting.SENTINEL_PORT_ANNOUNCE), List.of()));
    }

    private Topology topology() {
        List<NodeAddress> nodes = values.known(Setting.STATIC_NODES);
        return nodes == null
                ? new Topology.Sentinel(values.of(Setting.SENTINEL_MASTER), values.of(Setting.SENTINEL_NODES))
                : new Topology.Static(nodes, values.of(Setting.STATIC_RESTART));
    }

    private Fence fence(Topology topology) {
        Fence fence = values.known(Setting.FENCE);
        return Objects.requireNonNullElse(fence, topology instanceof Topology.Sentinel ? Fence.LEASE : Fence.ROLE);
    }

    private Upstream upstream(Topology topology) {
        return new Upstream(
                topology,
                new Credentials(values.known(Setting.USERNAME), values.known(Setting.PASSWORD)),
                new Credentials(values.known(Setting.SENTINEL_USERNAME), values.known(Setting.SENTINEL_PASSWORD)),
                values.of(Setting.CONNECT_TIMEOUT),
                values.of(Setting.REPLY_TIMEOUT),
                nodesTls(),
                sentinelsTls());
    }

    private Clients clients() {
        return new Clients(
                values.of(Setting.AUTH),
                values.of(Setting.CONNECTIONS_MAX),
                values.of(Setting.OUTPUT_BUFFER_MAX),
                values.of(Setting.SUBSCRIBER_BUFFER_MAX),
                values.of(Setting.SUBSCRIBER_BUFFER_SOFT_MAX),
                values.of(Setting.SUBSCRIBER_SOFT_TIME),
                values.of(Setting.QUERY_BUFFER_MAX),
                values.of(Setting.BULK_MAX),
                values.of(Setting.IN_FLIGHT_MAX),
                values.of(Setting.HANDSHAKE_TIMEOUT));
    }
}
