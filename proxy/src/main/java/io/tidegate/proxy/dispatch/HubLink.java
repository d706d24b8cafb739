package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.tidegate.protocol.ReplyError;
import io.tidegate.proxy.pubsub.Hub;
import io.tidegate.proxy.pubsub.Subscriber;
import io.tidegate.proxy.upstream.ConnectionKey;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.proxy.upstream.RelaySink;
import io.tidegate.proxy.upstream.ReplySink;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection to the primary that carries the subscriptions of all clients of an event loop that are one user. It is
 * opened when the first of them subscribes, opened again wherever the primary is when it is lost, and closed some seconds
 * after the last has gone. Messages are passed on as they come, and what was published while there was no connection is
 * missed, as by any subscriber of a server that fails; how often is counted.
 */
final class HubLink implements RelaySink, ReplySink, Hub.Server {
    private static final Logger log = LoggerFactory.getLogger(HubLink.class);
    private static final long RETRY_MILLIS = 20;

    private final DataLoop loop;
    private final ConnectionKey key;
    private final Hub hub;
    private final Frames frames;

    private @Nullable UpstreamConnection connection;
    /** Whether the connection carries the hub's stream. */
    private boolean streaming;

    private RouteReason reason = RouteReason.NO_LINK;
    private @Nullable String refusal;
    private boolean retrying;
    private long lastReadNanos;
    private boolean unusedBefore;

    HubLink(DataLoop loop, Identity identity) {
        this.loop = loop;
        this.hub = new Hub(this, loop.plane().audience());
        this.key = ConnectionKey.INITIAL.withIdentity(identity);
        this.frames = new Frames(alloc(), loop.settings().limits());
    }

    Identity identity() {
        return key.identity();
    }

    Hub hub() {
        return hub;
    }

    /** Why it is not {@link #ready}. */
    RouteReason reason() {
        return reason;
    }

    /** The server's own words with which it did not accept the user, once. */
    @Nullable String takeRefusal() {
        String text = refusal;
        refusal = null;
        return text;
    }

    void leave(Subscriber subscriber) {
        hub.leave(subscriber);
    }

    /** Whether the server answers what is sent, now or later. */
    boolean connected() {
        return streaming;
    }

    /** Whether commands may be sent now; if not, a connection is being opened as far as there is a primary. */
    boolean ready() {
        UpstreamConnection current = connection;
        if (current == null) {
            open();
        } else if (!streaming && !current.connecting() && !current.closed()) {
            begin(current);
        }
        current = connection;
        return streaming && current != null && !current.closed() && !current.congested();
    }

    private void open() {
        RoutingTable table = loop.table();
        int id = loop.router().write(table);
        Node node = id == Router.HOLD ? null : table.node(id);
        if (node == null) {
            reason = loop.router().reason();
            return;
        }
        connection = loop.upstreams().pinned(this, table, node, key);
        reason = connection == null ? loop.upstreams().reason() : RouteReason.NO_LINK;
        UpstreamConnection idle = connection;
        if (idle != null && !idle.connecting() && !idle.closed()) {
            begin(idle);
        }
    }

    private void begin(UpstreamConnection opened) {
        RoutingTable table = loop.table();
        Node node = table.node(opened.nodeId());
        if (node == null || !opened.usable(table, node) || !table.isWritable(opened.nodeId())) {
            opened.close("not the primary's any more");
            return;
        }
        opened.relayTo(this);
        streaming = true;
        lastReadNanos = loop.nowNanos();
        boolean asked = false;
        try {
            hub.connected();
            asked = true;
        } finally {
            if (!asked) {
                giveUp("not all subscriptions could be asked for");
            }
        }
    }

    /** As long as somebody has subscriptions, tries to have a connection. */
    private void retry() {
        retrying = false;
        if (hub.subscribers() > 0 && !ready()) {
            retryLater();
        }
    }

    private void retryLater() {
        if (!retrying) {
            retrying = true;
            loop.eventLoop().schedule(this::guardedRetry, RETRY_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void guardedRetry() {
        try {
            retry();
        } catch (Throwable e) {
            log.error("subscriptions are not restored by a failure of this proxy", e);
            retryLater();
        }
    }

    /**
     * Once a second: gives up a server that does not answer, asks one that has been silent, closes what nobody uses.
     *
     * @return whether nobody needs it any more
     */
    boolean houseKeep(long nowNanos) {
        UpstreamConnection current = connection;
        boolean unused = hub.unused();
        if (current != null && unused && unusedBefore) {
            current.close("nobody is subscribed any more");
        } else if (current != null && streaming && !current.closed()) {
            long silentNanos = nowNanos - lastReadNanos;
            long silentNanosMax = loop.upstreams().replyNanosMax();
            if (hub.waits() && silentNanos > silentNanosMax) {
                current.close("no confirmation for " + silentNanosMax / 1_000_000 + " ms");
            } else if (!unused && !hub.waits() && silentNanos > silentNanosMax / 2) {
                lastReadNanos = nowNanos;
                hub.ask(null);
            }
        }
        boolean over = unused && unusedBefore && connection == null;
        unusedBefore = unused;
        return over;
    }

    // ---- the way to the server ----

    @Override
    public void send(ByteBuf command) {
        try {
            UpstreamConnection current = connection;
            if (current != null && streaming && !current.closed()) {
                if (!hub.waits()) {
                    lastReadNanos = loop.nowNanos();
                }
                current.relay(command, command.readerIndex(), command.writerIndex());
            }
        } finally {
            command.release();
        }
    }

    @Override
    public ByteBufAllocator alloc() {
        return ByteBufAllocator.DEFAULT;
    }

    // ---- the way back ----

    @Override
    public void onChunk(ByteBuf chunk, long readNanos) {
        lastReadNanos = readNanos;
        String mistake = frames.read(
                chunk,
                loop.settings().subscriberLimits().bytesMax(),
                "a message of more than clients.subscriber-buffer-max",
                (all, from, to) -> hub.received(all, from, to) ? null : "nothing that belongs to subscriptions");
        if (mistake != null) {
            giveUp(mistake);
        }
        if (!streaming) {
            frames.reset();
        }
        loop.stats().messagesPassedOn(hub.takeDelivered());
    }

    private void giveUp(String cause) {
        UpstreamConnection current = connection;
        if (current != null) {
            log.warn("the connection of subscribers to node {} is closed: {}", current.nodeId(), cause);
            current.close(cause);
        }
    }

    @Override
    public void onRelayLost(String cause) {
        // It hears of it as the connection's borrower.
    }

    @Override
    public void onConnectionLost(UpstreamConnection lost, String cause) {
        if (lost != connection) {
            return;
        }
        connection = null;
        frames.reset();
        if (lost.refusal() != null) {
            refusal = lost.refusal();
            hub.revokeAll();
        }
        if (streaming) {
            streaming = false;
            loop.stats().subscriptionsInterrupted(hub.subscribers());
            hub.lost();
        }
        if (hub.subscribers() > 0) {
            retryLater();
        }
    }

    @Override
    public void onReplies(Run run, ByteBuf bytes, int from, int to, int frames, boolean whole, long readNanos) {
        throw new IllegalStateException("a reply to a run (expected: a stream)");
    }

    @Override
    public void onRefused(Run run, ReplyError error, ByteBuf bytes, int from, int to, long readNanos) {
        throw new IllegalStateException("a reply to a run (expected: a stream)");
    }
}
