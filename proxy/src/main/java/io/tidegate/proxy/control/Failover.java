package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Acknowledged.Loss;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One change of primary as this proxy lived through it; or a primary that was suspected for long enough that clients had to
 * wait, and was kept.
 *
 * @param from whom writes went to before
 * @param to whom they go to since; the same as {@code from} if its process was replaced; null while that is open, and if
 *     {@code from} was kept
 * @param epoch the claim's; that of {@code from} while {@code to} is null
 * @param planned whether {@code from} was well when it was replaced: somebody wanted it so
 * @param beginNanos when the first sign of it was seen
 * @param evidence that sign, in words
 * @param instants of each phase that was seen
 * @param impact what clients felt of it, so far
 * @param atRisk what the new primary's history lacks; null if that is not known
 */
public record Failover(
        NodeAddress from,
        @Nullable NodeAddress to,
        long epoch,
        boolean planned,
        long beginNanos,
        String evidence,
        Map<Phase, Long> instants,
        Impact impact,
        @Nullable AtRisk atRisk) {

    /** In the order in which they usually come. */
    public enum Phase {
        /** A switchover began: this proxy keeps writes back. */
        HELD("held"),
        /** The primary executes no writes any more. */
        PAUSED("paused"),
        /** Whoever may be promoted holds all that the primary has. */
        CAUGHT_UP("caught-up"),
        /** A sentinel called the primary subjectively down. */
        SDOWN("sdown"),
        /** Enough sentinels agreed that it is down. */
        ODOWN("odown"),
        /** Acknowledging stopped here. */
        FENCE("fence"),
        /** A replica became primary: by its own word, or by a sentinel's if that came first. */
        PROMOTION("promotion"),
        /** An operator said which node is primary. */
        OPERATOR("operator"),
        /** Writes, those that were held first, are sent to it; their acknowledgement waits. */
        SENT_AHEAD("sent-ahead"),
        /** It is proven to be the primary: what it answers is acknowledged. */
        CUT_OVER("cut-over"),
        /** The suspicion was refuted. */
        KEPT("kept"),
        /** The first write was acknowledged that the new primary executed. */
        FIRST_ACK("first-ack"),
        /** The last request that was held went on, or was given up. */
        RELEASED("released"),
        /** Nothing of it is left. */
        END("end");

        private final String label;

        Phase(String label) {
            this.label = label;
        }

        /** The word of timelines and JSON. */
        public String label() {
            return label;
        }
    }

    /** Words of {@link #kind}. */
    public static final String PLANNED = "planned";

    public static final String UNPLANNED = "unplanned";

    /** How it ended. */
    public enum Outcome {
        UNDER_WAY,
        SWITCHED,
        KEPT;

        /** The word of timelines, JSON and metrics. */
        public String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What the data plane counts. As a total since the start of the proxy, and, within a {@link Failover}, since the
     * failover began.
     *
     * @param held requests that were held
     * @param parked replies that were parked
     * @param uncertain requests answered {@code UNCERTAIN}
     * @param replayed requests sent again, since they had provably not run
     * @param notExecuted requests answered {@code NOPRIMARY} or {@code OVERLOADED}
     * @param longestWaitNanos the longest that a request was held or a reply parked; as a total: since it was last asked
     */
    public record Impact(
            long held, long parked, long uncertain, long replayed, long notExecuted, long longestWaitNanos) {
        public static final Impact NONE = new Impact(0, 0, 0, 0, 0, 0);

        Impact since(Impact before, long longestWaitNanosBefore) {
            return new Impact(
                    held - before.held,
                    parked - before.parked,
                    uncertain - before.uncertain,
                    replayed - before.replayed,
                    notExecuted - before.notExecuted,
                    Math.max(longestWaitNanos, longestWaitNanosBefore));
        }
    }

    /** What the old primary had and the new one lacks: the stream, and the acknowledged writes in it. */
    public record AtRisk(StreamAtRisk stream, Loss writes) {}

    public Failover {
        Map<Phase, Long> ordered = new EnumMap<>(Phase.class);
        ordered.putAll(instants);
        instants = Collections.unmodifiableMap(ordered);
    }

    /** Of the proxy's clock; empty if this phase was not seen. */
    public OptionalLong instantNanos(Phase phase) {
        Long instant = instants.get(phase);
        return instant == null ? OptionalLong.empty() : OptionalLong.of(instant);
    }

    public Outcome outcome() {
        if (to != null) {
            return Outcome.SWITCHED;
        }
        return instants.containsKey(Phase.KEPT) ? Outcome.KEPT : Outcome.UNDER_WAY;
    }

    /** The word of timelines, JSON and metrics. */
    public String kind() {
        return planned ? PLANNED : UNPLANNED;
    }

    /** For how long writes were not acknowledged; where nothing was fenced, the longest that one waited. */
    public long pauseNanos() {
        Long fence = instants.get(Phase.FENCE);
        Long over = instants.getOrDefault(Phase.CUT_OVER, instants.get(Phase.KEPT));
        return fence == null || over == null ? impact.longestWaitNanos() : over - fence;
    }
}
