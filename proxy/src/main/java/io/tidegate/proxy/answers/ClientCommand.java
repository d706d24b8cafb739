package io.tidegate.proxy.answers;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.ErrorReply;
import io.tidegate.proxy.request.RequestArgs;
import java.util.Locale;

/**
 * CLIENT and its subcommands, of the proxy's own clients. See <a
 * href="https://redis.io/docs/latest/commands/client/">CLIENT</a>.
 */
final class ClientCommand {
    private static final int NAME_BYTES_MAX = 65_536;

    static final String INVALID_NAME = "ERR Client names cannot contain spaces, newlines or special characters.";

    /** The number of a client that no server has: commands about it are questions whether the user may give them. */
    static final String NOBODY = Long.toString(Long.MAX_VALUE);

    private final ClientList list;
    private final ClientKill kill;
    private final ClientUnblock unblock;
    private final ClientPause pause;

    ClientCommand(DataLoop loop) {
        this.list = new ClientList(loop);
        this.kill = new ClientKill(loop);
        this.unblock = new ClientUnblock(loop);
        this.pause = new ClientPause(loop);
    }

    /** Answers the command at the session's position. False if the session has to wait with it. */
    boolean answer(Asker asker, String name) {
        RequestArgs args = asker.args();
        if (tooMany(name, args.count())) {
            return asker.error(
                    "ERR unknown subcommand or wrong number of arguments for '" + args.text(1) + "'. Try CLIENT HELP.");
        }
        return switch (name) {
            case "client|id" -> asker.integer(asker.client().id());
            case "client|getname" -> getName(asker);
            case "client|setname" -> setName(asker);
            case "client|setinfo" -> setInfo(asker);
            case "client|info" -> ClientList.info(asker);
            case "client|list" -> list.answer(asker);
            case "client|kill" -> kill.answer(asker);
            case "client|unblock" -> unblock.answer(asker);
            case "client|pause" -> pause.begin(asker);
            case "client|unpause" -> pause.end(asker);
            case "client|no-evict", "client|no-touch" -> onOrOff(asker, name);
            case "client|capa" -> asker.ok();
            case "client|reply" -> reply(asker);
            default ->
                asker.error(
                        args.count() > 1
                                ? "ERR unknown subcommand '" + args.shown(1, RequestArgs.UNKNOWN_CHARS_MAX)
                                        + "'. Try CLIENT HELP."
                                : "ERR wrong number of arguments for 'client' command");
        };
    }

    /** The command table bounds these from below only; so do the servers', and then they say this. */
    private static boolean tooMany(String name, int count) {
        return switch (name) {
            case "client|pause", "client|unblock" -> count > 4;
            default -> false;
        };
    }

    /** Whether a client's word is more than is kept of it while it stays. */
    static boolean tooLong(RequestArgs args, int arg) {
        return args.length(arg) > NAME_BYTES_MAX;
    }

    /** Redis's rule: nothing outside {@code !} to {@code ~}, so that CLIENT LIST can be parsed. */
    static boolean validName(String name) {
        return name.chars().allMatch(c -> c >= '!' && c <= '~');
    }

    private static boolean getName(Asker asker) {
        String name = asker.client().name();
        ByteBuf reply = asker.reply();
        if (name.isEmpty()) {
            RespWriter.nullValue(reply, asker.protocol());
        } else {
            RespWriter.bulk(reply, name);
        }
        return asker.told(reply);
    }

    private static boolean setName(Asker asker) {
        if (tooLong(asker.args(), 2)) {
            return asker.error(ErrorReply.NAME_TOO_LONG);
        }
        String name = asker.args().text(2);
        if (!validName(name)) {
            return asker.error(INVALID_NAME);
        }
        asker.client().name(name);
        return asker.ok();
    }

    private static boolean setInfo(Asker asker) {
        RequestArgs args = asker.args();
        if (tooLong(args, 2) || tooLong(args, 3)) {
            return asker.error(ErrorReply.NAME_TOO_LONG);
        }
        String attribute = args.text(2).toLowerCase(Locale.ROOT);
        String value = args.text(3);
        boolean known = attribute.equals("lib-name") || attribute.equals("lib-ver");
        if (!known) {
            return asker.error("ERR Unrecognized option '" + args.shown(2) + "'");
        }
        if (!validName(value)) {
            return asker.error("ERR " + attribute + " cannot contain spaces, newlines or special characters.");
        }
        if (attribute.equals("lib-name")) {
            asker.client().libName(value);
        } else {
            asker.client().libVersion(value);
        }
        return asker.ok();
    }

    private static boolean onOrOff(Asker asker, String name) {
        boolean on = asker.args().is(2, "ON");
        if (!on && !asker.args().is(2, "OFF")) {
            return asker.error("ERR syntax error");
        }
        if (name.equals("client|no-evict")) {
            asker.client().spared(on);
        }
        return asker.ok();
    }

    /** The mode changes when nothing is in flight. */
    private static boolean reply(Asker asker) {
        RequestArgs args = asker.args();
        boolean on = args.is(2, "ON");
        boolean off = args.is(2, "OFF");
        if (!on && !off && !args.is(2, "SKIP")) {
            return asker.error("ERR syntax error");
        }
        if (asker.busy()) {
            return false;
        }
        if (on) {
            asker.wantsReplies();
            return asker.ok();
        }
        if (off) {
            asker.wantsNoReplies();
        } else {
            asker.skipsReply();
        }
        return asker.toldNothing();
    }
}
