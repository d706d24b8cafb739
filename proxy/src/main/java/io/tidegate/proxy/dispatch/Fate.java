package io.tidegate.proxy.dispatch;

import io.tidegate.protocol.ReplyError;
import io.tidegate.routing.command.BlockingTimeout;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a command that did not simply get its reply, and so what becomes of it. This is the one place where it
 * is decided, and nothing here is a guess: whatever proves nothing is {@link #UNCERTAIN}.
 *
 * <p><b>An error came.</b> Its code counts as a whole word ({@link ReplyError#classify}).
 *
 * <pre>
 * error                        of a command that            fate       why
 * ---------------------------  ---------------------------  ---------  ------------------------------------------------
 * READONLY                     stands alone                 REFUSED    processCommand refuses it before it is called:
 * LOADING                      stands alone                 REFUSED      not the primary, data not loaded, link to the
 * MASTERDOWN                   stands alone                 REFUSED      primary down, too few replicas, slot not
 * NOREPLICAS                   stands alone                 REFUSED      served here (getNodeByQuery, before any key is
 * MOVED ASK                    stands alone                 REFUSED      looked at)
 * CLUSTERDOWN TRYAGAIN         stands alone                 REFUSED
 * UNBLOCKED (master-&gt;replica)  waits for data               REFUSED    it still waited, so it had taken nothing
 * any of these                 is WAIT or WAITAOF           ANSWERED   what it was to count is of another primary
 * any of these                 is SCRIPT KILL and the like  ANSWERED   it was meant for that server
 * any of these                 is a script, a function, of  ANSWERED   the error may be of an inner call, after others
 *                              a module, PUBLISH, …                    ran; or was made up by redis.error_reply
 * any of these                 is EVAL_RO or the like and   REFUSED    another node is asked: it only read, whoever said so
 *                              was served by a replica
 * any of these                 is DEBUG ERROR               ANSWERED   the client has asked for these words
 * any of these                 is between MULTI and EXEC,   ANSWERED   Redis counts it as a failure to queue, and EXEC
 *                              or is EXEC                              fails; within EXEC's reply others ran before
 * UNBLOCKED (CLIENT UNBLOCK)   any                          ANSWERED   somebody wants it
 * NOAUTH WRONGPASS NOPERM      any                          ANSWERED   did not run, but waiting for another primary
 * OOM MISCONF BUSY NOSCRIPT    any                          ANSWERED     would change nothing; the client has to know
 * EXECABORT                    any                          ANSWERED   nothing of it ran, and the client has to know
 * ERR, any other, any longer   any                          ANSWERED   the reply of a command that ran, or the server's
 * code ("READONLYX")                                                   own words
 * </pre>
 *
 * <p>REFUSED holds for the contiguous refused tail of what a session has in flight: if a write behind it ran, the error is
 * passed on after all ({@link Rewinds#executedBehindRefusal}), or the two would change places. Of an {@link Upload} nothing
 * is kept, so every error is passed on.
 *
 * <p><b>No reply came</b>: the server closed the connection, reset it, was silent for {@code upstream.reply-timeout}, broke
 * the protocol or was taken out of service, or the claim moved on before the reply was proven, to a successor that is not
 * known to have what it is about; or no evidence reached the reply within {@code park.time-max} ({@link OverdueReads} says which
 * reads that concerns). A primary that was replaced and answers is given {@code hold.time-max} to refuse a write
 * ({@code LateReplies}); any other reply of its is none. It makes no difference which: a command whose bytes were handed
 * to the kernel may have run.
 *
 * <pre>
 * command                      sent      fate        why
 * ---------------------------  --------  ----------  ----------------------------------------------------------------
 * any                          no        NEVER_SENT  connecting or greeting failed, no primary, a full connection
 * answered by the proxy        -         NEVER_SENT
 * one that only reads          yes       REPEATABLE  to read twice is to read once
 * the same, lost with two      yes       UNCERTAIN   unless one of the two lives on: the read may have stopped them
 *   replicas in a row                                  ({@code LostReplicas})
 * a write                      yes       GONE        if the new primary's history ends before it ({@code Fork})
 * a write                      yes       UNCERTAIN   otherwise
 * a script, a function, of a   yes       UNCERTAIN   whether it ran can be seen by others than the data: a message may
 * module, PUBLISH                                    have reached its subscribers
 * a blocked pop                yes       as a write  it may have taken an element
 * a blocked read               yes       REPEATABLE
 * WAIT WAITAOF                 yes       UNCERTAIN   what it was to count is of another primary
 * MULTI and what it queues     yes, but  NEVER_SENT  the server forgets a queue with its connection: sent again from MULTI
 *                              not EXEC              on, or, if keys are watched, EXEC answers nil
 * MULTI … EXEC                 yes       GONE        as a whole: kept as a whole, nothing watched, none of the above in it
 * MULTI … EXEC                 yes       UNCERTAIN   otherwise
 * an upload                    in part   NEVER_SENT  half a command does not run; its bytes are gone, so NOPRIMARY
 * an upload                    yes       UNCERTAIN
 * </pre>
 */
enum Fate {
    /** It has not run: it is held, and sent when there is a primary. */
    NEVER_SENT,
    /** A server proved that it has not run: the same. */
    REFUSED,
    /** Whether it ran makes no difference: it is asked elsewhere. */
    REPEATABLE,
    /** It ran, if at all, where it does not count any more: it is sent again. */
    GONE,
    /** It may have run: it is answered {@code UNCERTAIN}, and never sent again. */
    UNCERTAIN,
    /** The server's reply is the reply. */
    ANSWERED;

    /**
     * By the error that came.
     *
     * @param spec the command; null if nobody knows it
     * @param inTransaction whether it opens, ends, guards or belongs to a transaction
     * @param ofPrimary whether the primary said it: nobody else is left to be asked
     */
    static Fate ofError(ReplyError error, @Nullable CommandSpec spec, boolean inTransaction, boolean ofPrimary) {
        if (spec == null || inTransaction || spec.mayReplicate() || spec.module() || !error.provesNotExecuted()) {
            return ANSWERED;
        }
        if (spec.script() && ofPrimary) {
            return ANSWERED;
        }
        boolean waits = spec.blockingTimeout() != BlockingTimeout.NONE;
        boolean refused = spec.effect() == Effect.FORWARD ? error != ReplyError.UNBLOCKED_BY_DEMOTION : waits;
        return refused ? REFUSED : ANSWERED;
    }

    /**
     * Whether errors that it is answered with are its server's own words, and say something of that server: a script, a
     * function or a module says what it likes, and DEBUG ERROR what it is told.
     */
    static boolean errsInServersWords(@Nullable CommandSpec spec) {
        return spec != null
                && !spec.script()
                && !spec.mayReplicate()
                && !spec.module()
                && spec.effect() != Effect.REFUSED;
    }

    /**
     * By the want of a reply to what was sent.
     *
     * @param spec the command; null if nobody knows it
     * @param executed whether it belongs to a transaction whose EXEC was sent
     * @param gone whether what was sent to that server is provably no part of the data any more
     */
    static Fate ofLoss(@Nullable CommandSpec spec, boolean executed, boolean gone) {
        if (!executed && onlyReads(spec)) {
            return REPEATABLE;
        }
        return gone && (executed || onlyWrites(spec)) ? GONE : UNCERTAIN;
    }

    /** Whether sending the command twice does no more than sending it once. */
    static boolean onlyReads(@Nullable CommandSpec spec) {
        return spec != null && spec.read() && !spec.mayReplicate();
    }

    /** Whether the data show all that the command does. */
    static boolean onlyWrites(@Nullable CommandSpec spec) {
        return spec != null && spec.write() && !spec.mayReplicate() && !spec.module();
    }
}
