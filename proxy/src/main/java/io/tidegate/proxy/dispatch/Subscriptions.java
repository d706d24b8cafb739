package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.pubsub.Kind;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.command.CommandSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions of an event loop's clients, over one connection to the primary per user ({@link HubLink}), however many
 * clients and topics there are. A command about them waits until all replies before it are out, and those behind it until it
 * is answered; while there is no connection it is held like any other.
 */
final class Subscriptions {
    private final DataLoop loop;
    private final Map<Identity, HubLink> links = new HashMap<>();
    /** Who leaves more unread than it may for long. */
    private final Set<Listening> slow = new HashSet<>();

    Subscriptions(DataLoop loop) {
        this.loop = loop;
    }

    /** A command after which a server speaks unasked, or whose replies have no number. False if the session has to wait. */
    boolean stream(Session session, @Nullable CommandSpec spec, long end) {
        Kind kind = spec == null ? null : Kind.ofCommand(spec.name());
        if (spec != null && kind != null) {
            loop.dispatcher().seal(session);
            return take(session, spec, kind, end);
        }
        if (session.listening != null && session.listening.subscriber.subscribed()) {
            session.answers.error(ErrorReply.NOT_WHILE_SUBSCRIBED, end);
            return true;
        }
        if (session.redirect != null && (spec == null || !spec.name().equals("client|tracking"))) {
            session.answers.error(ErrorReply.WHILE_REDIRECTING, end);
            return true;
        }
        return loop.dispatcher().pipes().begin(session, spec, end);
    }

    private boolean take(Session session, CommandSpec spec, Kind kind, long end) {
        if (!spec.arityFits(session.args.count())) {
            session.answers.error("ERR wrong number of arguments for '" + spec.name() + "' command", end);
            return true;
        }
        Listening listening = session.listening;
        if (listening != null && listening.subscriber.waits()) {
            session.wait = Wait.ANSWER;
            return false;
        }
        if (session.busy()) {
            return false;
        }
        listening = Listening.of(session);
        boolean begins = spec.name().equals(kind.command(true));
        List<byte[]> names = new ArrayList<>();
        for (int i = 1; i < session.args.count(); i++) {
            names.add(session.args.bytes(i));
        }
        if (!begins && !listening.subscriber.subscribed(kind)) {
            ByteBuf reply = session.channel.alloc().buffer();
            try {
                listening.subscriber.confirmNothing(kind, names, session.key.protocol(), reply);
                listening.confirm(reply, end);
            } finally {
                reply.release();
            }
            return true;
        }
        if (begins
                && listening.subscriber.topicBytesWith(kind, names)
                        > session.settings.subscriberLimits().topicBytesMax()) {
            session.answers.error(ErrorReply.OVERLOADED_SUBSCRIPTIONS, end);
            return true;
        }
        HubLink link = listening.link;
        if (link == null) {
            link = links.computeIfAbsent(session.key.identity(), identity -> new HubLink(loop, identity));
        } else if (begins && !link.identity().equals(session.key.identity())) {
            session.answers.error(ErrorReply.SUBSCRIBED_AS_ANOTHER, end);
            return true;
        }
        if (!link.ready()) {
            String refusal = link.takeRefusal();
            if (refusal != null) {
                session.answers.error(refusal, end);
                return true;
            }
            loop.dispatcher().hold(session, end, link.reason());
            return session.answeredByWait;
        }
        listening.link = link;
        listening.awaits(end);
        link.hub().send(listening.subscriber, kind, begins, names);
        return false;
    }

    /** The client leaves more unread than it may for long. */
    void slow(Listening listening) {
        slow.add(listening);
    }

    void houseKeep(long nowNanos) {
        links.values().removeIf(link -> link.houseKeep(nowNanos));
        slow.removeIf(listening -> !listening.checkUnread(nowNanos));
    }
}
