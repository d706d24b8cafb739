package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Client;
import io.tidegate.proxy.dispatch.ClientLine;
import io.tidegate.proxy.dispatch.ClientType;
import io.tidegate.proxy.dispatch.Session;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whom CLIENT KILL is to end: all conditions that are set. Redis's own words for what is wrong with it.
 *
 * @param id 0 for any
 * @param ageSecondsMin 0 for any
 */
record ClientFilter(
        long id,
        @Nullable String address,
        @Nullable String localAddress,
        @Nullable String user,
        @Nullable ClientType type,
        boolean skipsAsker,
        long ageSecondsMin) {

    /** Not a filter. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1;

        private final String answer;

        Invalid(String answer) {
            super(answer, null, false, false);
            this.answer = answer;
        }

        /** The error line without its leading minus. */
        String answer() {
            return answer;
        }
    }

    private static final String SYNTAX = "ERR syntax error";

    /** The old form, {@code CLIENT KILL <address>}, which may end the asker too. */
    static ClientFilter ofAddress(String address) {
        return new ClientFilter(0, address, null, null, null, false, 0);
    }

    /** The new form, pairs of a word and a value from the third argument on. */
    static ClientFilter parse(RequestArgs args, boolean knowsMaxAge) throws Invalid {
        long id = 0;
        long age = 0;
        String address = null;
        String localAddress = null;
        String user = null;
        ClientType type = null;
        boolean skips = true;
        for (int i = 2; i < args.count(); i += 2) {
            if (i + 1 == args.count()) {
                throw new Invalid(SYNTAX);
            }
            String value = args.text(i + 1);
            switch (args.text(i).toLowerCase(Locale.ROOT)) {
                case "id" -> id = positive(value, "ERR client-id should be greater than 0");
                case "maxage" -> {
                    if (!knowsMaxAge) {
                        throw new Invalid(SYNTAX);
                    }
                    age = positive(value, "ERR maxage is not an integer or out of range");
                }
                case "addr" -> address = value;
                case "laddr" -> localAddress = value;
                case "user" -> user = value;
                case "type" -> {
                    type = ClientType.named(value);
                    if (type == null) {
                        throw new Invalid(ClientType.unknown(value));
                    }
                }
                case "skipme" -> skips = yes(value);
                default -> throw new Invalid(SYNTAX);
            }
        }
        return new ClientFilter(id, address, localAddress, user, type, skips, age);
    }

    private static boolean yes(String value) throws Invalid {
        boolean yes = value.equalsIgnoreCase("yes");
        if (!yes && !value.equalsIgnoreCase("no")) {
            throw new Invalid(SYNTAX);
        }
        return yes;
    }

    private static long positive(String value, String otherwise) throws Invalid {
        try {
            long number = RedisNumbers.parse(value);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException notANumber) {
            // Answered like any other number that is none.
        }
        throw new Invalid(otherwise);
    }

    boolean matches(Session session, boolean asker, long nowNanos) {
        Client client = session.client();
        return (id == 0 || id == client.id())
                && (address == null || address.equals(client.address()))
                && (localAddress == null || localAddress.equals(client.localAddress()))
                && (user == null || user.equals(client.user()))
                && (type == null || type == ClientLine.type(session))
                && (ageSecondsMin == 0 || client.ageSeconds(nowNanos) >= ageSecondsMin)
                && !(asker && skipsAsker);
    }
}
