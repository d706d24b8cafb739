package io.tidegate.proxy.dispatch;

/**
 * Who may be shown keys that others use: whoever may ask the servers the same. Where clients are users of theirs, they are
 * asked, by a SLOWLOG LEN of the user's, which changes nothing.
 */
final class KeysRight {
    private final DataLoop loop;
    private final Inquiries inquiries;

    KeysRight(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.inquiries = inquiries;
    }

    /** If not, the session waits for an answer, or has got one: {@link Session#answeredByWait}. */
    boolean granted(Session session, long end) {
        if (!loop.settings().passthroughAuth()) {
            return true;
        }
        String verdict = inquiries.ofPrimary(session, end, "SLOWLOG", "LEN");
        if (verdict != null && ClientCommand.denied(session, verdict, end)) {
            session.answeredByWait = true;
            return false;
        }
        return verdict != null;
    }
}
