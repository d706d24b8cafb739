package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.ConnectionKey;

/**
 * SELECT: the session goes on in another database, on the shared connections of that. While it watches keys, or redirects
 * its invalidations, it has a connection of its own, which goes along, and which nobody else gets afterwards.
 */
final class SelectCommand {
    private final LocalCommands local;
    private final Inquiries inquiries;
    private final Pins pins;

    SelectCommand(DataLoop loop, LocalCommands local, Inquiries inquiries) {
        this.local = local;
        this.inquiries = inquiries;
        this.pins = new Pins(loop);
    }

    boolean answer(Session session, long end) {
        int database;
        try {
            database = Math.toIntExact(RedisNumbers.parse(session.args.text(1)));
        } catch (NumberFormatException | ArithmeticException notAnInteger) {
            session.answerError(RedisNumbers.NOT_AN_INTEGER, end);
            return true;
        }
        ConnectionKey wanted = session.key.withDatabase(database);
        if (LocalCommands.busy(session)) {
            return false;
        }
        if (!wanted.equals(session.key)) {
            boolean own = Pin.neededBy(session) && session.pin != null;
            boolean granted = own
                    ? inquiries.ownBecomes(session, pins, wanted, end, "SELECT", Integer.toString(database))
                    : local.established(session, wanted, end);
            if (!granted) {
                return session.answeredByWait;
            }
        }
        session.key = wanted;
        session.client.database = database;
        LocalCommands.ok(session, end);
        return true;
    }
}
