package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyScanner;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.pubsub.Audience;
import io.tidegate.proxy.pubsub.Kind;
import io.tidegate.proxy.request.CommandLookup;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.routing.command.CommandSpec;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a server says of its clients, for which it takes this proxy's connections, put right. INFO's {@code connected_clients}
 * and {@code blocked_clients} become those of this proxy; with {@code cluster.answer} it says of a cluster what HELLO does. PUBSUB NUMSUB and SHARDNUMSUB, and the replies of PUBLISH and
 * SPUBLISH, count each client of this proxy, beside whatever else the server knows of, where a connection of another proxy
 * is one. CLIENT GETREDIR and TRACKINGINFO name a client of this proxy. ACL DELUSER ends clients: here those of this proxy. Such a command is a run of its own, and its reply is
 * kept until it is whole; where the server is right nothing is done. As of when the reply goes out. Within MULTI, where it
 * would make every transaction with a message wait for its EXEC to be whole, not of PUBLISH and SPUBLISH.
 */
final class ClientFigures {
    private static final Pattern CONNECTED = Pattern.compile("(?m)^connected_clients:\\d+");
    /** The first such word is no prefix of keys: those come behind it. */
    private static final Pattern REDIRECT = Pattern.compile("(\\$8\r\nredirect\r\n:)\\d+");

    private static final Pattern BLOCKED = Pattern.compile("(?m)^blocked_clients:\\d+");
    private static final Pattern MODE = Pattern.compile("(?m)^redis_mode:\\w+");
    private static final Pattern CLUSTER = Pattern.compile("(?m)^cluster_enabled:\\d");

    private final DataLoop loop;
    private final RequestScanner requests;
    private final RequestArgs args;
    private final ReplyScanner replies;

    ClientFigures(DataLoop loop) {
        this.loop = loop;
        this.requests = new RequestScanner(Rewinds.LIMITS);
        this.args = new RequestArgs(requests);
        this.replies = new ReplyScanner(loop.settings().limits());
    }

    /** Whether the command at the session's position, one of those that {@link CommandSpec#proxyMayAnswer}, asks for some. */
    private boolean concern(Session session, CommandSpec spec) {
        return switch (spec.name()) {
            case "info" -> hasOurs(session.args, loop.settings().cluster());
            case "publish", "spublish", "pubsub|numsub", "pubsub|shardnumsub" ->
                !loop.plane().audience().isKnown();
            case "client|getredir", "client|trackinginfo" -> session.redirect != null;
            case "acl|deluser" -> loop.settings().passthroughAuth();
            default -> false;
        };
    }

    /** Whether a section is asked for in which something is put right. */
    private static boolean hasOurs(RequestArgs args, boolean cluster) {
        boolean has = args.count() == 1;
        for (int i = 1; i < args.count(); i++) {
            has |= args.is(i, "clients") || args.is(i, "default") || args.is(i, "all") || args.is(i, "everything");
            has |= cluster && (args.is(i, "server") || args.is(i, "cluster"));
        }
        return has;
    }

    /** The same of a command within MULTI. */
    boolean concernQueued(Session session, CommandSpec spec) {
        return !spec.name().endsWith("publish") && spec.arityFits(session.args.count()) && concern(session, spec);
    }

    /** Sends it. False if the session has to wait with it. */
    boolean forward(Session session, CommandSpec spec, long end) {
        if (!concern(session, spec)) {
            return loop.dispatcher().forward(session, spec, end);
        }
        loop.dispatcher().seal(session);
        boolean taken = loop.dispatcher().forward(session, spec, end);
        Run run = session.open;
        if (taken && run != null && run.commands() == 1) {
            run.rewrite();
            loop.dispatcher().seal(session);
        }
        return taken;
    }

    /** Passes on the whole reply {@code kept} of such a run. */
    void passOn(Session session, Run run, ByteBuf kept) {
        requests.reset();
        ByteBuf input = session.input.buffer();
        requests.next(input, session.input.index(run.startPosition()), input.writerIndex());
        CommandSpec spec = CommandLookup.find(loop.commands(), requests, args.at(requests, input));
        passOn(session, spec == null ? "" : spec.name(), args, kept);
    }

    /** Passes on the whole reply {@code kept} to that command. */
    void passOn(Session session, String name, RequestArgs args, ByteBuf kept) {
        byte type = kept.getByte(kept.readerIndex());
        ByteBuf out = session.out.writable();
        if (name.equals("info") && (type == '$' || type == '=')) {
            info(kept, out);
        } else if (name.endsWith("publish") && type == ':') {
            Kind kind = name.equals("publish") ? Kind.CHANNEL : Kind.SHARD_CHANNEL;
            RespWriter.integer(
                    out, number(kept, kept.readerIndex()) + audience().missedReceivers(kind, args.bytes(1)));
        } else if (session.redirect != null && name.equals("client|getredir") && type == ':') {
            RespWriter.integer(out, session.redirect.target);
        } else if (session.redirect != null && name.equals("client|trackinginfo") && type != '-') {
            String text = kept.toString(ISO_8859_1);
            out.writeCharSequence(REDIRECT.matcher(text).replaceFirst("$1" + session.redirect.target), ISO_8859_1);
        } else if (name.equals("acl|deluser") && type == ':') {
            out.writeBytes(kept, kept.readerIndex(), kept.readableBytes());
            deleted(session, args);
        } else if (name.endsWith("numsub") && type == '*') {
            subscribers(args, kept, name.equals("pubsub|numsub") ? Kind.CHANNEL : Kind.SHARD_CHANNEL, out);
        } else {
            out.writeBytes(kept, kept.readerIndex(), kept.readableBytes());
        }
    }

    /** Those users are no more: their clients end, the one who had them deleted when he has his reply. */
    private void deleted(Session asker, RequestArgs args) {
        Set<String> users = new HashSet<>();
        for (int i = 2; i < args.count(); i++) {
            users.add(args.text(i));
        }
        for (DataLoop each : loop.plane().loops()) {
            each.eventLoop()
                    .execute(() -> each.allSessions().stream()
                            .filter(session -> session != asker && users.contains(session.client.user))
                            .forEach(Session::kill));
        }
        if (users.contains(asker.client.user)) {
            asker.closeWhenAnswered();
        }
    }

    private Audience audience() {
        return loop.plane().audience();
    }

    private void info(ByteBuf kept, ByteBuf out) {
        int at = kept.indexOf(kept.readerIndex(), kept.writerIndex(), (byte) '\n') + 1;
        String text = kept.toString(at, kept.writerIndex() - at - "\r\n".length(), ISO_8859_1);
        text = CONNECTED
                .matcher(text)
                .replaceFirst("connected_clients:" + loop.plane().clientCount());
        text = BLOCKED.matcher(text)
                .replaceFirst("blocked_clients:" + loop.plane().blockedClients());
        if (loop.settings().cluster()) {
            text = MODE.matcher(text).replaceFirst("redis_mode:cluster");
            text = CLUSTER.matcher(text).replaceFirst("cluster_enabled:1");
        }
        out.writeByte(kept.getByte(kept.readerIndex()));
        out.writeCharSequence(text.length() + "\r\n" + text + "\r\n", ISO_8859_1);
    }

    /** Names and numbers in turn. */
    private void subscribers(RequestArgs args, ByteBuf kept, Kind kind, ByteBuf out) {
        int at = kept.indexOf(kept.readerIndex(), kept.writerIndex(), (byte) '\n') + 1;
        out.writeBytes(kept, kept.readerIndex(), at - kept.readerIndex());
        for (int channel = 2; at < kept.writerIndex(); channel++) {
            int number = frame(kept, at, out);
            RespWriter.integer(out, number(kept, number) + audience().missed(kind, args.bytes(channel)));
            at = kept.indexOf(number, kept.writerIndex(), (byte) '\n') + 1;
        }
    }

    /** Passes on the frame at {@code at}; where it ends. */
    private int frame(ByteBuf kept, int at, ByteBuf out) {
        replies.reset();
        int end = replies.next(kept, at, kept.writerIndex());
        out.writeBytes(kept, at, end - at);
        return end;
    }

    private static long number(ByteBuf kept, int at) {
        int end = kept.indexOf(at, kept.writerIndex(), (byte) '\r');
        return Long.parseLong(kept.toString(at + 1, end - at - 1, ISO_8859_1));
    }
}
