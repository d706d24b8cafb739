package io.tidegate.proxy.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.tidegate.protocol.ReplyError;
import io.tidegate.proxy.loop.FlushBatch;
import io.tidegate.proxy.loop.Names;
import io.tidegate.proxy.loop.ReceiveBuffers;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.proxy.metrics.ControlStats;
import io.tidegate.proxy.metrics.Metrics;
import io.tidegate.proxy.metrics.TlsStats;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where no socket can be had, as with too many open files: here since the event loop is none that takes sockets. */
final class DialerTest {
    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final Node NODE = new Node(0, new NodeAddress("h", 1), "run", true);
    private static final RoutingTable TABLE =
            new RoutingTable(1, 1, NODE, WriteGate.OPEN, Instants.FOREVER, List.of(), false);

    private final EmbeddedChannel loop = new EmbeddedChannel();
    private final DnsAddressResolverGroup names = Names.group(NioDatagramChannel.class, NioSocketChannel.class);
    private final Metrics metrics = new Metrics(
            () -> RoutingTable.EMPTY, () -> 1, new ControlStats(), Map.of(), BackendView.off(), new TlsStats());
    private final Upstreams upstreams = upstreams();
    private final Borrower borrower = new Borrower();
    private long nowNanos = 1;

    private Upstreams upstreams() {
        return new Upstreams(
                new Dialer(loop.eventLoop(), Transport.NIO, names, new ReceiveBuffers()),
                () -> nowNanos,
                OneConnection.SETTINGS,
                metrics.newLoop(),
                new FlushBatch(loop.eventLoop()),
                new RunPool(),
                new OwnCommands());
    }

    @AfterEach
    void end() {
        loop.finishAndReleaseAll();
        names.close();
    }

    @Test
    void whoeverBorrowsHearsOfItWhenItHasTheConnection() {
        UpstreamConnection connection = upstreams.pinned(borrower, TABLE, NODE, ConnectionKey.INITIAL);
        assertThat(connection).isNotNull();
        assertThat(connection.connecting()).isTrue();
        assertThat(borrower.lost).isEmpty();
        loop.runPendingTasks();
        assertThat(borrower.lost).containsExactly(connection);
        assertThat(upstreams.size()).isZero();
        assertThat(metrics.scrape()).contains("tidegate_upstream_connections_lent 0");
    }

    @Test
    void anAttemptIsOverThen() {
        for (int i = 0; i < 3; i++) {
            assertThat(upstreams.attempt(borrower, TABLE, NODE, ConnectionKey.INITIAL))
                    .isNotNull();
            loop.runPendingTasks();
            nowNanos += SECOND_NANOS;
        }
        assertThat(borrower.lost).hasSize(3);
    }

    @Test
    void whatIsClosedBeforeThatIsTold() {
        UpstreamConnection connection = upstreams.pinned(borrower, TABLE, NODE, ConnectionKey.INITIAL);
        assertThat(connection).isNotNull();
        connection.close("not wanted any more");
        assertThat(borrower.lost).containsExactly(connection);
        loop.runPendingTasks();
        assertThat(borrower.lost).hasSize(1);
    }

    private static final class Borrower implements ReplySink {
        private final List<UpstreamConnection> lost = new ArrayList<>();

        @Override
        public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
            throw new AssertionError("nothing was sent");
        }

        @Override
        public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
            throw new AssertionError("nothing was sent");
        }

        @Override
        public void onConnectionLost(UpstreamConnection connection, String cause) {
            lost.add(connection);
        }
    }
}
