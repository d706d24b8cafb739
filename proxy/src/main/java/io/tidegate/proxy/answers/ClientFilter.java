package io.tidegate.proxy.answers;

import io.tidegate.proxy.dispatch.Client;
import io.tidegate.proxy.dispatch.ClientLine;
import io.tidegate.proxy.dispatch.ClientType;
import io.tidegate.proxy.dispatch.Session;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whom CLIENT KILL is to end: all conditions that are set. Redis's own words for what is wrong with it.
 *
 * @param id 0 for any
 * @param users all that were named, of which the last counts; none for any
 * @param ageSecondsMin 0 for any
 */
record ClientFilter(
        long id,
        @Nullable String address,
        @Nullable String localAddress,
        List<String> users,
        @Nullable ClientType type,
        boolean skipsAsker,
        long ageSecondsMin) {

    /** Not a filter. */
    static final class Invalid extends Exception {
        private static final long serialVersionUID = 1;

        private final String answer;
        /** Named before what is wrong, so that a server says of them first that it does not know them. */
        private transient List<String> usersBefore = List.of();

        Invalid(String answer) {
            super(answer, null, false, false);
            this.answer = answer;
        }

        List<String> usersBefore() {
            return usersBefore;
        }

        /** The error line without its leading minus. */
        String answer() {
            return answer;
        }
    }

    private static final String SYNTAX = "ERR syntax error";
    private static final String NO_ID = "ERR client-id should be greater than 0";

    /** The old form, {@code CLIENT KILL <address>}, which may end the asker too. */
    static ClientFilter ofAddress(String address) {
        return new ClientFilter(0, address, null, List.of(), null, false, 0);
    }

    /** The new form, pairs of a word and a value from the third argument on. */
    static ClientFilter parse(RequestArgs args, boolean knowsMaxAge) throws Invalid {
        List<String> users = new ArrayList<>();
        try {
            return parse(args, knowsMaxAge, users);
        } catch (Invalid e) {
            e.usersBefore = users;
            throw e;
        }
    }

    private static ClientFilter parse(RequestArgs args, boolean knowsMaxAge, List<String> users) throws Invalid {
        long id = 0;
        long age = 0;
        String address = null;
        String localAddress = null;
        ClientType type = null;
        boolean skips = true;
        for (int i = 2; i < args.count(); i += 2) {
            if (i + 1 == args.count()) {
                throw new Invalid(SYNTAX);
            }
            String value = args.text(i + 1);
            switch (args.text(i).toLowerCase(Locale.ROOT)) {
                case "id" -> id = positive(value, NO_ID, NO_ID);
                case "maxage" -> {
                    if (!knowsMaxAge) {
                        throw new Invalid(SYNTAX);
                    }
                    age = positive(
                            value,
                            "ERR maxage should be greater than 0",
                            "ERR maxage is not an integer or out of range");
                }
                case "addr" -> address = value;
                case "laddr" -> localAddress = value;
                case "user" -> users.add(value);
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
        return new ClientFilter(id, address, localAddress, users, type, skips, age);
    }

    private static boolean yes(String value) throws Invalid {
        boolean yes = value.equalsIgnoreCase("yes");
        if (!yes && !value.equalsIgnoreCase("no")) {
            throw new Invalid(SYNTAX);
        }
        return yes;
    }

    private static long positive(String value, String notPositive, String notANumber) throws Invalid {
        String wrong = notPositive;
        try {
            long number = RedisNumbers.parse(value);
            if (number >= 1) {
                return number;
            }
        } catch (NumberFormatException none) {
            wrong = notANumber;
        }
        throw new Invalid(wrong);
    }

    boolean matches(Session session, boolean asker, long nowNanos) {
        Client client = session.client();
        return (id == 0 || id == client.id())
                && (address == null || address.equals(client.address()))
                && (localAddress == null || localAddress.equals(client.localAddress()))
                && (users.isEmpty() || users.get(users.size() - 1).equals(client.user()))
                && (type == null || type == ClientLine.type(session))
                && (ageSecondsMin == 0 || client.ageSeconds(nowNanos) >= ageSecondsMin)
                && !(asker && skipsAsker);
    }
}
