package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.command.CommandSpec;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * CLIENT and its subcommands, of the proxy's own clients. See <a
 * href="https://redis.io/docs/latest/commands/client/">CLIENT</a>.
 */
final class ClientCommand {
    static final String INVALID_NAME = "ERR Client names cannot contain spaces, newlines or special characters.";

    /** The number of a client that no server has: commands about it are questions whether the user may give them. */
    static final String NOBODY = Long.toString(Long.MAX_VALUE);

    private final ClientList list;
    private final ClientKill kill;
    private final ClientUnblock unblock;
    private final ClientPause pause;

    ClientCommand(DataLoop loop, Inquiries inquiries) {
        this.list = new ClientList(loop, inquiries);
        this.kill = new ClientKill(loop, inquiries);
        this.unblock = new ClientUnblock(loop, inquiries);
        this.pause = new ClientPause(loop, inquiries);
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Session session, String name, long end) {
        RequestArgs args = session.args;
        Client client = session.client;
        if (tooMany(name, args.count())) {
            session.answerError(
                    "ERR unknown subcommand or wrong number of arguments for '" + args.text(1) + "'. Try CLIENT HELP.",
                    end);
            return true;
        }
        switch (name) {
            case "client|id" -> {
                ByteBuf reply = session.answerBuffer();
                RespWriter.integer(reply, client.id);
                session.answered(reply, end);
            }
            case "client|getname" -> {
                ByteBuf reply = session.answerBuffer();
                if (client.name.isEmpty()) {
                    RespWriter.nullValue(reply, session.key.protocol());
                } else {
                    RespWriter.bulk(reply, client.name);
                }
                session.answered(reply, end);
            }
            case "client|setname" -> setName(session, args.text(2), end);
            case "client|setinfo" -> setInfo(session, end);
            case "client|info" -> ClientList.info(session, end);
            case "client|list" -> {
                return list.list(session, end);
            }
            case "client|kill" -> {
                return kill.answer(session, end);
            }
            case "client|unblock" -> {
                return unblock.answer(session, end);
            }
            case "client|pause" -> {
                return pause.begin(session, end);
            }
            case "client|unpause" -> {
                return pause.end(session, end);
            }
            case "client|no-evict", "client|no-touch" -> onOrOff(session, name, end);
            case "client|capa" -> LocalCommands.ok(session, end);
            case "client|reply" -> {
                return reply(session, end);
            }
            default ->
                session.answerError(
                        args.count() > 1
                                ? "ERR unknown subcommand '" + args.shown(1) + "'. Try CLIENT HELP."
                                : "ERR wrong number of arguments for 'client' command",
                        end);
        }
        return true;
    }

    /**
     * Whether the server, for which the clients of this proxy are a few connections, would do it to all of them, or to one
     * that it knows by the number that here another client has.
     */
    static boolean harmsOthersUpstream(CommandSpec spec, RequestArgs args) {
        return switch (spec.name()) {
            case "client|kill", "client|unblock", "client|pause", "client|unpause" -> true;
            case "client|tracking" -> IntStream.range(3, args.count()).anyMatch(i -> args.is(i, "REDIRECT"));
            default -> false;
        };
    }

    /** The command table bounds these from below only; so do the servers', and then they say this. */
    private static boolean tooMany(String name, int count) {
        return switch (name) {
            case "client|pause", "client|unblock" -> count > 4;
            default -> false;
        };
    }

    /** Redis's rule: nothing outside {@code !} to {@code ~}, so that CLIENT LIST can be parsed. */
    static boolean validName(String name) {
        return name.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    /** Whether {@code verdict}, the servers' reply to a question, says that the user may not; then that is the answer. */
    static boolean denied(Session session, String verdict, long end) {
        boolean denied = verdict.startsWith("-NOPERM");
        if (denied) {
            session.answerError(verdict.substring(1), end);
        }
        return denied;
    }

    private static void setName(Session session, String name, long end) {
        if (!validName(name)) {
            session.answerError(INVALID_NAME, end);
            return;
        }
        session.client.name = name;
        LocalCommands.ok(session, end);
    }

    private static void setInfo(Session session, long end) {
        RequestArgs args = session.args;
        String attribute = args.text(2).toLowerCase(Locale.ROOT);
        String value = args.text(3);
        boolean known = attribute.equals("lib-name") || attribute.equals("lib-ver");
        if (!known) {
            session.answerError("ERR Unrecognized option '" + args.shown(2) + "'", end);
        } else if (!validName(value)) {
            session.answerError("ERR " + attribute + " cannot contain spaces, newlines or special characters.", end);
        } else {
            if (attribute.equals("lib-name")) {
                session.client.libName = value;
            } else {
                session.client.libVersion = value;
            }
            LocalCommands.ok(session, end);
        }
    }

    private static void onOrOff(Session session, String name, long end) {
        boolean on = session.args.is(2, "ON");
        if (!on && !session.args.is(2, "OFF")) {
            session.answerError("ERR syntax error", end);
            return;
        }
        if (name.equals("client|no-evict")) {
            session.client.spared = on;
        }
        LocalCommands.ok(session, end);
    }

    /** See {@link ReplyMode}: it changes when nothing is in flight. */
    private static boolean reply(Session session, long end) {
        RequestArgs args = session.args;
        boolean on = args.is(2, "ON");
        boolean off = args.is(2, "OFF");
        if (!on && !off && !args.is(2, "SKIP")) {
            session.answerError("ERR syntax error", end);
            return true;
        }
        if (LocalCommands.busy(session)) {
            return false;
        }
        if (on) {
            session.replies.on();
            LocalCommands.ok(session, end);
            return true;
        }
        if (off) {
            session.replies.turnOff();
        } else if (!session.replies.off()) {
            session.replies.skip(end);
        }
        session.answerNothing(end);
        return true;
    }
}
