package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.request.RedisNumbers;

/**
 * SELECT: the session goes on in another database, on the shared connections of that. While it watches keys, or redirects
 * its invalidations, it has a connection of its own, which goes along, and which nobody else gets afterwards.
 */
final class SelectCommand {
    private SelectCommand() {}

    /** @param users whether clients are the servers' users, who may be forbidden to */
    static boolean answer(Asker asker, boolean users) {
        int database;
        try {
            database = Math.toIntExact(RedisNumbers.parse(asker.args().text(1)));
        } catch (NumberFormatException | ArithmeticException notAnInteger) {
            // Whoever may not say this is told so first.
            boolean mayNot = users && !asker.permitted("SELECT", asker.args().text(1));
            return mayNot ? asker.answeredByWait() : asker.error(RedisNumbers.NOT_AN_INTEGER);
        }
        if (asker.busy()) {
            return false;
        }
        // Into any other the server lets its user or not; these need no connection that has selected them.
        boolean unasked = users && (database == 0 || database == asker.key().database());
        if (unasked && !asker.maySelect(database)) {
            return asker.answeredByWait();
        }
        return asker.enters(database) ? asker.ok() : asker.answeredByWait();
    }
}
