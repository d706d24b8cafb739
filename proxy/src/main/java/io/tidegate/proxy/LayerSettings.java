package io.tidegate.proxy;

import io.tidegate.protocol.Limits;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.config.TidegateConfig.Auth;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.dispatch.DispatchSettings;
import io.tidegate.proxy.dispatch.LoopSettings;
import io.tidegate.proxy.dispatch.SubscriberLimits;
import io.tidegate.proxy.downstream.Admission;
import io.tidegate.proxy.loop.Patience;
import io.tidegate.proxy.tls.TlsClient;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.proxy.upstream.UpstreamSettings;
import io.tidegate.routing.RouterSettings;
import io.tidegate.routing.engine.EngineSettings;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What each layer is told: the configuration in the layer's own terms, and its share where loops divide a limit. */
public final class LayerSettings {
    /** Twice this is how far ahead evidence is used: well below the 200 ms in which a forced failover promotes. */
    private static final long TICK_NANOS = 50_000_000;

    private static final int NODES_MAX = 64;
    private static final long OUTPUT_BYTES_HIGH = 1 << 20;
    private static final long UPLOAD_BYTES_MIN = 1 << 20;
    private static final long UPSTREAM_PENDING_BYTES_MAX = 4 << 20;
    private static final int IDLE_PINNED_MAX = 32;
    private static final int UPSTREAM_CONNECTIONS_MAX = 10_000;
    private static final int AUTH_ATTEMPTS_MAX = 64;

    private LayerSettings() {}

    /** What the routing engine of a proxy with this configuration is told. */
    public static EngineSettings engine(TidegateConfig config, boolean activeFence) {
        return new EngineSettings(
                config.upstream().topology(),
                config.fence(),
                activeFence,
                config.reads().lagNanosMax(),
                config.reads().silenceNanosMax(),
                config.reads().probationNanos(),
                config.fenceMarginNanos(),
                TICK_NANOS,
                config.zone(),
                config.zones(),
                NODES_MAX);
    }

    private static RouterSettings router(TidegateConfig config, int threads) {
        return new RouterSettings(
                config.reads().lagNanosMax(),
                config.reads().settleNanosMax(),
                config.reads().spillOutstanding(),
                share(config.reads().spillMax(), threads),
                config.reads().strong() == TidegateConfig.StrongReads.REPLICA);
    }

    static LoopSettings loop(TidegateConfig config, int threads, @Nullable TlsClient tls) {
        return new LoopSettings(dispatch(config, threads), upstream(config, tls), router(config, threads));
    }

    private static DispatchSettings dispatch(TidegateConfig config, int threads) {
        return new DispatchSettings(
                clientLimits(config),
                config.clients().inFlightMax(),
                config.clients().queryBytesMax(),
                Math.min(UPLOAD_BYTES_MIN, config.clients().queryBytesMax() / 2),
                Math.min(OUTPUT_BYTES_HIGH, config.clients().outputBytesMax()),
                config.clients().outputBytesMax(),
                new SubscriberLimits(
                        config.clients().subscriberBytesMax(),
                        config.clients().subscriberSoftBytesMax(),
                        config.clients().subscriberSoftNanosMax(),
                        config.clients().subscriptionBytesMax()),
                patience(config),
                config.hold().nanosMax(),
                share(config.hold().requestsMax(), threads),
                Math.max(1, config.hold().bytesMax() / threads),
                config.hold().drainPerSecond(),
                config.hold().dryRun(),
                config.park().nanosMax(),
                share(config.park().repliesMax(), threads),
                Math.max(1, config.park().bytesMax() / threads),
                config.reads().settleNanosMax(),
                config.reads().silenceNanosMax(),
                config.clients().auth() == Auth.PASSTHROUGH,
                config.cluster().answer(),
                config.cluster().host(),
                new DispatchSettings.SlowLogSettings(
                        config.slowLog().slowNanos(), config.slowLog().entriesMax()),
                config.sampleEvery(),
                config.commandsAllowed());
    }

    static Patience patience(TidegateConfig config) {
        return new Patience(
                config.clients().handshakeNanosMax(),
                config.clients().idleNanosMax(),
                config.clients().requestNanosMax(),
                config.clients().writeNanosMax());
    }

    static Admission.Limits admission(TidegateConfig config) {
        return new Admission.Limits(
                config.clients().connectionsMax(), config.clients().connectionsPerAddressMax());
    }

    private static UpstreamSettings upstream(TidegateConfig config, @Nullable TlsClient tls) {
        Credentials credentials = config.upstream().credentials();
        String username = credentials.username();
        Identity service = credentials.password() == null
                ? Identity.SERVICE
                : Identity.of(username, credentials.password().reveal());
        return new UpstreamSettings(
                service,
                Limits.redisDefaults(),
                config.upstream().connectNanosMax(),
                config.upstream().replyNanosMax(),
                config.hold().nanosMax(),
                UPSTREAM_PENDING_BYTES_MAX,
                IDLE_PINNED_MAX,
                UPSTREAM_CONNECTIONS_MAX,
                AUTH_ATTEMPTS_MAX,
                tls);
    }

    /** What gauges of what is waiting are to be read against. */
    static Map<String, Long> gaugeLimits(TidegateConfig config) {
        return Map.of(
                "clients.connections-max", (long) config.clients().connectionsMax(),
                "hold.requests-max", (long) config.hold().requestsMax(),
                "hold.bytes-max", config.hold().bytesMax(),
                "park.replies-max", (long) config.park().repliesMax(),
                "park.bytes-max", config.park().bytesMax(),
                "reads.spill-max", (long) config.reads().spillMax(),
                "scripts.bytes-max", config.scripts().bytesMax(),
                "scripts.count-max", (long) config.scripts().countMax());
    }

    private static Limits clientLimits(TidegateConfig config) {
        Limits redis = Limits.redisDefaults();
        return new Limits(
                config.clients().bulkBytesMax(),
                redis.argsMax(),
                redis.inlineBytesMax(),
                redis.headerBytesMax(),
                redis.nestingDepthMax(),
                redis.commandBytesMax(),
                redis.replyBulkBytesMax(),
                redis.replyElementsMax());
    }

    private static int share(int total, int threads) {
        return Math.max(1, total / threads);
    }
}
