package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.tidegate.proxy.request.RedisNumbers;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.command.CommandSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT TRACKING with REDIRECT: its number is that of a client of this proxy; the server is told the number of the
 * connection that stands for that client ({@link TrackingSink}). What is wrong with the options that concerns numbers is
 * found here, in Redis' order and words, all else by the server.
 */
final class Redirects {
    /** What an event loop knows of a client: nothing, that it is there, and where invalidations for it go. */
    private record Found(boolean there, boolean pipe, TrackingSink.@Nullable At at) {
        static final Found NOTHING = new Found(false, false, null);
    }

    /** A number that no client of the server has. */
    private static final String NOBODY = Long.toString(Long.MAX_VALUE);

    private static final String NO_SUCH_CLIENT = "ERR The client ID you want redirect to does not exist";

    private final DataLoop loop;
    private final Pins pins;
    private final Inquiries inquiries;

    Redirects(DataLoop loop, Pins pins) {
        this.loop = loop;
        this.pins = pins;
        this.inquiries = loop.inquiries();
    }

    /** Whether the command at the session's position begins, changes or ends that invalidations go to another client. */
    static boolean concerns(Session session, CommandSpec spec) {
        return spec.name().equals("client|tracking")
                && spec.arityFits(session.args.count())
                && (session.redirect != null || names(session.args));
    }

    /** Whether it has a REDIRECT among its options. */
    static boolean names(RequestArgs args) {
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "REDIRECT")) {
                return true;
            }
        }
        return false;
    }

    /** Takes such a command. False if the session has to wait with it. */
    boolean take(Session session, CommandSpec spec, long end) {
        loop.dispatcher().seal(session);
        if (session.busy()) {
            return false;
        }
        RequestArgs args = session.args;
        long target;
        try {
            target = target(session);
        } catch (IllegalArgumentException wrong) {
            session.answers.error(String.valueOf(wrong.getMessage()), end);
            return true;
        }
        if (args.is(2, "OFF")) {
            return end(session, end);
        }
        if (!args.is(2, "ON")) {
            session.answers.error("ERR syntax error", end);
            return true;
        }
        if (target == 0) {
            // From now on the session's own connection gets its invalidations, and is a pipe.
            boolean taken = loop.subscriptions().stream(session, spec, end);
            Relay relay = session.pin == null ? null : session.pin.relay;
            if (relay != null && session.redirect != null) {
                // Unless the server does not do it, and nobody here will know.
                session.redirect.mayBeToldOf(relay);
                session.redirect = null;
            }
            return taken;
        }
        return begin(session, target, end);
    }

    /** To whom, 0 if there is no REDIRECT. Throws what Redis answers if it does not come to look at the rest. */
    private long target(Session session) {
        RequestArgs args = session.args;
        long target = 0;
        for (int i = 3; i < args.count(); i++) {
            boolean more = i + 1 < args.count();
            if (args.is(i, "REDIRECT") && more) {
                if (target != 0) {
                    throw new IllegalArgumentException("ERR A client can only redirect to a single other client");
                }
                i++;
                try {
                    target = RedisNumbers.parse(args.text(i));
                } catch (NumberFormatException notANumber) {
                    throw new IllegalArgumentException(RedisNumbers.NOT_AN_INTEGER, notANumber);
                }
                if (!loop.plane().clients().containsKey(target)) {
                    throw new IllegalArgumentException(NO_SUCH_CLIENT);
                }
            } else if (args.is(i, "PREFIX") && more) {
                i++;
            } else if (!args.is(i, "BCAST") && !args.is(i, "OPTIN") && !args.is(i, "OPTOUT") && !args.is(i, "NOLOOP")) {
                throw new IllegalArgumentException("ERR syntax error");
            }
        }
        return target;
    }

    /** Whether a session that is a pipe, since it tracked its own keys, has its invalidations go to another client. */
    static boolean concernsPipe(Session session, CommandSpec spec) {
        return spec.name().equals("client|tracking") && names(session.args);
    }

    /**
     * What goes over a pipe instead of such a command. Only the server can say anything there: what is wrong with the options
     * is left to it, and who is no client here goes to it under a number that nobody has there; the session itself under that of
     * its own connection. Null if the session has to wait, or has ended.
     */
    byte @Nullable [][] takeOnPipe(Session session, Pin pin, long end) {
        session.answeredByWait = false;
        String named = named(session.args);
        long target;
        try {
            target = RedisNumbers.parse(named);
        } catch (NumberFormatException toBeToldByTheServer) {
            return translated(session.args, named);
        }
        long own = pin.connection.greeting().clientId();
        if (target == session.client.id && own != 0) {
            if (pin.relay != null) {
                pin.relay.replies.mayTell(own, target);
            }
            // Another one that it redirected to may go on being told to forget: whether the server takes this is not
            // known here.
            return translated(session.args, Long.toString(own));
        }
        List<Found> all = inquiries.ofLoops(session, other -> find(other, target));
        if (all == null) {
            return null;
        }
        Found found = all.stream().filter(Found::there).findFirst().orElse(Found.NOTHING);
        if (!found.there()) {
            return translated(session.args, NOBODY);
        }
        if (found.pipe()) {
            session.answers.errorAndClose(ErrorReply.NO_REDIRECT.text());
            session.answeredByWait = true;
            return null;
        }
        TrackingSink.At at = found.at();
        if (at == null || !at.runId().equals(pin.connection.greeting().runId())) {
            session.inquiry = null;
            loop.dispatcher().hold(session, end, RouteReason.NO_LINK);
            return null;
        }
        Redirect redirect = new Redirect(target, at, broadcasts(session.args), null, session.next);
        session.redirect = redirect;
        if (pin.relay != null) {
            redirect.mayBeToldOf(pin.relay);
        }
        return translated(session.args, Long.toString(at.number()));
    }

    /** What stands behind the first REDIRECT; nothing if there is nothing. */
    private static String named(RequestArgs args) {
        for (int i = 3; i + 1 < args.count(); i++) {
            if (args.is(i, "REDIRECT")) {
                return args.text(i + 1);
            }
            if (args.is(i, "PREFIX")) {
                i++;
            }
        }
        return "";
    }

    private static boolean broadcasts(RequestArgs args) {
        for (int i = 3; i < args.count(); i++) {
            if (args.is(i, "BCAST")) {
                return true;
            }
        }
        return false;
    }

    private boolean end(Session session, long end) {
        Pin pin = session.pin;
        if (session.redirect == null || pin == null) {
            session.answers.ok(end);
            return true;
        }
        if (!pins.sendInstead(session, end, "CLIENT", "TRACKING", "OFF")) {
            return false;
        }
        if (!session.answeredByWait) {
            // What was read over it is in the server's table still, under its number.
            pin.stateLeft = true;
            session.redirect = null;
        }
        return true;
    }

    private boolean begin(Session session, long target, long end) {
        List<Found> all = inquiries.ofLoops(session, other -> find(other, target));
        if (all == null) {
            return false;
        }
        Found found = all.stream().filter(Found::there).findFirst().orElse(Found.NOTHING);
        if (!found.there()) {
            session.answers.error(NO_SUCH_CLIENT, end);
            return true;
        }
        if (found.pipe()) {
            session.answers.error(ErrorReply.NO_REDIRECT, end);
            return true;
        }
        TrackingSink.At at = found.at();
        Pin pin = at == null ? null : pins.ready(session, end);
        if (at != null && pin == null) {
            session.inquiry = null;
            return session.answeredByWait;
        }
        if (at == null
                || pin == null
                || !at.runId().equals(pin.connection.greeting().runId())) {
            // Not there yet, or of another process: looked for again.
            session.inquiry = null;
            loop.dispatcher().hold(session, end, RouteReason.NO_LINK);
            return session.answeredByWait;
        }
        send(session, pin.connection, translated(session.args, Long.toString(at.number())), end);
        session.redirect = new Redirect(target, at, broadcasts(session.args), session.redirect, session.next);
        session.wait = Wait.DRAIN;
        return true;
    }

    private void send(Session session, UpstreamConnection connection, byte[][] words, long end) {
        loop.dispatcher().append(session, connection, end, false, false);
        Run run = session.open;
        if (run != null) {
            connection.sendOwn(run, words);
            loop.dispatcher().sealed(session, run, connection);
        }
    }

    private static byte[][] translated(RequestArgs args, String number) {
        List<byte[]> words = new ArrayList<>();
        for (int i = 0; i < args.count(); i++) {
            boolean redirect = i >= 3 && args.is(i, "REDIRECT");
            words.add(args.bytes(i));
            if (i >= 3 && (redirect || args.is(i, "PREFIX")) && ++i < args.count()) {
                words.add(redirect ? number.getBytes(UTF_8) : args.bytes(i));
            }
        }
        return words.toArray(new byte[0][]);
    }

    /** On the loop {@code other}. */
    private static Found find(DataLoop other, long target) {
        for (Session session : other.sessions()) {
            if (session.client.id == target && TrackingSink.mayStandFor(session)) {
                Pin pin = session.pin;
                TrackingSink sink = session.sink;
                if (sink == null) {
                    sink = new TrackingSink(session);
                    session.sink = sink;
                }
                boolean pipe = pin != null && pin.streaming();
                return new Found(true, pipe, pipe ? null : sink.at());
            }
        }
        return Found.NOTHING;
    }

    /** The server says something unasked, on a connection that the session has for itself. */
    static void pushed(Session session, ByteBuf bytes, int from, int to) {
        if (session.redirect != null) {
            session.redirect.pushed(session, bytes, from, to);
        }
    }

    /** Whether with {@code lost}, or null for its own connection, the session loses its redirection, and has to end. */
    static boolean ownLost(Session session, @Nullable UpstreamConnection lost) {
        Redirect redirect = session.redirect;
        Pin pin = session.pin;
        boolean own = lost == null || (pin != null && pin.connection == lost);
        if (redirect != null && own) {
            redirect.lost();
        }
        return redirect != null && own;
    }

    /** Nothing of what the sessions of {@code loop} that redirect there have read is heard of any more. */
    static void sinkLost(DataLoop loop, TrackingSink sink) {
        for (Session session : List.copyOf(loop.sessions())) {
            Redirect redirect = session.redirect;
            if (redirect != null && Objects.equals(redirect.at.sink(), sink)) {
                session.close();
            }
        }
    }
}
