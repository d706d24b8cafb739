package io.tidegate.proxy.dispatch;

import io.tidegate.routing.RouteReason;

/**
 * Every error that Tidegate answers by itself and Redis would not, one line each. The first word is the error's code;
 * each text says whether the command ran. Errors that Redis has words for are answered in Redis's words, where they
 * arise.
 */
public enum ErrorReply {
    NO_PRIMARY("NOPRIMARY not executed: no node is proven to be primary"),
    UPLOAD_LOST(
            "NOPRIMARY not executed: the primary was lost while this command, too large to be kept, was being sent"),
    UNCERTAIN("UNCERTAIN may have run: the connection to the primary was lost before its reply was proven"),
    UNCERTAIN_SUPERSEDED(
            "UNCERTAIN may have run: it was sent to a node that is not the primary now, and the primary is not known to have it"),
    UNCERTAIN_PARKED("UNCERTAIN may have run: the reply could not be proven in time"),
    UNCERTAIN_FORGOTTEN("UNCERTAIN may have run: too many bytes of replies waited for their proof, most of them here"),
    UNDERREPLICATED("UNDERREPLICATED executed, %d of %d replicas have it"),
    UNCERTAIN_READ("UNCERTAIN may have run: two replicas in a row were lost before they replied"),
    OVERLOADED_HELD("OVERLOADED not executed: too many requests are held"),
    OVERLOADED_SPILL(
            "OVERLOADED not executed: no replica is fresh enough, and reads.spill-max reads are at the primary"),
    OVERLOADED_CONNECTIONS("OVERLOADED not executed: no further connection to the servers may be opened"),
    OVERLOADED_WINDOW("OVERLOADED not executed: the client's unanswered requests exceed clients.query-buffer-max"),
    OVERLOADED_SUBSCRIPTIONS(
            "OVERLOADED not executed: what the client would be subscribed to exceeds clients.subscriptions-max"),
    REFUSED("ERR not executed: Tidegate refuses this command"),
    DENIED("ERR not executed: this listener does not let the command through"),
    /** In Redis's own words: nobody is to find out whom the listener would let in. */
    NOT_ADMITTED("WRONGPASS invalid username-password pair or user is disabled."),
    TOO_MANY_OF_ADDRESS("ERR max number of clients reached for this address; nothing was executed"),
    RENAMED(
            "ERR not executed: this is the server's other name (rename-command) for a command that concerns its connection"),
    PERHAPS_RENAMED(
            "ERR not executed: Tidegate does not know this name, which may be the server's other name (rename-command) for a command that concerns its connection"),
    NAME_TOO_LONG("ERR not executed: Tidegate keeps names of connections and libraries up to 65536 bytes"),
    NUL_IN_NAME("ERR not executed: a command's name has a NUL byte"),
    NOT_QUEUED("ERR not executed: Tidegate does not queue this command in a transaction"),
    NO_REDIRECT(
            "ERR not executed: Tidegate redirects invalidations only to clients that neither track themselves nor MONITOR"),
    WHILE_REDIRECTING(
            "ERR not executed: Tidegate does not do this while invalidations are redirected (CLIENT TRACKING)"),
    TRANSACTION_NOT_BEGUN("EXECABORT not executed: the transaction could not be begun"),
    SUBSCRIBED_AS_ANOTHER("ERR not executed: Tidegate does not subscribe as one user while subscribed as another"),
    NOT_WHILE_SUBSCRIBED("ERR not executed: Tidegate supports MONITOR and CLIENT TRACKING only before subscriptions"),
    EXECABORT("EXECABORT Transaction discarded because of previous errors.");

    private final String text;

    ErrorReply(String text) {
        this.text = text;
    }

    /** The answer to what has waited for too long, for this reason. */
    static ErrorReply overdue(RouteReason reason) {
        return switch (reason) {
            case HELD_CONNECTIONS -> OVERLOADED_CONNECTIONS;
            case HELD_SPILL -> OVERLOADED_SPILL;
            default -> NO_PRIMARY;
        };
    }

    /** The error line without its leading minus. */
    public String text() {
        return text;
    }

    /** The error line of a text that has places for these numbers. */
    String text(int some, int all) {
        return String.format(java.util.Locale.ROOT, text, some, all);
    }

    /** The label under which it is counted. */
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
