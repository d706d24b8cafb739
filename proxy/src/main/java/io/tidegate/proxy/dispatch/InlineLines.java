package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.InlineCommand;
import io.tidegate.protocol.RequestScanner;

/** Commands typed as lines of words, as into telnet. */
final class InlineLines {
    private InlineLines() {}

    /**
     * Inline lines at the session's position, the first of them [from, to) of its input, become the commands that they
     * stand for, in their place, all that are there in one go. False if one cannot be read, which ends the session.
     */
    static boolean unfold(Session session, int from, int to) {
        ByteBuf buffer = session.input.buffer();
        ByteBuf commands = session.channel.alloc().buffer(2 * (to - from));
        try {
            int at = from;
            int lineEnd = to;
            boolean inline = true;
            while (inline) {
                if (!InlineCommand.convert(buffer, at, lineEnd, commands)) {
                    break;
                }
                at = lineEnd;
                inline = session.scanner.next(buffer, at, buffer.writerIndex()) == RequestScanner.Status.INLINE;
                lineEnd = inline ? session.scanner.end() : at;
            }
            session.scanner.reset();
            if (at == from) {
                session.answers.errorAndClose(InlineCommand.UNBALANCED_QUOTES);
                return false;
            }
            session.input.replace(session.next, session.next + (at - from), commands);
            return true;
        } finally {
            commands.release();
        }
    }
}
