package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.proxy.pubsub.Hub;
import io.tidegate.proxy.pubsub.Kind;
import io.tidegate.proxy.pubsub.Recipient;
import io.tidegate.proxy.pubsub.Subscriber;
import io.tidegate.routing.command.CommandSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session that subscribes. Its commands about subscriptions stand at the session's position until they are answered, with
 * nothing of it in flight, so that confirmations have their place among its replies; messages go out between whole replies.
 * What the client leaves unread is bounded by {@link SubscriberLimits}. Confined to the session's event loop.
 */
final class Listening implements Recipient {
    static final Logger LOG = LoggerFactory.getLogger(Listening.class);

    private final Session session;
    final Subscriber subscriber = new Subscriber(this);
    /** Where its subscriptions are, null while it has none and waits for none. */
    @Nullable HubLink link;
    /** Where the command ends that waits for an answer. */
    private long end;
    /** Messages that came while half a reply was out. */
    private @Nullable ByteBuf deferred;
    /** Since when more than the soft limit is unread; 0 if it is not. */
    private long tooMuchSinceNanos;

    private boolean dropped;

    /** What is unanswered the proxy asked for itself, and tells nobody. */
    private boolean untold;
    /** The server does not let it end subscriptions (its ACL). */
    private boolean heldByServer;

    Listening(Session session) {
        this.session = session;
    }

    /** The session's, which hears nothing before it subscribes. */
    static Listening of(Session session) {
        Listening listening = session.listening;
        if (listening == null) {
            listening = new Listening(session);
            session.listening = listening;
        }
        return listening;
    }

    /** Whether it may send only what is about subscriptions, since RESP2 cannot tell messages from replies. */
    static boolean only(Session session) {
        Listening listening = session.listening;
        return listening != null && listening.subscriber.subscribed() && session.key.protocol() == Protocol.RESP2;
    }

    /** Whether Redis would not let it send this now, although it would in another context; then it is told so. */
    static boolean forbids(Session session, @Nullable CommandSpec spec, long end) {
        if (!only(session) || spec == null || !spec.arityFits(session.args.count()) || allowed(spec)) {
            return false;
        }
        session.answers.error(Refused.rejected(spec, notNow(spec.name())), end);
        return true;
    }

    /** What Redis says to a command then. */
    static String notNow(String command) {
        return "ERR Can't execute '" + command
                + "': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context";
    }

    private static boolean allowed(CommandSpec spec) {
        return switch (spec.name()) {
            case "ping", "quit", "reset" -> true;
            default -> Kind.ofCommand(spec.name()) != null;
        };
    }

    /** The command that ends at {@code position} was sent. */
    void awaits(long position) {
        end = position;
        session.wait = Wait.ANSWER;
        session.loop.waiting().ended(session);
    }

    /** The client is gone, or gives up all subscriptions. */
    void end() {
        HubLink hub = link;
        link = null;
        if (hub != null) {
            hub.leave(subscriber);
        }
        dropDeferred();
    }

    /**
     * Whether it has nothing any more. Each kind ends where the server's word for that stands among the messages, or at once
     * where there is nobody to say it. If not yet, the session waits, and asks again.
     */
    boolean over() {
        if (answering()) {
            for (Kind kind : Kind.values()) {
                if (subscriber.subscribed(kind)) {
                    awaitsUntold().send(subscriber, kind, false, List.of());
                    return false;
                }
            }
        }
        end();
        return true;
    }

    /**
     * Whether the session has all messages that were published before its command at hand came to its turn. If not, it waits,
     * and asks again.
     */
    static boolean heardAll(Session session) {
        Listening listening = session.listening;
        if (listening == null || !listening.subscriber.subscribed() || !listening.answering()) {
            return true;
        }
        Inquiry inquiry = Inquiries.at(session);
        if (inquiry.heardAll) {
            return true;
        }
        if (!session.busy()) {
            inquiry.heardAll = true;
            listening.awaitsUntold().ask(listening.subscriber);
        }
        return false;
    }

    private boolean answering() {
        return link != null && link.connected() && !heldByServer;
    }

    /** The hub, where the proxy asks something for the session, which waits. */
    private Hub awaitsUntold() {
        untold = true;
        session.wait = Wait.ANSWER;
        return Objects.requireNonNull(link).hub();
    }

    private void dropDeferred() {
        if (deferred != null) {
            deferred.release();
            deferred = null;
        }
    }

    /** Half a reply was out, and now it is whole. */
    void replyEnded() {
        ByteBuf waiting = deferred;
        if (waiting != null) {
            deferred = null;
            session.out.append(waiting, 0, waiting.writerIndex());
            waiting.release();
        }
    }

    // ---- from the hub ----

    @Override
    public Protocol protocol() {
        return session.key.protocol();
    }

    @Override
    public void message(ByteBuf bytes, int from, int to) {
        if (!session.closed && !session.closing && !dropped) {
            session.guarded(() -> {
                if (session.delivery.midReply() || session.execReply != null) {
                    ByteBuf waiting = deferred == null ? session.channel.alloc().buffer(to - from) : deferred;
                    deferred = waiting.writeBytes(bytes, from, to - from);
                } else {
                    session.out.append(bytes, from, to);
                }
                checkUnread(session.loop.nowNanos());
            });
        }
    }

    /** Disconnects a client that leaves too much unread. Whether it leaves more than it may for long. */
    boolean checkUnread(long nowNanos) {
        if (session.closed || dropped) {
            return false;
        }
        SubscriberLimits limits = session.settings.subscriberLimits();
        long unread = session.out.pendingBytes() + (deferred == null ? 0 : deferred.readableBytes());
        if (unread <= limits.softBytesMax()) {
            tooMuchSinceNanos = 0;
            return false;
        }
        if (tooMuchSinceNanos == 0) {
            tooMuchSinceNanos = nowNanos;
            session.loop.subscriptions().slow(this);
        }
        boolean forTooLong = nowNanos - tooMuchSinceNanos > limits.softNanosMax();
        if (unread > limits.bytesMax() || forTooLong) {
            dropped = true;
            session.loop.stats().slowSubscriberClosed();
            session.loop
                    .plane()
                    .slowSubscribers()
                    .warn(
                            "client {} is disconnected: {} bytes of messages and replies are unread (expected: <= {}{})",
                            session.client.id,
                            unread,
                            forTooLong ? limits.softBytesMax() : limits.bytesMax(),
                            forTooLong ? " within clients.subscriber-soft-time" : "");
            session.close();
            return false;
        }
        return true;
    }

    @Override
    public void confirmed(ByteBuf confirmations) {
        session.guarded(() -> {
            try {
                if (untold) {
                    askAgain();
                } else {
                    confirm(confirmations, end);
                    goOn();
                }
            } finally {
                confirmations.release();
            }
        });
    }

    @Override
    public void refused(String error) {
        session.guarded(() -> {
            if (untold) {
                heldByServer = true;
                askAgain();
            } else {
                session.answers.error(error, end);
                goOn();
            }
        });
    }

    /** What is pushed comes even to a client that wants no replies (CLIENT REPLY). Nothing of it is in flight. */
    void confirm(ByteBuf confirmations, long position) {
        session.out.append(confirmations, confirmations.readerIndex(), confirmations.writerIndex());
        session.answers.nothing(position);
        session.stalled |= session.outputFull();
        session.slowReader.dropIfTooSlow();
    }

    private void goOn() {
        session.next = end;
        session.wait = Wait.NONE;
        session.waitDeadlineNanos = 0;
        if (!subscriber.subscribed()) {
            link = null;
        }
        session.retry();
    }

    @Override
    public void unanswered() {
        if (!subscriber.subscribed()) {
            link = null;
        }
        if (session.wait == Wait.ANSWER) {
            askAgain();
        }
    }

    /** The command at the session's position is begun anew. */
    private void askAgain() {
        untold = false;
        session.wait = Wait.NONE;
        session.retry();
    }

    @Override
    public void revoked() {
        session.close();
    }
}
