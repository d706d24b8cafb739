package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import java.util.Locale;

/**
 * CLIENT and its subcommands, of the proxy's own clients. See <a
 * href="https://redis.io/docs/latest/commands/client/">CLIENT</a>.
 */
final class ClientCommand {
    static final String INVALID_NAME = "ERR Client names cannot contain spaces, newlines or special characters.";

    private final DataLoop loop;

    ClientCommand(DataLoop loop) {
        this.loop = loop;
    }

    boolean answer(Session session, String name, long end) {
        RequestArgs args = session.args;
        Client client = session.client;
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
            case "client|info" -> text(session, client.line(loop.nowNanos()) + "\n", end);
            case "client|list" -> list(session, end);
            case "client|no-evict", "client|no-touch" -> onOrOff(session, end);
            case "client|capa" -> LocalCommands.ok(session, end);
            case "client|reply" -> reply(session, end);
            default ->
                session.answerError(
                        args.count() > 1
                                ? "ERR unknown subcommand '" + args.shown(1) + "'. Try CLIENT HELP."
                                : "ERR wrong number of arguments for 'client' command",
                        end);
        }
        return true;
    }

    /** Redis's rule: nothing outside {@code !} to {@code ~}, so that CLIENT LIST can be parsed. */
    static boolean validName(String name) {
        return name.chars().allMatch(c -> c >= '!' && c <= '~');
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

    private void list(Session session, long end) {
        if (session.args.count() > 2) {
            session.answerError("ERR syntax error", end);
            return;
        }
        long nowNanos = loop.nowNanos();
        StringBuilder lines = new StringBuilder();
        for (Client client : loop.plane().clients().values()) {
            lines.append(client.line(nowNanos)).append('\n');
        }
        text(session, lines.toString(), end);
    }

    private static void onOrOff(Session session, long end) {
        if (session.args.is(2, "ON") || session.args.is(2, "OFF")) {
            LocalCommands.ok(session, end);
        } else {
            session.answerError("ERR syntax error", end);
        }
    }

    private static void reply(Session session, long end) {
        if (session.args.is(2, "ON")) {
            LocalCommands.ok(session, end);
        } else if (session.args.is(2, "OFF") || session.args.is(2, "SKIP")) {
            session.answerError(ErrorReply.NO_REPLY_MODE, end);
        } else {
            session.answerError("ERR syntax error", end);
        }
    }

    private static void text(Session session, String text, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.verbatim(reply, text, session.key.protocol());
        session.answered(reply, end);
    }
}
