package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyError;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.scripts.ScriptCache;
import io.tidegate.proxy.scripts.ScriptDigest;
import io.tidegate.proxy.scripts.ScriptFlags;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.command.CommandArgs;
import io.tidegate.routing.command.CommandSpec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Takes scripts to the nodes that need them. Servers do not replicate them, so a node that becomes primary knows none of
 * those that clients have loaded; here their sources are kept as they pass ({@link ScriptCache}), and a SCRIPT LOAD goes
 * ahead of the first EVALSHA of each on each connection.
 *
 * <p>Ahead, and not after the server said NOSCRIPT: an error that a script's call gets proves nothing, as a script makes
 * up whatever errors it likes, so the call could not be sent again. Nor would the client's order hold, since what is behind
 * the call in its pipeline has run by then. The price is a SCRIPT LOAD per script and connection.
 *
 * <p>What is kept is what the server will have taken, too, as far as can be told of a request: the right number of
 * arguments, and not within a transaction. A server that does not know a script then, a flush behind the proxy's back
 * aside, has just become primary, is a replica, or was restarted.
 */
final class Scripts {
    private final DataLoop loop;
    private final ScriptCache cache;
    private final MessageDigest sha1;

    /** What each connection's server was given over it. Connections that are closed fall out by themselves. */
    private final Map<UpstreamConnection, Loaded> loaded = new WeakHashMap<>();

    /** What a server was given before the {@code flushes}-th flush may be gone. As many as are kept; then it begins anew. */
    private record Loaded(long flushes, Set<ScriptDigest> digests) {}

    Scripts(DataLoop loop, ScriptCache cache) {
        this.loop = loop;
        this.cache = cache;
        try {
            this.sha1 = MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-1, which every Java has to have", e);
        }
    }

    /**
     * Whether a command that only reads, and that is {@link CommandSpec#concernsScripts}, may go to any node, as far as
     * scripts go: one that never saw the script must be given it.
     */
    boolean anywhere(CommandArgs args, CommandSpec spec) {
        if (!spec.name().equals("evalsha_ro") || args.count() < 2) {
            return true;
        }
        ScriptDigest digest = ScriptDigest.spelt(args, 1);
        return digest != null && cache.knows(digest);
    }

    /**
     * Whether a call of a script does not write, be it that its command sees to that, or that the script says so itself and
     * the server sees to it. Of functions only the server knows: see {@link PausedFunctions}.
     */
    boolean onlyReads(CommandArgs args, CommandSpec spec) {
        if (spec.read() || args.count() < 2) {
            return spec.read();
        }
        if (spec.name().equals("eval")) {
            return ScriptFlags.noWrites(args.length(1), index -> args.byteAt(1, index));
        }
        ScriptDigest digest = spec.name().equals("evalsha") ? ScriptDigest.spelt(args, 1) : null;
        byte[] source = digest == null ? null : cache.source(digest);
        return source != null && ScriptFlags.noWrites(source.length, index -> source[index]);
    }

    /**
     * The command at the session's position, which is {@link CommandSpec#concernsScripts}, is in {@code run}, which is not
     * sent yet: what its connection is given now comes first.
     */
    void added(Session session, Run run, CommandSpec spec) {
        if (spec.script()) {
            run.scriptLast();
        }
        UpstreamConnection connection = run.connection();
        RequestArgs args = session.args;
        if (connection == null || !spec.arityFits(args.count())) {
            return;
        }
        Transaction transaction = session.transaction;
        switch (spec.name()) {
            case "eval", "eval_ro" -> {
                if (!transaction.open() && saysHowManyKeys(args)) {
                    keep(session, 1);
                }
            }
            case "script|load" -> {
                if (!transaction.open()) {
                    keep(session, 2);
                }
            }
            case "script|flush" -> cache.flush();
            case "evalsha", "evalsha_ro" -> {
                // Behind MULTI it would be queued.
                if (!transaction.open() || transaction.begins(run)) {
                    goAhead(session, ScriptDigest.spelt(args, 1), connection);
                }
            }
            case "fcall" -> loop.pause().functions().added(session, run, connection);
            default -> {
                // Of functions servers take care themselves.
            }
        }
    }

    /** Servers look at this first, and do not keep a script for which it is wrong. */
    private static boolean saysHowManyKeys(RequestArgs args) {
        String count = args.text(2);
        return count.matches("0|[1-9][0-9]{0,8}") && Integer.parseInt(count) <= args.count() - 3;
    }

    private void keep(Session session, int arg) {
        RequestArgs args = session.args;
        byte[] source = args.bytes(arg);
        ScriptDigest digest = ScriptDigest.of(sha1.digest(source));
        if (!cache.knows(digest)) {
            cache.keep(digest, source);
        }
    }

    private void goAhead(Session session, @Nullable ScriptDigest digest, UpstreamConnection connection) {
        if (digest == null || loadedOver(connection).contains(digest)) {
            return;
        }
        byte[] source = cache.source(digest);
        if (source == null) {
            return;
        }
        ByteBuf command = session.channel.alloc().buffer(source.length + 64);
        try {
            RespWriter.arrayHeader(command, 3);
            RespWriter.bulk(command, "SCRIPT");
            RespWriter.bulk(command, "LOAD");
            RespWriter.bulk(command, source);
            Run run = loop.runs().take();
            run.open(session, connection, session.next);
            run.add(session.next, false, false);
            loop.upstreams().ownCommands().loads(connection, source, loop.nowNanos());
            connection.send(run, command, command.readerIndex(), command.writerIndex());
            // Nobody waits for its reply: what comes of it, that to the call tells.
            run.leaveSession();
        } finally {
            command.release();
        }
        loop.stats().scriptLoaded();
        Set<ScriptDigest> digests = loadedOver(connection);
        if (digests.size() >= cache.countMax()) {
            digests.clear();
        }
        digests.add(digest);
    }

    private Set<ScriptDigest> loadedOver(UpstreamConnection connection) {
        Loaded known = loaded.get(connection);
        long flushes = cache.flushes();
        if (known == null || known.flushes() != flushes) {
            known = new Loaded(flushes, new HashSet<>());
            loaded.put(connection, known);
        }
        return known.digests();
    }

    /** A script's call got the error [from, to): if the server has lost its scripts, they are loaded again from then on. */
    void failed(Run run, ByteBuf bytes, int from, int to) {
        UpstreamConnection connection = run.connection();
        if (connection != null) {
            loop.upstreams().ownCommands().callFailed(connection);
        }
        if (connection != null && ReplyError.classify(bytes, from, to) == ReplyError.NOSCRIPT) {
            loaded.remove(connection);
        }
    }
}
