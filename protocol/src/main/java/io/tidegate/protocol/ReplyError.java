package io.tidegate.protocol;

import io.netty.buffer.ByteBuf;

/**
 * What an error reply says, by its code: the first word of the line. A word counts as a whole ("READONLYX" is {@link
 * #OTHER}), and in capitals only, as servers send it.
 */
public enum ReplyError {
    READONLY(true),
    LOADING(true),
    MASTERDOWN(true),
    CLUSTERDOWN(true),
    TRYAGAIN(true),
    NOREPLICAS(true),
    MOVED(true),
    ASK(true),
    /** Code {@code UNBLOCKED}, with the words of a primary that became a replica. */
    UNBLOCKED_BY_DEMOTION(true),
    NOSCRIPT(false),
    /** Code {@code UNBLOCKED} with any other words: {@code CLIENT UNBLOCK}. */
    UNBLOCKED(false),
    NOAUTH(false),
    WRONGPASS(false),
    NOPERM(false),
    EXECABORT(false),
    MISCONF(false),
    BUSY(false),
    OOM(false),
    ERR(false),
    OTHER(false);

    private static final ReplyError[] CODES = values();
    private static final String DEMOTION = "(master -> replica?)\r\n";

    private final boolean provesNotExecuted;

    ReplyError(boolean provesNotExecuted) {
        this.provesNotExecuted = provesNotExecuted;
    }

    /**
     * Reads the code of an error line.
     *
     * @param from absolute index of the line's '-'
     * @param to absolute index behind the line, or behind as much of it as is here: a code whose end is not in sight is
     *     {@link #OTHER}, which proves nothing
     */
    public static ReplyError classify(ByteBuf buf, int from, int to) {
        int start = from + 1;
        int end = start;
        while (end < to && buf.getByte(end) != ' ' && buf.getByte(end) != '\r') {
            end++;
        }
        if (end < to) {
            for (ReplyError error : CODES) {
                if (error != OTHER && error.spells(buf, start, end)) {
                    return error == UNBLOCKED && endsWith(buf, end, to, DEMOTION) ? UNBLOCKED_BY_DEMOTION : error;
                }
            }
        }
        return OTHER;
    }

    /**
     * Whether a server that gives this error to a command has certainly not executed it. Eight of these are what Redis'
     * {@code processCommand} (server.c; the cluster's by {@code getNodeByQuery}, cluster.c) refuses a command with
     * before it calls it: not the primary, data not loaded, link to the primary down, slot not served here, too few
     * replicas. The ninth is what {@code disconnectAllBlockedClients} (blocked.c) says to a command that still waits for
     * data when its server becomes a replica, before it closes the connection.
     *
     * <p>It proves that for a top-level command only. A script, a function or a module's command passes on what its
     * inner calls were told, after others may have run, and so does an element of EXEC's reply.
     */
    public boolean provesNotExecuted() {
        return provesNotExecuted;
    }

    private static boolean endsWith(ByteBuf buf, int from, int to, String words) {
        int start = to - words.length();
        boolean same = start >= from;
        for (int i = 0; same && i < words.length(); i++) {
            same = buf.getByte(start + i) == words.charAt(i);
        }
        return same;
    }

    private boolean spells(ByteBuf buf, int start, int end) {
        String code = name();
        if (end - start != code.length()) {
            return false;
        }
        for (int i = 0; i < code.length(); i++) {
            if (buf.getByte(start + i) != code.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
