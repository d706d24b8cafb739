package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one sentinel answered to one pipeline of queries, all written after the same instant and in this order: {@code
 * SENTINEL GET-MASTER-ADDR-BY-NAME}, {@code SENTINEL IS-MASTER-DOWN-BY-ADDR ip port 0 tidegate} (an epoch of 0 and a name
 * that is no run id: reads the last vote, casts none), {@code SENTINEL MASTER}, {@code INFO sentinel}, and, where asked,
 * {@code SENTINEL REPLICAS} and {@code SENTINEL SENTINELS}.
 *
 * <p>The vote must be asked for under the address that {@code SENTINEL MASTER} gives, which differs from whom the sentinel
 * names while it reconfigures: asked about any other address it answers that it never voted. A report whose answers turn
 * out to have been asked under an outdated address is not one: ask again. That the vote is asked for before {@code SENTINEL
 * MASTER} is what shows it: a sentinel may turn to another primary between the two.
 *
 * @param primary whom GET-MASTER-ADDR-BY-NAME names; null if the sentinel does not know the name
 * @param configEpoch {@code config-epoch} of SENTINEL MASTER
 * @param flags {@code flags} of SENTINEL MASTER, split at commas: {@code master}, {@code s_down}, {@code failover_in_progress}, …
 * @param roleReported {@code role-reported} of SENTINEL MASTER
 * @param runId the run id in SENTINEL MASTER: of the primary's process; empty while the sentinel has no answer
 * @param otherSentinels {@code num-other-sentinels}
 * @param quorum {@code quorum}
 * @param downAfterNanos {@code down-after-milliseconds} in nanoseconds
 * @param failoverTimeoutNanos {@code failover-timeout} in nanoseconds
 * @param lastOkPingReplyNanos {@code last-ok-ping-reply} in nanoseconds, as reported, not clamped
 * @param failoverState {@code failover-state} of SENTINEL MASTER, e.g. reconf_slaves; null if none under way
 * @param vote the last vote it cast for this shard; null if none
 * @param tilt {@code sentinel_tilt:1}
 * @param sentinelRunId the sentinel's {@code SENTINEL MYID}: the run id by which votes name it, which is not the {@code
 *     run_id} of its INFO
 * @param replicas known replicas with what the sentinel thinks of them; null where not asked
 * @param sentinels addresses of the other sentinels; null where not asked
 */
public record SentinelState(
        @Nullable NodeAddress primary,
        long configEpoch,
        Set<String> flags,
        String roleReported,
        String runId,
        int otherSentinels,
        int quorum,
        long downAfterNanos,
        long failoverTimeoutNanos,
        long lastOkPingReplyNanos,
        @Nullable String failoverState,
        @Nullable Vote vote,
        boolean tilt,
        String sentinelRunId,
        @Nullable List<NodeAddress> replicas,
        @Nullable List<NodeAddress> sentinels) {

    /**
     * A vote for a leader of a failover.
     *
     * @param leader run id of the sentinel voted for; {@code *} if the voter remembers only the epoch, as after a restart, a
     *     reset or a switch to another primary
     */
    public record Vote(String leader, long epoch) {}

    /** What a sentinel says that watches no shard of this name: nothing but who it is. */
    public static SentinelState ofNoShard(String sentinelRunId, boolean tilt) {
        return new SentinelState(null, 0, Set.of(), "", "", 0, 0, 0, 0, 0, null, null, tilt, sentinelRunId, null, null);
    }

    /** False if the sentinel watches no shard of this name: its numbers are then no facts, it neither votes nor leads. */
    public boolean knowsShard() {
        return primary != null;
    }

    /** From {@code reconf_slaves} on the promotion has been seen, and the sentinel names the promoted node. */
    boolean failingOver() {
        return flags.contains("failover_in_progress") && !reconfiguring();
    }

    boolean reconfiguring() {
        return "reconf_slaves".equals(failoverState) || "update_config".equals(failoverState);
    }

    /** It leads a failover, and has told nobody to be primary yet: as it does, it comes to {@code wait_promotion}. */
    boolean hasPromotedNobody() {
        return "wait_start".equals(failoverState)
                || "select_slave".equals(failoverState)
                || "send_slaveof_noone".equals(failoverState);
    }

    public SentinelState {
        flags = Set.copyOf(flags);
        replicas = replicas == null ? null : List.copyOf(replicas);
        sentinels = sentinels == null ? null : List.copyOf(sentinels);
    }
}
