package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.proxy.request.CommandLookup;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import org.jspecify.annotations.Nullable;

/**
 * Decides which commands are not kept but passed on as they come: those that are known to be larger than {@code
 * uploadBytesMin} before their end has come, and that leave nothing behind on their connection. Whatever may have to be
 * sent again, or means something else to the proxy, is kept as ever: transactions, what blocks, what the proxy answers,
 * scans, what it does not know, and whatever comes by a listener that may forbid it.
 */
final class Uploads {
    private final DataLoop loop;
    private final Pins pins;

    Uploads(DataLoop loop, Pins pins) {
        this.loop = loop;
        this.pins = pins;
    }

    /**
     * The end of the command at the session's position has not come: begins an upload if it should be one. Until what is in
     * flight is answered and a connection of its own is there, the session waits as for any other node, and is not read.
     *
     * @return whether the session may look at its next command
     */
    boolean begin(Session session) {
        RequestScanner scanner = session.scanner;
        long known = session.input.end() - session.next + scanner.missingBytes();
        if (known <= session.settings.uploadBytesMin() || session.inputClosed || !ordinary(session)) {
            return false;
        }
        ByteBuf buffer = session.input.buffer();
        CommandSpec spec = CommandLookup.findBegun(loop.commands(), scanner, session.args.at(scanner, buffer));
        if (spec == null || spec.effect() != Effect.FORWARD || spec.scans()) {
            return false;
        }
        if (!session.order.isEmpty()) {
            session.wait = Wait.DRAIN;
            return false;
        }
        long settled = session.next + scanner.settled() - session.input.index(session.next);
        @Nullable Pin pin = pins.ready(session, settled);
        if (pin == null && !session.answeredByWait) {
            return false;
        }
        boolean write = !Fate.onlyReads(spec);
        Upload upload = new Upload(session, pin, write, write || Dispatcher.needsProof(session.level));
        session.upload = upload;
        return upload.goOn();
    }

    private static boolean ordinary(Session session) {
        return session.authenticated
                && !Listening.only(session)
                && !session.transaction.active()
                && session.rights == null
                && (session.pin == null || !session.pin.streaming());
    }
}
