package io.tidegate.proxy.dispatch;

import io.netty.channel.unix.UnixChannel;
import io.tidegate.protocol.Protocol;
import io.tidegate.proxy.pubsub.Kind;
import io.tidegate.routing.command.CommandSpec;

/**
 * A session as one line of CLIENT LIST: Redis's fields in Redis's order, of the client's connection to this proxy. On the
 * session's event loop.
 */
public final class ClientLine {
    private ClientLine() {}

    /** A session that is a pipe counts as one that subscribes, whatever for: what the server sends is not read. */
    public static ClientType type(Session session) {
        Pin pin = session.pin;
        boolean listens = session.listening != null && session.listening.subscriber.subscribed();
        return listens || (pin != null && pin.streaming()) ? ClientType.PUBSUB : ClientType.NORMAL;
    }

    private static int subscriptions(Session session, Kind kind) {
        return session.listening == null ? 0 : session.listening.subscriber.subscriptions(kind);
    }

    /** Whether its command waits for something that other clients decide. */
    private static boolean blocked(Session session) {
        return session.order.patient() || session.wait == Wait.PAUSE;
    }

    private static String flags(Session session) {
        StringBuilder flags = new StringBuilder();
        Transaction transaction = session.transaction;
        flag(flags, 'P', type(session) == ClientType.PUBSUB);
        flag(flags, 'x', transaction.open());
        flag(flags, 'b', blocked(session));
        Redirect redirect = session.redirect;
        flag(flags, 't', redirect != null);
        flag(flags, 'R', redirect != null && redirect.broken());
        flag(flags, 'B', redirect != null && redirect.broadcast);
        flag(flags, 'd', transaction.broken());
        flag(flags, 'c', session.closing);
        flag(flags, 'e', session.client.spared);
        flag(flags, 'N', flags.isEmpty());
        return flags.toString();
    }

    private static void flag(StringBuilder flags, char flag, boolean set) {
        if (set) {
            flags.append(flag);
        }
    }

    /** {@code argumentBytes}: of the command that is being executed, 0 if none is. */
    public static String of(Session session, int argumentBytes) {
        Client client = session.client;
        Transaction transaction = session.transaction;
        long nowNanos = session.loop.nowNanos();
        long input = session.input.end() - session.next;
        long multi = transaction.queuedBytes(session.next);
        long output = session.out.pendingBytes() + session.keptBytes + session.answerBytes;
        CommandSpec last = session.latest;
        return "id=" + client.id + " addr=" + client.address + " laddr=" + client.localAddress + " fd=" + fd(session)
                + " name=" + client.name + " age=" + client.ageSeconds(nowNanos) + " idle="
                + Math.max(0, nowNanos - session.arrivalNanos) / 1_000_000_000L + " flags=" + flags(session) + " db="
                + client.database + " sub=" + subscriptions(session, Kind.CHANNEL) + " psub="
                + subscriptions(session, Kind.PATTERN) + " ssub=" + subscriptions(session, Kind.SHARD_CHANNEL)
                + " multi=" + transaction.queuedCommands() + " qbuf=" + input
                + " qbuf-free=" + session.input.room() + " argv-mem=" + argumentBytes + " multi-mem=" + multi
                + " rbs=" + session.out.bufferBytes() + " rbp=" + session.out.bufferBytes() + " obl=0 oll=0 omem="
                + output + " tot-mem=" + (session.input.capacity() + session.out.bufferBytes() + output)
                + " events=" + (session.channel.config().isAutoRead() ? "r" : "")
                + (session.channel.isWritable() ? "" : "w") + " cmd=" + (last == null ? "NULL" : last.name()) + " user="
                + client.user + " redir=" + (session.redirect == null ? -1 : session.redirect.target) + " resp="
                + (session.key.protocol() == Protocol.RESP3 ? 3 : 2) + " lib-name="
                + client.libName + " lib-ver=" + client.libVersion;
    }

    private static int fd(Session session) {
        return session.channel instanceof UnixChannel channel ? channel.fd().intValue() : -1;
    }
}
