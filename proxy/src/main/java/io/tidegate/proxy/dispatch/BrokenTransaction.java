package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.command.CommandSpec;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A transaction whose connection was lost while keys were watched: it goes on to its end, which is nil. */
final class BrokenTransaction {
    private BrokenTransaction() {}

    static boolean answer(Session session, @Nullable CommandSpec spec, long end) {
        Transaction transaction = session.transaction;
        String name = spec == null ? "" : spec.name();
        Protocol protocol = session.key.protocol();
        boolean ends = name.equals("exec") || name.equals("discard");
        if (ends && !transaction.open()) {
            session.answers.error("ERR " + name.toUpperCase(Locale.ROOT) + " without MULTI", end);
            return true;
        }
        ByteBuf reply = session.answers.buffer();
        switch (name) {
            case "watch" -> RespWriter.simpleString(reply, "OK");
            case "multi" -> {
                transaction.multi(session.next, end, false);
                RespWriter.simpleString(reply, "OK");
            }
            case "exec" -> {
                transaction.ended();
                RespWriter.nullArray(reply, protocol);
            }
            case "discard" -> {
                transaction.ended();
                RespWriter.simpleString(reply, "OK");
            }
            case "unwatch" -> {
                // Within MULTI it is queued, and comes too late.
                RespWriter.simpleString(reply, transaction.open() ? "QUEUED" : "OK");
                if (!transaction.open()) {
                    transaction.unwatch();
                }
            }
            default -> RespWriter.simpleString(reply, "QUEUED");
        }
        session.answers.written(reply, end);
        return true;
    }
}
