package io.tidegate.proxy.admin;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.tidegate.proxy.admin.AdminServer.Limits;
import io.tidegate.proxy.config.BindAddress;
import io.tidegate.proxy.config.TidegateConfig.Causal;
import io.tidegate.proxy.config.TidegateConfig.Listener;
import io.tidegate.proxy.config.TidegateConfig.Ready;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.proxy.tls.TlsStore;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.WarningKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** An admin port, and the proxy behind it made up: what it has to tell is set here. */
final class AdminFixture implements AutoCloseable {
    private static final long MILLI = 1_000_000L;

    static final BindAddress ANY_PORT = new BindAddress("127.0.0.1", 0);
    static final Limits LIMITS = new Limits(4, TimeUnit.SECONDS.toNanos(30));
    static final Listener LISTENER = new Listener(
            new BindAddress("127.0.0.1", 6390),
            ReadLevel.bounded(200 * MILLI),
            Causal.CONNECTION,
            Durability.ACKNOWLEDGED);

    private static final long BEAT_NANOS = 5 * MILLI;
    private static final Facts FAILOVER = new Facts()
            .add("kind", "unplanned")
            .add("to", (String) null)
            .add("began-ago-millis", 7.5)
            .add("phases-after-millis", new Facts().add("cut-over", 0.5))
            .add("held", 4);

    volatile RoutingTable table = RoutingTable.EMPTY;
    volatile Readiness readiness = new Readiness(Ready.ONCE, 5 * MILLI, 0);
    volatile RoutingTable fresher = RoutingTable.EMPTY;
    volatile long wantedNanos;
    final AtomicLong nowNanos = new AtomicLong(10 * MILLI);
    volatile List<Listener> listeners = List.of();
    volatile boolean controlPlane = true;
    volatile boolean draining;
    final EventLoop loop = new DefaultEventLoop();
    volatile Supplier<String> metrics = () -> "tidegate_epoch 7.0\n";
    private AdminServer server;

    AdminFixture() {
        server = start(ANY_PORT, LIMITS);
    }

    /** The same again, with what was set since. */
    void restart() {
        restart(ANY_PORT, LIMITS);
    }

    void restart(BindAddress bind, Limits limits) {
        server.close();
        server = start(bind, limits);
    }

    private AdminServer start(BindAddress bind, Limits limits) {
        try {
            return AdminServer.start(bind, false, TlsStore::plaintext, sources(), limits, BEAT_NANOS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    BindAddress address() {
        return server.address();
    }

    AdminSources sources() {
        return new AdminSources(
                () -> metrics.get(),
                () -> table,
                nowNanos::get,
                () -> listeners,
                () -> draining,
                () -> Map.of(new NodeAddress("s", 1), true),
                () -> List.of(FAILOVER),
                () -> List.of(new Notice.Warning(WarningKind.QUORUM_ONE, "quorum: 1")),
                () -> controlPlane,
                readiness,
                this::freshnessWanted,
                Map.of(
                        "/slowlog",
                        (keys, told) -> told.accept(
                                List.of(new Facts().add("queue-millis", 1.5).add("keys", "" + keys)))),
                (words, level, told) -> loop.execute(() -> told.accept(List.of(level + " " + words, "second line"))),
                Operations.none(),
                Map.of("an event loop", loop));
    }

    /** What the proxy does upon it: it looks, and publishes what it found. */
    private void freshnessWanted(long nanos) {
        wantedNanos = nanos;
        if (fresher.equals(RoutingTable.EMPTY)) {
            nowNanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        } else {
            table = fresher;
        }
    }

    String get(String path) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    String send(String request) throws IOException {
        return RawHttp.exchange(connect(), request);
    }

    Socket connect() throws IOException {
        return RawHttp.connect(server.address());
    }

    static RoutingTable table(WriteGate gate, long evidenceNanos) {
        return table(gate, evidenceNanos, 8_500_000);
    }

    static RoutingTable table(WriteGate gate, long evidenceNanos, long asOfNanos) {
        return new RoutingTable(
                3,
                7,
                node(0),
                gate,
                evidenceNanos,
                List.of(
                        new Replica(node(1), asOfNanos, RouteReason.ELIGIBLE),
                        new Replica(node(2), Instants.UNKNOWN, RouteReason.LINK_DOWN)),
                false);
    }

    private static Node node(int id) {
        return new Node(id, new NodeAddress("h", id + 1), "run", true);
    }

    @Override
    public void close() {
        server.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
