package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that are pipes: what they send goes over their own connection as it is, since the server speaks unasked there and
 * nobody can tell which of its replies belongs to what. {@link Relay} is the way back.
 */
final class Pipes {
    private final DataLoop loop;
    private final Pins pins;
    private final Redirects redirects;

    Pipes(DataLoop loop, Pins pins, Redirects redirects) {
        this.loop = loop;
        this.pins = pins;
        this.redirects = redirects;
    }

    /** From here on the session is a pipe to its own connection. */
    boolean begin(Session session, @Nullable CommandSpec spec, long end) {
        if (spec != null && harmsOthers(spec, session.args)) {
            loop.dispatcher().seal(session);
            session.answers.error(ErrorReply.NO_REDIRECT, end);
            return true;
        }
        Pin pin = pins.ready(session, end);
        if (pin == null) {
            return session.answeredByWait;
        }
        if (!pin.streaming()) {
            if (!session.order.isEmpty()) {
                session.wait = Wait.DRAIN;
                return false;
            }
            Relay relay = new Relay(session, pin.connection);
            pin.relay = relay;
            pin.connection.relayTo(relay);
            relayReplyMode(session, pin.connection);
        }
        relay(session, pin, spec, null, end);
        return true;
    }

    /** The client's own CLIENT REPLY, which nobody but the server follows on a pipe. It gets no reply itself. */
    private static void relayReplyMode(Session session, UpstreamConnection connection) {
        if (session.replies.silent(session.next)) {
            ByteBuf mode = session.channel.alloc().buffer();
            try {
                RespWriter.command(mode, "CLIENT", "REPLY", session.replies.off() ? "OFF" : "SKIP");
                connection.relay(mode, mode.readerIndex(), mode.writerIndex());
            } finally {
                mode.release();
            }
        }
    }

    /** One more command of a session that is a pipe. */
    boolean goOn(Session session, Pin pin, @Nullable CommandSpec spec, long end) {
        boolean redirected = spec != null && Redirects.concernsPipe(session, spec);
        boolean refused = spec != null && loop.dispatcher().refused(session, spec);
        if (spec != null && refused && pin.relay != null && pin.relay.replies.takesAnswers()) {
            return answerInPlace(session, pin, pin.relay, spec, end);
        }
        if (spec != null && (refused || harmful(session, pin, spec, redirected))) {
            // Its place among the replies of a stream cannot be known; an error and the end is what remains.
            session.answers.errorAndClose(ErrorReply.REFUSED.text() + ": " + spec.name());
            return true;
        }
        if (pin.connection.closed() || pin.connection.congested()) {
            loop.dispatcher().hold(session, end, RouteReason.NO_LINK);
            return session.answeredByWait;
        }
        if (spec != null && pin.relay != null && pin.relay.replies.takesAnswerTo(spec, session.args)) {
            return answerInPlace(session, pin, pin.relay, spec, end);
        }
        byte[][] words = redirected ? redirects.takeOnPipe(session, pin, end) : null;
        if (redirected && words == null) {
            return session.answeredByWait;
        }
        relay(session, pin, spec, words, end);
        return true;
    }

    /** What the proxy answers by itself goes where the server's reply would: to a PING that is sent instead. */
    private boolean answerInPlace(Session session, Pin pin, Relay relay, CommandSpec spec, long end) {
        byte[][] answer = new byte[1][];
        boolean refused = loop.dispatcher().refused(session, spec);
        session.answeredByWait = false;
        session.answers.divertTo(bytes -> answer[0] = bytes);
        try {
            boolean answered = refused
                    ? loop.dispatcher().refuseOrForward(session, spec, end)
                    : loop.dispatcher().answer(session, spec, end);
            if (!answered && !session.answeredByWait) {
                return false;
            }
        } finally {
            session.answers.divertTo(null);
        }
        if (relay.replies.off() && refused) {
            session.input.release(end);
        } else if (relay.replies.off()) {
            relay(session, pin, spec, null, end);
        } else if (answer[0] != null) {
            String mark = relay.replies.owe(spec, answer[0]);
            loop.upstreams().ownCommands().says(pin.connection, loop.nowNanos(), "PING", mark);
            relay(session, pin, spec, new byte[][] {"PING".getBytes(US_ASCII), mark.getBytes(US_ASCII)}, end);
            relay.closeIfTooSlow();
        }
        return true;
    }

    /** What is sent instead of the command's own bytes is {@code redirection}, if not null. */
    private static void relay(
            Session session, Pin pin, @Nullable CommandSpec spec, byte @Nullable [][] redirection, long end) {
        byte[][] words = redirection;
        if (pin.relay != null) {
            if (mayWrite(spec)) {
                pin.relay.writes();
            }
            PipeReplies replies = pin.relay.replies;
            words = words == null ? replies.instead(spec, session.args) : words;
            replies.sent(spec, session.args);
        }
        if (words != null) {
            ByteBuf command = session.channel.alloc().buffer();
            try {
                RespWriter.command(command, words);
                pin.connection.relay(command, command.readerIndex(), command.writerIndex());
            } finally {
                command.release();
            }
        } else if (spec == null || !spec.scans() || !Scans.relayed(session, spec, pin.connection)) {
            pin.connection.relay(session.input.buffer(), session.input.index(session.next), session.input.index(end));
        }
        session.input.release(end);
    }

    /** Whether it must not go over the pipe, or its reply not come back over it. */
    private static boolean harmful(Session session, Pin pin, CommandSpec spec, boolean redirected) {
        return (!redirected && harmsOthers(spec, session.args))
                || (pin.relay != null && pin.relay.replies.wouldTellServers(spec));
    }

    private static boolean mayWrite(@Nullable CommandSpec spec) {
        return spec == null
                || (!Fate.onlyReads(spec) && spec.effect() != Effect.STREAM && spec.effect() != Effect.LOCAL);
    }

    /**
     * Whether the server, for which the clients of this proxy are a few connections, would do it to all of them, or to one
     * that it knows by the number that here another client has: nothing to be sent over a pipe as it came.
     */
    private static boolean harmsOthers(CommandSpec spec, RequestArgs args) {
        return switch (spec.name()) {
            case "client|kill", "client|unblock", "client|pause", "client|unpause" -> true;
            case "client|tracking" -> Redirects.names(args);
            default -> false;
        };
    }
}
