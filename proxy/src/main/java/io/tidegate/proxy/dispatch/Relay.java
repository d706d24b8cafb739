package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.upstream.RelaySink;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Durability.Missing;

/**
 * The way back of a session that is a pipe: everything that its own connection sends goes to the client, under the same
 * proof as any reply of the primary. What is not yet proven keeps the chunks behind it back too, each released by the
 * evidence that reaches the instant at which it was read, and the claim's end is the stream's end: the client connects
 * again and subscribes again, as it does when a Redis server goes away.
 */
final class Relay implements RelaySink {
    private final Session session;
    private final UpstreamConnection connection;
    private final Unproven waiting = new Unproven();
    final PipeReplies replies;
    /** Whether any chunk may hold the reply to a write: nothing here tells replies from what is pushed. */
    private boolean writes;

    Relay(Session session, UpstreamConnection connection) {
        this.session = session;
        this.connection = connection;
        this.replies = new PipeReplies(
                session.channel.alloc(),
                session.settings.limits(),
                session.replies.off(),
                new MonitorLines(
                        connection.nodeId(),
                        address -> session.loop.signals().speaksFrom(address),
                        session.loop.upstreams().ownCommands()),
                new OwnAnswers(connection.greeting().clientId(), session.client.id));
    }

    /** A command that does not only read is sent: from now on each chunk counts as an acknowledgement. */
    void writes() {
        writes = true;
    }

    private Missing missing(long readNanos) {
        Durability rule = writes ? session.durability : Durability.ACKNOWLEDGED;
        return rule.missing(session.loop.table(), connection.epoch(), connection.node(), readNanos);
    }

    private void ask(long readNanos) {
        session.loop.signals().evidenceWanted(readNanos);
        if (missing(readNanos) == Missing.REPLICAS) {
            session.loop.signals().replicationWanted(readNanos);
        }
    }

    private void passOn(ByteBuf bytes, long readNanos) {
        if (writes) {
            session.causality.acknowledged(readNanos);
        }
        session.out.append(bytes, bytes.readerIndex(), bytes.writerIndex());
    }

    @Override
    public void onChunk(ByteBuf chunk, long readNanos) {
        if (session.closed) {
            return;
        }
        ByteBuf told = replies.translated(chunk, readNanos);
        try {
            if (told.isReadable()) {
                take(told, readNanos);
            }
        } finally {
            told.release();
        }
    }

    private void take(ByteBuf chunk, long readNanos) {
        DataLoop loop = session.loop;
        if (waiting.isEmpty() && missing(readNanos) == Missing.NOTHING) {
            passOn(chunk, readNanos);
        } else {
            waiting.add(chunk, readNanos);
            loop.relays().add(this);
            loop.waitsForTable();
            ask(readNanos);
        }
        closeIfTooSlow();
    }

    void closeIfTooSlow() {
        long kept = session.out.pendingBytes() + waiting.bytes() + replies.owedBytes();
        boolean tooSlow = kept > session.settings.outputBytesMax();
        if (tooSlow) {
            session.loop.stats().slowClientClosed();
            session.close();
        }
    }

    /** New evidence or a new claim: passes on what is proven. Whether nothing waits any more. */
    boolean onTable() {
        if (session.closed) {
            return true;
        }
        session.guarded(this::release);
        return waiting.isEmpty();
    }

    private void release() {
        while (!waiting.isEmpty() && missing(waiting.neededNanos()) == Missing.NOTHING) {
            long readNanos = waiting.neededNanos();
            ByteBuf proven = waiting.take();
            try {
                passOn(proven, readNanos);
            } finally {
                proven.release();
            }
        }
        if (!waiting.isEmpty()) {
            ask(waiting.neededNanos());
        }
    }

    /** Ends a stream of which some bytes could not be proven in time; looks at the table once more before. */
    void checkTime(long nowNanos) {
        session.guarded(() -> {
            if (!onTable()
                    && nowNanos - waiting.oldestNanos()
                            > session.loop.settings().parkNanosMax()) {
                session.close();
            }
        });
    }

    /** The session is gone. */
    void close() {
        session.loop.relays().remove(this);
        waiting.release();
        replies.release();
    }

    @Override
    public void onRelayLost(String cause) {
        if (!session.closed) {
            Redirects.ownLost(session, connection);
            session.closeWhenAnswered();
        }
    }
}
