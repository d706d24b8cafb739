package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.upstream.RelaySink;
import io.tidegate.proxy.upstream.UpstreamConnection;

/**
 * The way back of a session that is a pipe: everything that its own connection sends goes to the client, under the same
 * proof as any reply of the primary. What is not yet proven keeps the chunks behind it back too, and the claim's end is
 * the stream's end: the client connects again and subscribes again, as it does when a Redis server goes away.
 */
final class Relay implements RelaySink {
    private final Session session;
    private final UpstreamConnection connection;
    private final ByteBuf waiting;
    private long waitingReadNanos;

    Relay(Session session, UpstreamConnection connection) {
        this.session = session;
        this.connection = connection;
        this.waiting = session.channel.alloc().buffer(0);
    }

    @Override
    public void onChunk(ByteBuf chunk, long readNanos) {
        DataLoop loop = session.loop;
        if (session.closed) {
            return;
        }
        if (!waiting.isReadable() && loop.table().proves(connection.epoch(), readNanos)) {
            session.out.append(chunk, chunk.readerIndex(), chunk.writerIndex());
        } else {
            waiting.writeBytes(chunk, chunk.readerIndex(), chunk.readableBytes());
            waitingReadNanos = readNanos;
            loop.relays().add(this);
            loop.waitsForTable();
            loop.signals().evidenceWanted(readNanos);
        }
        boolean tooSlow = session.out.pendingBytes() + waiting.readableBytes()
                > loop.settings().outputBytesMax();
        if (tooSlow) {
            loop.stats().slowClientClosed();
            session.close();
        }
    }

    /** New evidence or a new claim. Whether nothing waits any more. */
    boolean onTable() {
        DataLoop loop = session.loop;
        if (session.closed) {
            return true;
        }
        if (loop.table().proves(connection.epoch(), waitingReadNanos)) {
            session.out.append(waiting, waiting.readerIndex(), waiting.writerIndex());
            waiting.clear();
            return true;
        }
        return false;
    }

    /** Ends a stream whose bytes could not be proven in time; looks at the table once more before. */
    void checkTime(long nowNanos) {
        if (!onTable() && nowNanos - waitingReadNanos > session.loop.settings().parkNanosMax()) {
            session.close();
        }
    }

    /** The session is gone. */
    void close() {
        session.loop.relays().remove(this);
        waiting.release();
    }

    @Override
    public void onRelayLost(String cause) {
        session.out.closeAfterFlush();
    }
}
