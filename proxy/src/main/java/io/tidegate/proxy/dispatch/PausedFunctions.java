package io.tidegate.proxy.dispatch;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.ReplyError;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import io.tidegate.routing.command.CommandSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * FCALL while writes are paused: what its function promises ({@code no-writes}) only the server knows. So the server is given
 * an FCALL_RO in its place, which runs functions with that promise and refuses all others before anything of them runs;
 * those wait as any write does, and so do the calls that Redis would keep back as well (of a function that is not there), or
 * whose user may not FCALL_RO. A function that ends in the very same error has read in vain, and is called again.
 */
final class PausedFunctions {
    private static final byte[] FCALL_RO = "FCALL_RO".getBytes(US_ASCII);

    private static final List<String> NOT_RUN = List.of(
            "-ERR Can not execute a script with write flag using *_ro command",
            "-ERR Function not found",
            "-ERR unknown command",
            "-NOPERM ",
            "-MISCONF ");

    private static final int ERROR_BYTES_MAX =
            NOT_RUN.stream().mapToInt(String::length).max().orElseThrow();

    private final DataLoop loop;

    PausedFunctions(DataLoop loop) {
        this.loop = loop;
    }

    /** Whether the command at the session's position, which would have to wait, may be the call of one that only reads. */
    boolean mayOnlyRead(Session session, @Nullable CommandSpec spec) {
        if (spec == null || !spec.name().equals("fcall") || session.transaction.open()) {
            return false;
        }
        if (session.pin != null && session.pin.streaming()) {
            return false;
        }
        Inquiry inquiry = Inquiries.at(session);
        inquiry.asRead = inquiry.reply == null;
        return inquiry.asRead;
    }

    /** An FCALL is in {@code run}, which is not sent yet, and goes out here if its function may only read. */
    void added(Session session, Run run, UpstreamConnection connection) {
        Inquiry inquiry = session.inquiry;
        if (inquiry == null || inquiry.position != session.next || !inquiry.asRead) {
            return;
        }
        RequestArgs args = session.args;
        byte[][] words = new byte[args.count()][];
        words[0] = FCALL_RO;
        for (int i = 1; i < words.length; i++) {
            words[i] = args.bytes(i);
        }
        connection.sendOwn(run, words);
        loop.dispatcher().sealed(session, run, connection);
        inquiry.run = run;
        // Nothing must have run behind a call that is made again.
        session.wait = Wait.DRAIN;
    }

    /** The latest reply of {@code run} is an error. Whether it is of such a call, which is to wait after all. */
    boolean waits(Session session, Run run, ByteBuf bytes, int from, int to) {
        Inquiry inquiry = session.inquiry;
        if (inquiry == null || !inquiry.asRead || !inquiry.askedBy(run)) {
            return false;
        }
        String begin = bytes.toString(from, Math.min(to - from, ERROR_BYTES_MAX), ISO_8859_1);
        boolean notRun = ReplyError.classify(bytes, from, to).provesNotExecuted()
                || NOT_RUN.stream().anyMatch(begin::startsWith);
        if (notRun) {
            inquiry.asRead = false;
            inquiry.reply = begin;
            session.guarded(() -> loop.rewinds().undone(session, run));
        }
        return notRun;
    }
}
