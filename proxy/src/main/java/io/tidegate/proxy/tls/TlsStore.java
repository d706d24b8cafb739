package io.tidegate.proxy.tls;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.config.TidegateConfig.ClientTls;
import io.tidegate.proxy.config.TidegateConfig.Listener;
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

    private final TidegateConfig config;
    private final TlsStats stats;
    private final Handshakes handshakes;
    private final List<Renewable> renewables = new ArrayList<>();
    private final List<Door> doors = new ArrayList<>();
    private final UpstreamTls upstream;
    private final @Nullable ScheduledExecutorService thread;

    private TlsStore(TidegateConfig config, TlsStats stats, Clock clock) throws IOException {
        this.config = config;
        this.stats = stats;
        this.handshakes = new Handshakes(stats, clock);
        for (int i = 0; i < config.listeners().size(); i++) {
            doors.add(door("listeners[" + i + "].tls", config.listeners().get(i)));
        }
        upstream = new UpstreamTls(
                client("upstream.tls", config.upstream().tls(), Handshakes.Peer.NODE),
                client("upstream.sentinel.tls", config.upstream().sentinelTls(), Handshakes.Peer.SENTINEL));
        thread = renewables.isEmpty() ? null : following();
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

    /** Of the listener with this index. */
    public Door door(int listener) {
        return doors.get(listener);
    }

    public UpstreamTls upstream() {
        return upstream;
    }

    /** Follows the files no more. */
    @Override
    public void close() {
        if (thread != null) {
            thread.shutdownNow();
        }
    }

    private Door door(String path, Listener listener) throws IOException {
        ServerTls tls = listener.tls();
        Renewable contexts = tls == null
                ? null
                : renewable(
                        path,
                        new Material.Places(tls.certificate(), tls.key(), tls.clientAuthorities()),
                        (material, own) -> Contexts.server(material, own, tls.clientAuth()));
        return new Door(contexts, config.clients().handshakeNanosMax(), handshakes);
    }

    private @Nullable TlsClient client(String path, @Nullable ClientTls tls, Handshakes.Peer peer) throws IOException {
        if (tls == null) {
            return null;
        }
        Renewable contexts = renewable(
                path,
                new Material.Places(tls.certificate(), tls.key(), tls.authorities()),
                (material, own) -> Contexts.client(material, own, tls.verifyName()));
        return new TlsClient(contexts, tls.serverName(), config.upstream().connectNanosMax(), handshakes, peer);
    }

    private Renewable renewable(String path, Material.Places places, Renewable.Maker maker) throws IOException {
        try {
            Renewable renewable = new Renewable(path, places, maker, stats);
            renewables.add(renewable);
            return renewable;
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
        for (Renewable renewable : renewables) {
            try {
                renewable.look();
            } catch (RuntimeException e) {
                // Else the executor would never look again.
                log.error("files of TLS cannot be followed", e);
            }
        }
    }
}
