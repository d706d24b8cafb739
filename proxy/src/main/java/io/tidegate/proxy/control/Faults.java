package io.tidegate.proxy.control;

import io.tidegate.routing.engine.Fault;
import java.util.regex.Pattern;

/**
 * Tells by the reason of a link's loss what has to be mended. What servers say is the same text since long ago; what none of
 * these patterns knows counts as a server that does not answer, with its own words beside it.
 */
final class Faults {
    /** Of those that a password, a user or an ACL mends; AUTH where no password is asked for, too. */
    private static final Pattern CREDENTIALS =
            Pattern.compile("(\\w+: )?(WRONGPASS|NOAUTH|NOPERM)\\b.*|.*\\b(AUTH <password> called without any password"
                    + "|Client sent AUTH, but no password is set|invalid password|NOAUTH|NOPERM)\\b.*");

    private static final Pattern NO_RESP3 = Pattern.compile("it does not speak RESP3.*");

    /** A Redis server knows no SENTINEL; a sentinel says so itself in INFO, and knows few commands. */
    private static final Pattern WRONG_KIND = Pattern.compile(
            "SENTINEL [^:]*: ERR unknown command.*|INFO: this is a sentinel.*|INFO without \\w+|(ROLE|COMMAND): ERR .*");

    private Faults() {}

    static Fault of(String reason) {
        if (NO_RESP3.matcher(reason).matches()) {
            return Fault.NO_RESP3;
        }
        if (WRONG_KIND.matcher(reason).matches()) {
            return Fault.WRONG_KIND;
        }
        return CREDENTIALS.matcher(reason).matches() ? Fault.CREDENTIALS : Fault.UNREACHABLE;
    }
}
