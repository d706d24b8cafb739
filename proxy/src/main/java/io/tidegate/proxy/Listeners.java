package io.tidegate.proxy;

import io.netty.channel.EventLoopGroup;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.TidegateConfig;
import io.tidegate.proxy.dispatch.DataPlane;
import io.tidegate.proxy.dispatch.Entrance;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.dispatch.Rights;
import io.tidegate.proxy.downstream.Admission;
import io.tidegate.proxy.downstream.Listener;
import io.tidegate.proxy.downstream.Listener.Terms;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Instants;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ports that clients come to. Another configuration is taken over in two steps: first all is opened and read that may
 * turn out not to be there, and only then anything changes. One thread at a time changes them, any may look.
 */
final class Listeners {
    private static final Logger log = LoggerFactory.getLogger(Listeners.class);

    /** One of them, with what it was configured to be. */
    private record Open(TidegateConfig.Listener configured, Listener listener) {
        /** With the port that the kernel chose where the configuration said 0. */
        TidegateConfig.Listener bound() {
            return configured.at(new BindAddress(
                    configured.address().host(), listener.address().getPort()));
        }
    }

    /** What is to hold next, and can: each listener with what it is to give. */
    final class Next {
        private final List<Open> open = new ArrayList<>();
        private final List<Terms> terms = new ArrayList<>();
        private final TlsStore.Doors doors;

        private Next(TlsStore.Doors doors) {
            this.doors = doors;
        }

        /** Undoes what was done. */
        void giveUp() {
            List<Open> before = all;
            open.stream().filter(each -> !openIn(before, each)).forEach(each -> each.listener.close());
        }
    }

    private final EventLoopGroup loops;
    private final Transport transport;
    private final DataPlane plane;
    private final TlsStore tls;
    private final Clock clock;
    private final Admission admission;

    /** Replaced as a whole. */
    private volatile List<Open> all = List.of();

    Listeners(
            EventLoopGroup loops,
            Transport transport,
            DataPlane plane,
            Admission admission,
            TlsStore tls,
            Clock clock) {
        this.loops = loops;
        this.transport = transport;
        this.plane = plane;
        this.admission = admission;
        this.tls = tls;
        this.clock = clock;
    }

    /** Opens those of the first configuration. */
    void open(TidegateConfig config) throws IOException {
        List<Integer> kept = IntStream.range(0, config.listeners().size())
                .mapToObj(index -> -1)
                .toList();
        take(prepare(config, kept), 0);
    }

    /**
     * Opens what is not open yet, without letting anybody in, and reads files of TLS.
     *
     * @param kept for each listener the index of the one that it is now, -1 if there is none
     * @throws IOException naming what is in the way; then all is as it was
     */
    Next prepare(TidegateConfig config, List<Integer> kept) throws IOException {
        Next next = new Next(tls.doors(config));
        try {
            for (int i = 0; i < config.listeners().size(); i++) {
                TidegateConfig.Listener wanted = config.listeners().get(i);
                @Nullable Open now = kept.get(i) < 0 ? null : all.get(kept.get(i));
                Terms terms = new Terms(profile(wanted, now), next.doors.door(i), wanted.proxyHeader());
                next.terms.add(terms);
                next.open.add(new Open(wanted, now == null ? bind(wanted, terms, config.reusePort()) : now.listener));
            }
            return next;
        } catch (IOException e) {
            next.giveUp();
            throw e;
        }
    }

    /** Has it hold from now on. Clients of listeners that are no more have {@code drainNanosMax} to end what they began. */
    void take(Next next, long drainNanosMax) {
        List<Open> before = all;
        all = List.copyOf(next.open);
        tls.take(next.doors);
        for (int i = 0; i < next.open.size(); i++) {
            Listener listener = next.open.get(i).listener;
            listener.terms(next.terms.get(i));
            listener.accept();
        }
        for (Open old : before) {
            if (!openIn(next.open, old)) {
                log.info(
                        "not listening on {} any more, its clients are let go",
                        old.bound().address());
                old.listener.close();
                plane.dismiss(old.listener.terms().profile().entrance(), drainNanosMax);
            }
        }
    }

    /** With the ports that the kernel chose where the configuration said 0. */
    List<TidegateConfig.Listener> bound() {
        return all.stream().map(Open::bound).toList();
    }

    InetSocketAddress firstAddress() {
        return all.get(0).listener.address();
    }

    void close() {
        all.forEach(each -> each.listener.close());
    }

    private Listener bind(TidegateConfig.Listener wanted, Terms terms, boolean reusePort) throws IOException {
        return Listener.open(loops, transport, plane, wanted.address().socketAddress(), terms, admission, reusePort);
    }

    private static boolean openIn(List<Open> some, Open one) {
        return some.stream().anyMatch(each -> each.listener == one.listener);
    }

    /** What {@code now} has of it stays, so that sessions of before and of later see one another's writes. */
    private Profile profile(TidegateConfig.Listener wanted, @Nullable Open now) {
        TidegateConfig.Rights said = wanted.rights();
        Rights rights = new Rights(said.users(), said.readOnly(), said.allowed(), said.denied());
        if (now == null) {
            Function<String, CausalScope> scopes = CausalScopes.of(wanted.causal(), Instants.UNKNOWN);
            return new Profile(wanted.level(), wanted.durability(), scopes, rights, new Entrance(), wanted.open());
        }
        Profile before = now.listener.terms().profile();
        Function<String, CausalScope> scopes = now.configured.causal() == wanted.causal()
                ? before.scopeOf()
                // Whatever was acknowledged so far, in whichever scope, is seen by whoever shares the new one.
                : CausalScopes.of(wanted.causal(), clock.nowNanos());
        return new Profile(wanted.level(), wanted.durability(), scopes, rights, before.entrance(), wanted.open());
    }
}
