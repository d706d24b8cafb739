package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.upstream.Run;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How the proxy's own replies take their turn among those of servers. Of one session, on its event loop. */
final class Answers {
    private final Session session;
    /** Takes replies whose place only what comes over a pipe tells; null if they go out by themselves. */
    private @Nullable Consumer<byte[]> diverted;

    Answers(Session session) {
        this.session = session;
    }

    /** Has the replies to the command at hand put where they belong by {@code newPlace}, or ends that with null. */
    void divertTo(@Nullable Consumer<byte[]> newPlace) {
        diverted = newPlace;
    }

    /** Where the proxy writes its own reply to the command at hand: straight out, or aside if others come first. */
    ByteBuf buffer() {
        return diverted == null && session.order.isEmpty() && !swallowed() && !session.replies.silent(session.next)
                ? session.out.writable()
                : session.channel.alloc().buffer(128);
    }

    /** Whether the client has a reply to the command at hand; within EXEC's reply that was the word that it is queued. */
    private boolean swallowed() {
        return session.marks.swallows(session.next) && session.execReply == null;
    }

    /** The reply written into {@code buffer} answers the command that ends at {@code end}. */
    void written(ByteBuf buffer, long end) {
        session.loop.dispatcher().seal(session);
        if (diverted != null) {
            diverted.accept(ByteBufUtil.getBytes(buffer));
            buffer.release();
            return;
        }
        if (swallowed()) {
            // Its reply was delivered before; what comes instead now must not be, but the transaction has to fail.
            buffer.release();
            session.transaction.poison();
            return;
        }
        boolean silent = session.replies.silent(session.next);
        if (silent) {
            buffer.clear();
        }
        if (session.order.isEmpty()) {
            if (silent) {
                buffer.release();
            }
            nothing(end);
            session.stalled |= session.outputFull();
            session.slowReader.dropIfTooSlow();
        } else {
            Run run = session.loop.runs().take();
            run.open(session, null, session.next);
            run.answer(end, buffer);
            session.order.add(run);
            session.answerBytes += buffer.readableBytes();
            session.stalled |= session.outputFull();
        }
    }

    /** The command that ends at {@code end} gets no reply, and nothing is in flight. */
    void nothing(long end) {
        session.marks.delivered(end);
        session.input.release(session.transaction.keepsFrom(end));
    }

    void ok(long end) {
        ByteBuf reply = buffer();
        RespWriter.simpleString(reply, "OK");
        written(reply, end);
    }

    /** An error is one line: where it repeats the client's own words, their line ends become blanks, as Redis has it. */
    void error(String text, long end) {
        ByteBuf reply = buffer();
        RespWriter.error(reply, text.replace('\r', ' ').replace('\n', ' '));
        written(reply, end);
    }

    void error(ErrorReply error, long end) {
        session.loop.stats().errorAnswered(error.label());
        error(error.text(), end);
    }

    /** Whether the servers' {@code verdict} is known, and does not begin like {@code refusal}: that would be the answer. */
    boolean accepted(@Nullable String verdict, String refusal, long end) {
        if (verdict != null && verdict.startsWith(refusal)) {
            error(verdict.substring(1), end);
            session.answeredByWait = true;
            return false;
        }
        return verdict != null;
    }

    /** A protocol error: answered in its turn, then the connection is closed, as Redis does. */
    void errorAndClose(String text) {
        error(text, session.input.end());
        session.next = session.input.end();
        session.closeWhenAnswered();
    }
}
