package io.tidegate.proxy.tls;

import io.netty.handler.ssl.SslContext;
import io.tidegate.proxy.metrics.TlsStats;
import java.security.GeneralSecurityException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One context, made anew when the contents of its files change. Netty's contexts are freed by the collector once no
 * connection is left that began under them.
 */
final class Renewable {
    private static final Logger log = LoggerFactory.getLogger(Renewable.class);

    /** Makes a context of what was read. */
    interface Maker {
        SslContext make(Material material, Material.@Nullable Own own) throws GeneralSecurityException;
    }

    private final String use;
    private final Material.Places places;
    private final Maker maker;
    private final TlsStats stats;

    /** Replaced as a whole by the store's thread, read by event loops. */
    private volatile SslContext context;

    /** When its certificate expires; null if it has none. Of the thread that makes it, then of the store's. */
    private @Nullable Instant notAfter;

    // Of the store's thread from here on.
    private Material current;
    private @Nullable Material unfit;
    /** Why the files cannot be used as they are now; null if they can. */
    private @Nullable String trouble;

    private boolean told;

    /**
     * Reads the files.
     *
     * @param use what it is for, in words of the configuration
     * @throws GeneralSecurityException naming the file that cannot be used, and why
     */
    Renewable(String use, Material.Places places, Maker maker, TlsStats stats) throws GeneralSecurityException {
        this.use = use;
        this.places = places;
        this.maker = maker;
        this.stats = stats;
        this.current = Material.read(places);
        this.context = made(current);
    }

    /** It is in use from now on. */
    void inUse() {
        if (notAfter != null) {
            stats.certificate(use, notAfter);
        }
    }

    String use() {
        return use;
    }

    SslContext context() {
        return context;
    }

    /** Looks at the files. */
    void look() {
        Material read;
        try {
            read = Material.read(places);
        } catch (GeneralSecurityException e) {
            unfit = null;
            trouble(String.valueOf(e.getMessage()));
            return;
        }
        if (read.sameAs(current)) {
            well();
        } else if (trouble != null && read.sameAs(unfit)) {
            trouble(trouble);
        } else {
            renew(read);
        }
    }

    private void renew(Material read) {
        try {
            context = made(read);
            current = read;
            inUse();
            stats.reloaded(true);
            log.info("{}: renewed from its files; connections live on, new ones get it", use);
            well();
        } catch (GeneralSecurityException e) {
            unfit = read;
            trouble(String.valueOf(e.getMessage()));
        }
    }

    private SslContext made(Material material) throws GeneralSecurityException {
        Material.Own own = material.own();
        SslContext made = maker.make(material, own);
        notAfter = own == null ? null : own.notAfter();
        return made;
    }

    private void well() {
        unfit = null;
        trouble = null;
        told = false;
    }

    /** Told when it lasts until the next look: a certificate and its key may be written one after the other. */
    private void trouble(String problem) {
        if (!problem.equals(trouble)) {
            trouble = problem;
            told = false;
        } else if (!told) {
            told = true;
            stats.reloaded(false);
            log.error("{}: its files have changed and cannot be used, so what was read before stays: {}", use, problem);
        }
    }
}
