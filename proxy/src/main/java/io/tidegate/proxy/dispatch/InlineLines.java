package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.InlineCommand;
import io.tidegate.protocol.RequestScanner;

/** Commands typed as lines of words, as into telnet. */
final class InlineLines {
    private InlineLines() {}

    /**
     * Inline lines in the session's input, the first of them at its position, index {@code from}, become the commands that
     * they stand for, in their place. False if the first cannot be read, which ends the session.
     */
    static boolean unfold(Session session, int from) {
        ByteBuf input = session.input.buffer();
        ByteBuf commands = session.channel.alloc().buffer(input.writerIndex() - from);
        try {
            int end = unfold(session.scanner, input, from, commands);
            session.scanner.reset();
            if (end == from) {
                session.answers.errorAndClose(InlineCommand.UNBALANCED_QUOTES);
                return false;
            }
            session.input.replace(session.next, session.next + (end - from), commands);
            return true;
        } finally {
            commands.release();
        }
    }

    /**
     * Writes all that is there from the inline line on that {@code scanner} found at {@code from}, as far as it can be read, to
     * {@code commands}: all in one go, also where lines and commands in RESP take turns, since to replace a line costs as much
     * as all that is behind it.
     *
     * @return where what is written ends in {@code input}
     */
    static int unfold(RequestScanner scanner, ByteBuf input, int from, ByteBuf commands) {
        int at = from;
        RequestScanner.Status found = RequestScanner.Status.INLINE;
        while (written(found, input, at, scanner.end(), commands)) {
            at = scanner.end();
            found = scanner.next(input, at, input.writerIndex());
        }
        return at;
    }

    private static boolean written(RequestScanner.Status found, ByteBuf input, int from, int to, ByteBuf commands) {
        return switch (found) {
            case INLINE -> InlineCommand.convert(input, from, to, commands);
            case COMMAND, EMPTY -> {
                commands.writeBytes(input, from, to - from);
                yield true;
            }
            case INCOMPLETE, MALFORMED -> false;
        };
    }
}
