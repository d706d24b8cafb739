package io.tidegate.proxy.tls;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.config.TidegateConfig.ClientTls;
import io.tidegate.proxy.config.TidegateConfig.ServerTls;
import io.tidegate.proxy.metrics.TlsStats;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All TLS of one configuration. Without any in it there is no thread, and nothing is loaded. */
public final class TlsStore implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TlsStore.class);

    /** Files are looked at so often. */
    private static final long LOOK_MILLIS = 2_000;

    private final TlsStats stats;
    private final Handshakes handshakes;
    /** Those towards servers; no reload changes them. */
    private final List<Renewable> upstreamRenewables = new ArrayList<>();

    private final UpstreamTls upstream;
    /** Replaced by reloads, followed by the thread. */
    private volatile Doors doors;

    // Guarded by this.
    private @Nullable ScheduledExecutorService thread;
    private boolean closed;

    /** How clients come in at each port of one configuration. */
    public static final class Doors {
        private static final String ADMIN = "admin.tls";
        private static final String SENTINEL_PORT = "sentinel-port.tls";

        /** Where TLS is spoken. */
        private record Secured(ServerTls configured, Renewable contexts) {}

        private final Map<String, Door> doors = new HashMap<>();
        private final Map<String, Secured> secured = new HashMap<>();

        private static String ofListener(int index) {
            return "listeners[" + index + "].tls";
        }

        /** At the listener with this index. */
        public Door door(int listener) {
            return at(ofListener(listener));
        }

        private Door at(String path) {
            return Objects.requireNonNull(doors.get(path), path);
        }

        /** What is there already for the port with this path; null if there is nothing, or something else. */
        private @Nullable Renewable known(String path, ServerTls tls) {
            Secured known = secured.get(path);
            return known != null && known.configured.equals(tls) ? known.contexts : null;
        }
    }

    private TlsStore(TidegateConfig config, TlsStats stats, Clock clock) throws IOException {
        this.stats = stats;
        this.handshakes = new Handshakes(stats, clock);
        doors = new Doors();
        Doors first = doors(config);
        long connectNanosMax = config.upstream().connectNanosMax();
        upstream = new UpstreamTls(
                client("upstream.tls", config.upstream().tls(), connectNanosMax, Handshakes.Peer.NODE),
                client(
                        "upstream.sentinel.tls",
                        config.upstream().sentinelTls(),
                        connectNanosMax,
                        Handshakes.Peer.SENTINEL));
        upstreamRenewables.forEach(Renewable::inUse);
        take(first);
    }

    /**
     * Reads all files.
     *
     * @throws IOException naming the setting, the file and what is wrong with it
     */
    public static TlsStore open(TidegateConfig config, TlsStats stats, Clock clock) throws IOException {
        return new TlsStore(config, stats, clock);
    }

    /** For servers that tests put together by hand. */
    public static Door plaintext() {
        return new Door(null, 0, new Handshakes(new TlsStats(), Clock.start()));
    }

    /**
     * How clients are to come in by this configuration; what is in use is another matter until that is {@link #take taken}.
     *
     * @throws IOException naming the setting, the file and what is wrong with it
     */
    public Doors doors(TidegateConfig config) throws IOException {
        Doors made = new Doors();
        long handshakeNanosMax = config.clients().handshakeNanosMax();
        for (int i = 0; i < config.listeners().size(); i++) {
            add(made, Doors.ofListener(i), config.listeners().get(i).tls(), handshakeNanosMax);
        }
        TidegateConfig.SentinelPort sentinelPort = config.sentinelPort();
        add(made, Doors.ADMIN, config.adminTls(), handshakeNanosMax);
        add(made, Doors.SENTINEL_PORT, sentinelPort == null ? null : sentinelPort.tls(), handshakeNanosMax);
        return made;
    }

    private void add(Doors made, String path, @Nullable ServerTls tls, long handshakeNanosMax) throws IOException {
        Renewable contexts = tls == null ? null : doors.known(path, tls);
        if (tls != null && contexts == null) {
            contexts = renewable(
                    path,
                    new Material.Places(tls.certificate(), tls.key(), tls.clientAuthorities()),
                    (material, own) -> Contexts.server(material, own, tls.clientAuth()));
        }
        if (tls != null && contexts != null) {
            made.secured.put(path, new Doors.Secured(tls, contexts));
        }
        made.doors.put(path, new Door(contexts, handshakeNanosMax, handshakes));
    }

    /** How the next client comes in at the admin port. */
    public Door admin() {
        return doors.at(Doors.ADMIN);
    }

    /** How the next client comes in at the port that answers as a sentinel. */
    public Door sentinelPort() {
        return doors.at(Doors.SENTINEL_PORT);
    }

    /** These are in use from now on, and their files are followed. */
    public synchronized void take(Doors newDoors) {
        doors.secured.values().forEach(old -> stats.noCertificate(old.contexts.use()));
        doors = newDoors;
        boolean any = !upstreamRenewables.isEmpty();
        for (Doors.Secured each : newDoors.secured.values()) {
            each.contexts.inUse();
            any = true;
        }
        if (any && thread == null && !closed) {
            thread = following();
        }
    }

    public UpstreamTls upstream() {
        return upstream;
    }

    /** Follows the files no more. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.shutdownNow();
        }
    }

    private @Nullable TlsClient client(String path, @Nullable ClientTls tls, long connectNanosMax, Handshakes.Peer peer)
            throws IOException {
        if (tls == null) {
            return null;
        }
        Renewable contexts = renewable(
                path,
                new Material.Places(tls.certificate(), tls.key(), tls.authorities()),
                (material, own) -> Contexts.client(material, own, tls.verifyName()));
        upstreamRenewables.add(contexts);
        return new TlsClient(contexts, tls.serverName(), connectNanosMax, handshakes, peer);
    }

    private Renewable renewable(String path, Material.Places places, Renewable.Maker maker) throws IOException {
        try {
            return new Renewable(path, places, maker, stats);
        } catch (GeneralSecurityException e) {
            throw new IOException(path + ": " + e.getMessage(), e);
        }
    }

    private ScheduledExecutorService following() {
        log.info("TLS by {}", Contexts.PROVIDER);
        ScheduledExecutorService follower = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread made = new Thread(work, "tidegate-tls");
            made.setDaemon(true);
            return made;
        });
        follower.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        return follower;
    }

    private void look() {
        upstreamRenewables.forEach(TlsStore::look);
        doors.secured.values().forEach(each -> look(each.contexts));
    }

    private static void look(Renewable renewable) {
        try {
            renewable.look();
        } catch (RuntimeException e) {
            // Else the executor would never look again.
            log.error("files of TLS cannot be followed", e);
        }
    }
}
