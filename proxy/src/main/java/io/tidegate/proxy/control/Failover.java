package io.tidegate.proxy.control;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One change of primary as this proxy lived through it.
 *
 * @param from whom writes went to before
 * @param to whom they go to since; the same as {@code from} if its process was replaced; null while that is open
 * @param epoch the claim's; that of {@code from} while {@code to} is open
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
        long beginNanos,
        String evidence,
        Map<Phase, Long> instants,
        Impact impact,
        @Nullable StreamAtRisk atRisk) {

    /** In the order in which they usually come. */
    public enum Phase {
        /** A sentinel called the primary subjectively down. */
        SDOWN("sdown"),
        /** Enough sentinels agreed that it is down. */
        ODOWN("odown"),
        /** Acknowledging stopped here. */
        FENCE("fence"),
        /** A replica became primary. */
        PROMOTION("promotion"),
        /** An operator said which node is primary. */
        RELEASE("release"),
        /** Writes are sent to it. */
        CUT_OVER("cut-over"),
        /** Writes are acknowledged again. */
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

    /**
     * What the data plane counts. As a total since the start of the proxy, and, within a {@link Failover}, since the
     * failover began.
     *
     * @param held requests that were held
     * @param parked replies that were parked
     * @param uncertain requests answered {@code UNCERTAIN}
     * @param longestWaitNanos the longest that a request was held or a reply parked; as a total: since it was last asked
     */
    public record Impact(long held, long parked, long uncertain, long longestWaitNanos) {
        public static final Impact NONE = new Impact(0, 0, 0, 0);

        Impact since(Impact before, long longestWaitNanosBefore) {
            return new Impact(
                    held - before.held,
                    parked - before.parked,
                    uncertain - before.uncertain,
                    Math.max(longestWaitNanos, longestWaitNanosBefore));
        }
    }

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
}
