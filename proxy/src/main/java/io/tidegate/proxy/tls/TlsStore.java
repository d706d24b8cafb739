package io.tidegate.proxy.tls;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.config.TidegateConfig.ClientTls;
import io.tidegate.proxy.config.TidegateConfig.ServerTls;
import io.tidegate.proxy.metrics.TlsStats;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
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

    /** How clients come in at each listener of one configuration. */
    public static final class Doors {
        private final List<Door> doors = new ArrayList<>();
        /** By listener; null where it has no TLS. */
        private final List<@Nullable Renewable> renewables = new ArrayList<>();

        private final List<@Nullable ServerTls> configured = new ArrayList<>();

        /** At the listener with this index. */
        public Door door(int listener) {
            return doors.get(listener);
        }

        /** What is there already for the listener with this index; null if there is nothing, or something else. */
        private @Nullable Renewable known(int listener, ServerTls tls) {
            return listener < configured.size() && tls.equals(configured.get(listener))
                    ? renewables.get(listener)
                    : null;
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
        for (int i = 0; i < config.listeners().size(); i++) {
            ServerTls tls = config.listeners().get(i).tls();
            Renewable renewable = tls == null ? null : doors.known(i, tls);
            if (tls != null && renewable == null) {
                renewable = renewable(
                        "listeners[" + i + "].tls",
                        new Material.Places(tls.certificate(), tls.key(), tls.clientAuthorities()),
                        (material, own) -> Contexts.server(material, own, tls.clientAuth()));
            }
            made.configured.add(tls);
            made.renewables.add(renewable);
            made.doors.add(new Door(renewable, config.clients().handshakeNanosMax(), handshakes));
        }
        return made;
    }

    /** These are in use from now on, and their files are followed. */
    public synchronized void take(Doors newDoors) {
        for (Renewable old : doors.renewables) {
            if (old != null) {
                stats.noCertificate(old.use());
            }
        }
        doors = newDoors;
        boolean any = !upstreamRenewables.isEmpty();
        for (Renewable renewable : newDoors.renewables) {
            if (renewable != null) {
                renewable.inUse();
                any = true;
            }
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
        doors.renewables.forEach(TlsStore::look);
    }

    private static void look(@Nullable Renewable renewable) {
        try {
            if (renewable != null) {
                renewable.look();
            }
        } catch (RuntimeException e) {
            // Else the executor would never look again.
            log.error("files of TLS cannot be followed", e);
        }
    }
}
