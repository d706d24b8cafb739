package io.tidegate.proxy.config;

import io.tidegate.routing.Durability;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Everything an operator can decide, complete and checked: defaults are filled in, durations are nanoseconds, sizes are
 * bytes. Made by {@link ConfigLoader} only. What each value means is said once, in proxy/SETTINGS.md; the
 * docs here name the setting.
 *
 * @param listeners {@code listeners}: at least one
 * @param upstream {@code upstream}
 * @param fence {@code fence}
 * @param fenceMarginNanos {@code fence-margin}
 * @param activeFence {@code active-fence}
 * @param scripts {@code scripts.bytes-max}, {@code scripts.count-max}
 * @param commandsAllowed {@code commands.allow}: lower-case names, subcommands as {@code config|set}
 * @param cluster {@code cluster.answer}, {@code cluster.host}
 * @param sentinelPort {@code sentinel-port}; null = there is none
 * @param zone {@code zone}
 * @param zones {@code zones}: zone by node
 * @param drain {@code drain}
 * @param reusePort {@code reuse-port}
 * @param eventLoops {@code event-loops}; 0 = one per core
 * @param transport {@code transport}
 * @param admin {@code admin.address}; null = no admin port
 * @param adminToken {@code admin.token}; null = nobody may act on the admin port
 * @param adminTls {@code admin.tls}; null = none
 * @param ready {@code admin.ready}
 * @param slowLog {@code slowlog.slower-than}, {@code slowlog.entries-max}
 * @param sampleEvery {@code hotkeys.sample-every}; 0 = no command
 * @param log {@code log}
 * @param metricsBackend {@code metrics.backend}
 */
public record TidegateConfig(
        List<Listener> listeners,
        Upstream upstream,
        Fence fence,
        long fenceMarginNanos,
        boolean activeFence,
        Clients clients,
        Hold hold,
        Park park,
        Reads reads,
        Scripts scripts,
        Set<String> commandsAllowed,
        Cluster cluster,
        @Nullable SentinelPort sentinelPort,
        @Nullable String zone,
        Map<NodeAddress, String> zones,
        Drain drain,
        boolean reusePort,
        int eventLoops,
        Transport transport,
        @Nullable BindAddress admin,
        @Nullable Secret adminToken,
        @Nullable ServerTls adminTls,
        Ready ready,
        SlowLog slowLog,
        int sampleEvery,
        Log log,
        boolean metricsBackend) {

    public TidegateConfig {
        listeners = List.copyOf(listeners);
        commandsAllowed = Set.copyOf(commandsAllowed);
        zones = Map.copyOf(zones);
    }

    /**
     * {@code listeners[]}: one port.
     *
     * @param address {@code .address}
     * @param level {@code .consistency}: the level of reads until a connection chooses another
     * @param causal {@code .causal}
     * @param durability {@code .writes} and {@code .max-loss}
     * @param tls {@code .tls}; null = plaintext
     * @param proxyHeader {@code .proxy-protocol}: whether each connection has to begin with a PROXY header
     * @param rights {@code .users}, {@code .read-only}, {@code .allow}, {@code .deny}: who may come there, and do what
     * @param open whether all who reach it were let in on purpose: only this machine does, certificates are asked for, or
     *     {@code clients.open}
     */
    public record Listener(
            BindAddress address,
            ReadLevel level,
            Causal causal,
            Durability durability,
            @Nullable ServerTls tls,
            boolean proxyHeader,
            Rights rights,
            boolean open) {
        /** Plaintext, no load balancer, nothing said of users and commands, or of who may reach it. */
        public Listener(BindAddress address, ReadLevel level, Causal causal, Durability durability) {
            this(address, level, causal, durability, null, false, Rights.USUAL, address.loopback());
        }

        /** The same elsewhere. */
        public Listener at(BindAddress other) {
            return new Listener(other, level, causal, durability, tls, proxyHeader, rights, open);
        }
    }

    /**
     * What a listener says of users and commands.
     *
     * @param users {@code .users}: those that are let in; empty if all are
     * @param readOnly {@code .read-only}
     * @param allowed {@code .allow}: lower-case names, subcommands as {@code config|set}
     * @param denied {@code .deny}: likewise
     */
    public record Rights(Set<String> users, boolean readOnly, Set<String> allowed, Set<String> denied) {
        /** Nothing. */
        public static final Rights USUAL = new Rights(Set.of(), false, Set.of(), Set.of());
    }

    /** {@code listeners[].proxy-protocol}: whether a load balancer says whose connection it is. */
    public enum ProxyProtocol {
        OFF,
        REQUIRED
    }

    /**
     * {@code listeners[].tls}: files in PEM.
     *
     * @param certificate {@code .certificate}
     * @param key {@code .key}
     * @param clientAuthorities {@code .client-ca}
     * @param clientAuth {@code .client-auth}
     */
    public record ServerTls(
            Path certificate, Path key, @Nullable Path clientAuthorities, TlsClientAuth clientAuth) {}

    /** {@code listeners[].tls.client-auth}: whether clients show certificates. */
    public enum TlsClientAuth {
        NONE,
        OPTIONAL,
        REQUIRED
    }

    /**
     * {@code upstream.tls}, {@code upstream.sentinel.tls}: files in PEM.
     *
     * @param authorities {@code .ca}; null = those that the JVM trusts
     * @param certificate {@code .certificate}: this proxy's own; null = none
     * @param key {@code .key}: null if and only if there is no certificate
     * @param serverName {@code .server-name}; null = whatever is connected to
     * @param verifyName {@code .verify}: whether certificates must name the server
     */
    public record ClientTls(
            @Nullable Path authorities,
            @Nullable Path certificate,
            @Nullable Path key,
            @Nullable String serverName,
            boolean verifyName) {}

    /** {@code verify} of either: what is asked of a server's certificate. */
    public enum Verify {
        /** That an authority signed it, and that it names the server. */
        FULL,
        /** That an authority signed it. */
        CA
    }

    /** {@code listeners[].causal}: whose acknowledged writes a read of level session must see. */
    public enum Causal {
        /** Those of the same connection. */
        CONNECTION,
        /** Those of every connection of the same user on this listener. */
        USER,
        /** Those of every connection of this listener. */
        LISTENER
    }

    /**
     * {@code upstream}.
     *
     * @param topology {@code .sentinel.master} and {@code .sentinel.nodes}, or {@code .static.nodes} and
     *     {@code .static.restart}
     * @param credentials {@code .username} and {@code .password}: this proxy's own, at the Redis nodes
     * @param sentinelCredentials {@code .sentinel.username} and {@code .sentinel.password}
     * @param connectNanosMax {@code .connect-timeout}
     * @param replyNanosMax {@code .reply-timeout}
     * @param tls {@code .tls}: towards nodes; null = plaintext
     * @param sentinelTls {@code .sentinel.tls}; null = plaintext
     */
    public record Upstream(
            Topology topology,
            Credentials credentials,
            Credentials sentinelCredentials,
            long connectNanosMax,
            long replyNanosMax,
            @Nullable ClientTls tls,
            @Nullable ClientTls sentinelTls) {
        /** Plaintext. */
        public Upstream(
                Topology topology,
                Credentials credentials,
                Credentials sentinelCredentials,
                long connectNanosMax,
                long replyNanosMax) {
            this(topology, credentials, sentinelCredentials, connectNanosMax, replyNanosMax, null, null);
        }
    }

    /**
     * Who this proxy is at a server.
     *
     * @param username null = the server's default user
     * @param password null = no authentication
     */
    public record Credentials(
            @Nullable String username, @Nullable Secret password) {
        public static final Credentials NONE = new Credentials(null, null);
    }

    /** {@code active-fence}: whether anything is done to a replaced primary that returns. */
    public enum ActiveFence {
        OFF,
        ON
    }

    /**
     * {@code clients}: limits are per client but for {@code connectionsMax}.
     *
     * @param auth {@code .auth}
     * @param connectionsMax {@code .connections-max}
     * @param connectionsPerAddressMax {@code .connections-per-address-max}; 0 = no such limit
     * @param outputBytesMax {@code .output-buffer-max}
     * @param subscriberBytesMax {@code .subscriber-buffer-max}
     * @param subscriberSoftBytesMax {@code .subscriber-buffer-soft-max}
     * @param subscriberSoftNanosMax {@code .subscriber-soft-time}
     * @param subscriptionBytesMax {@code .subscriptions-max}
     * @param queryBytesMax {@code .query-buffer-max}
     * @param bulkBytesMax {@code .bulk-max}
     * @param inFlightMax {@code .in-flight-max}
     * @param handshakeNanosMax {@code .handshake-timeout}
     * @param idleNanosMax {@code .idle-timeout}; of this and those below 0 = for ever
     * @param requestNanosMax {@code .request-timeout}
     * @param writeNanosMax {@code .write-timeout}
     */
    public record Clients(
            Auth auth,
            int connectionsMax,
            int connectionsPerAddressMax,
            long outputBytesMax,
            long subscriberBytesMax,
            long subscriberSoftBytesMax,
            long subscriberSoftNanosMax,
            long subscriptionBytesMax,
            long queryBytesMax,
            long bulkBytesMax,
            int inFlightMax,
            long handshakeNanosMax,
            long idleNanosMax,
            long requestNanosMax,
            long writeNanosMax) {}

    /** {@code clients.auth}: who may connect. */
    public enum Auth {
        /** Everybody who can reach the port; all act as the user of {@code upstream.username}. */
        NONE,
        /** Whoever the Redis behind authenticates; each acts under that identity, so Redis' own ACL holds. */
        PASSTHROUGH
    }

    /**
     * {@code hold}: requests that have provably not run and wait for a primary; in the whole proxy.
     *
     * @param nanosMax {@code .time-max}
     * @param requestsMax {@code .requests-max}
     * @param bytesMax {@code .bytes-max}
     * @param drainPerSecond {@code .drain-rate}; in each event loop
     * @param dryRun {@code .dry-run}
     */
    public record Hold(long nanosMax, int requestsMax, long bytesMax, int drainPerSecond, boolean dryRun) {}

    /**
     * {@code park}: replies that wait for the evidence that releases them; in the whole proxy.
     *
     * @param nanosMax {@code .time-max}
     * @param repliesMax {@code .replies-max}
     * @param bytesMax {@code .bytes-max}
     */
    public record Park(long nanosMax, int repliesMax, long bytesMax) {}

    /** {@code drain}. */
    public record Drain(long delayNanos, long nanosMax) {}

    /**
     * {@code reads}.
     *
     * @param lagNanosMax {@code .max-lag}
     * @param settleNanosMax {@code .settle}
     * @param silenceNanosMax {@code .silence-max}
     * @param probationNanos {@code .probation}
     * @param spillOutstanding {@code .spill-outstanding}
     * @param spillMax {@code .spill-max}
     * @param strong {@code .strong}
     */
    public record Reads(
            long lagNanosMax,
            long settleNanosMax,
            long silenceNanosMax,
            long probationNanos,
            int spillOutstanding,
            int spillMax,
            StrongReads strong) {}

    /** {@code scripts}: whose sources are kept. */
    public record Scripts(long bytesMax, int countMax) {}

    /** {@code cluster}. {@code host}: empty = where the client has connected to. */
    public record Cluster(boolean answer, String host) {}

    /** {@code cluster.answer}: whether the proxy is a cluster of one node to whoever asks. */
    public enum ClusterAnswer {
        OFF,
        ON
    }

    /**
     * {@code sentinel-port}.
     *
     * @param address {@code .address}
     * @param name {@code .master}
     * @param announce {@code .announce}; empty = the first listener, where the client has connected to
     * @param tls {@code .tls}; null = none
     */
    public record SentinelPort(
            BindAddress address,
            String name,
            List<NodeAddress> announce,
            @Nullable ServerTls tls) {
        public SentinelPort {
            announce = List.copyOf(announce);
        }
    }

    /** {@code reads.strong}: who may serve a strong read. */
    public enum StrongReads {
        PRIMARY,
        /** A replica by read-index, else the primary. */
        REPLICA
    }

    /** {@code admin.ready}: when this proxy is ready for clients. */
    public enum Ready {
        /** From when a primary was found first. */
        ONCE,
        /** While writes can be sent, or are held. */
        PRIMARY,
        /** While that holds, or reads can be served. */
        ANY
    }

    /**
     * {@code slowlog}.
     *
     * @param slowNanos {@code .slower-than}
     * @param entriesMax {@code .entries-max}; 0 = none is kept
     */
    public record SlowLog(long slowNanos, int entriesMax) {}

    /** {@code log}. */
    public record Log(LogFormat format, LogLevel level) {}

    /** {@code log.format}: what a line of the log is. */
    public enum LogFormat {
        TEXT,
        JSON
    }

    /** {@code log.level}: from which level on there is a line. */
    public enum LogLevel {
        TRACE,
        DEBUG,
        INFO,
        WARN,
        ERROR,
        OFF
    }

    /** {@code metrics.backend}: whether nodes are shown in this proxy's metrics. */
    public enum MetricsBackend {
        OFF,
        ON
    }

    /** {@code transport}: how the event loops do I/O. */
    public enum Transport {
        /** The first of the others that works here, in their order. */
        AUTO,
        EPOLL,
        IO_URING,
        NIO
    }
}
