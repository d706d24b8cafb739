package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;

/**
 * Reads whose replies no evidence reached in time, while their claim is not known to be over: they are asked again, of
 * whoever may be asked by then, and until then held like any request. The time for that runs from the first time that they
 * had to wait, however often the replies cannot be proven; what is left then is answered {@code UNCERTAIN}, as a write is.
 *
 * <p>Only what lies behind the last command of the session that is more than a read standing alone: a read may see the
 * writes before it, whatever became of them, but not those behind it. And nothing of a session that has a connection of its
 * own, which knows more of the session than the bytes to be sent again. Confined to its event loop.
 */
final class OverdueReads {
    private final DataLoop loop;

    OverdueReads(DataLoop loop) {
        this.loop = loop;
    }

    /**
     * Takes the reads at the end of the session's queue back if they begin in {@code head}, all of which is answered, and none
     * half delivered; what is before them there is answered. False if there are none, or they may not wait.
     */
    boolean takenBack(Session session, Run head) {
        int index = firstRead(session, head);
        if (index == head.commands() || !waits(session, head.readNanos())) {
            return false;
        }
        session.delivery.answerOwed(head, index, ErrorReply.UNCERTAIN_PARKED);
        loop.rewinds().takeBack(session, head, index);
        return true;
    }

    /** The index in {@code head} from which on the session has sent nothing but reads; its number of commands if none. */
    private int firstRead(Session session, Run head) {
        int none = head.commands();
        if (session.pin != null || session.transaction.active() || session.execReply != null) {
            return none;
        }
        for (Run run = head.nextInSession; run != null; run = run.nextInSession) {
            if (afterLastOther(session, run, 0) > 0) {
                return none;
            }
        }
        return afterLastOther(session, head, session.delivery.deliveredOfHead());
    }

    /** The index behind the last command of {@code run} that is no read to be sent twice; {@code from} if none from there on is. */
    private int afterLastOther(Session session, Run run, int from) {
        Rewinds rewinds = loop.rewinds();
        boolean asked = run.connection() != null && run.startPosition() < run.endPosition() && !run.upload();
        if (!asked) {
            // The proxy's own answer to whatever it was, or its own question, or its bytes are gone.
            return run.commands();
        }
        int behind = from;
        long at = rewinds.positionOf(session, run, from);
        for (int i = from; i < run.commands(); i++) {
            if (session.marks.swallows(at) || !Fate.onlyReads(rewinds.specAt(session, at))) {
                behind = i + 1;
            }
            at = rewinds.positionAfter(session, at);
        }
        return behind;
    }

    /** Whether the session may wait, since {@code sinceNanos} or longer; then it does. */
    private boolean waits(Session session, long sinceNanos) {
        long before = session.waitDeadlineNanos;
        if (before == 0) {
            session.waitDeadlineNanos = sinceNanos + loop.settings().holdNanosMax();
        }
        boolean waits = loop.dispatcher().waits(session);
        if (!waits) {
            session.waitDeadlineNanos = before;
        }
        return waits;
    }
}
