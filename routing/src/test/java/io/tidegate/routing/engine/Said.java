package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.DOWN_AFTER_MS;
import static io.tidegate.routing.engine.Story.MS;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a sentinel answers, with the values of one at rest where nothing else is said. */
record Said(
        NodeAddress sentinel,
        @Nullable NodeAddress primary,
        long epoch,
        Set<String> flags,
        String roleReported,
        String runId,
        int others,
        int quorum,
        long downAfterMs,
        long failoverTimeoutMs,
        long pingMs,
        @Nullable String failoverState,
        SentinelState.@Nullable Vote vote,
        boolean tilt,
        String id,
        @Nullable List<NodeAddress> replicas,
        @Nullable List<NodeAddress> sentinels) {

    /** Below what makes a vote outlive the least that it is waited for. */
    static final long FAILOVER_TIMEOUT_MS = 60_000;

    Said(NodeAddress sentinel) {
        this(
                sentinel,
                null,
                0,
                Set.of("master"),
                "master",
                "",
                2,
                2,
                DOWN_AFTER_MS,
                FAILOVER_TIMEOUT_MS,
                0,
                null,
                null,
                false,
                "id-" + sentinel,
                null,
                null);
    }

    /** A sentinel that watches no shard of this name. */
    static Said ofNoShard(NodeAddress sentinel) {
        return new Said(
                sentinel, null, 0, Set.of(), "", "", 0, 0, 0, 0, 0, null, null, false, "id-" + sentinel, null, null);
    }

    Said failoverTimeout(long ms) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                ms,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said names(NodeAddress node, long configEpoch) {
        return new Said(
                sentinel,
                node,
                configEpoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said flags(String... names) {
        return new Said(
                sentinel,
                primary,
                epoch,
                Set.of(names),
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said role(String role) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                role,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said sees(String process) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                process,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said counts(int otherSentinels, int quorumOf) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                otherSentinels,
                quorumOf,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said ping(long agoMs, long downAfter) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfter,
                failoverTimeoutMs,
                agoMs,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said failover(String state) {
        return new Said(
                sentinel,
                primary,
                epoch,
                Set.of("master", "failover_in_progress"),
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                state,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said voted(String leader, long inEpoch) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                new SentinelState.Vote(leader, inEpoch),
                tilt,
                id,
                replicas,
                sentinels);
    }

    Said tilted() {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                true,
                id,
                replicas,
                sentinels);
    }

    Said is(String otherId) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                otherId,
                replicas,
                sentinels);
    }

    Said lists(List<NodeAddress> listedReplicas, List<NodeAddress> listedSentinels) {
        return new Said(
                sentinel,
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs,
                failoverTimeoutMs,
                pingMs,
                failoverState,
                vote,
                tilt,
                id,
                listedReplicas,
                listedSentinels);
    }

    SentinelState state() {
        return new SentinelState(
                primary,
                epoch,
                flags,
                roleReported,
                runId,
                others,
                quorum,
                downAfterMs * MS,
                failoverTimeoutMs * MS,
                pingMs * MS,
                failoverState,
                vote,
                tilt,
                id,
                replicas,
                sentinels);
    }
}
