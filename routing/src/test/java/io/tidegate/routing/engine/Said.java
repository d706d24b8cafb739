package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.DOWN_AFTER_MS;
import static io.tidegate.routing.engine.Story.MS;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a sentinel answers, with the values of one at rest where nothing else is said. */
final class Said {
    /** Below what makes a vote outlive the least that it is waited for. */
    static final long FAILOVER_TIMEOUT_MS = 60_000;

    private final NodeAddress sentinel;
    private @Nullable NodeAddress primary;
    private long epoch;
    private Set<String> flags = Set.of("master");
    private String roleReported = "master";
    private String runId = "";
    private int others = 2;
    private int quorum = 2;
    private long downAfterMs = DOWN_AFTER_MS;
    private long failoverTimeoutMs = FAILOVER_TIMEOUT_MS;
    private long pingMs;
    private @Nullable String failoverState;
    private SentinelState.@Nullable Vote vote;
    private boolean tilt;
    private String id;
    private @Nullable List<NodeAddress> replicas;
    private @Nullable List<NodeAddress> sentinels;

    Said(NodeAddress sentinel) {
        this.sentinel = sentinel;
        this.id = "id-" + sentinel;
    }

    /** A sentinel that watches no shard of this name. */
    static Said ofNoShard(NodeAddress sentinel) {
        Said said = new Said(sentinel).counts(0, 0).ping(0, 0).failoverTimeout(0);
        said.flags = Set.of();
        said.roleReported = "";
        return said;
    }

    NodeAddress sentinel() {
        return sentinel;
    }

    Said failoverTimeout(long ms) {
        failoverTimeoutMs = ms;
        return this;
    }

    Said names(NodeAddress node, long configEpoch) {
        primary = node;
        epoch = configEpoch;
        return this;
    }

    Said flags(String... names) {
        flags = Set.of(names);
        return this;
    }

    Said role(String role) {
        roleReported = role;
        return this;
    }

    Said sees(String process) {
        runId = process;
        return this;
    }

    Said counts(int otherSentinels, int quorumOf) {
        others = otherSentinels;
        quorum = quorumOf;
        return this;
    }

    Said ping(long agoMs, long downAfter) {
        pingMs = agoMs;
        downAfterMs = downAfter;
        return this;
    }

    Said failover(String state) {
        flags = Set.of("master", "failover_in_progress");
        failoverState = state;
        return this;
    }

    Said voted(String leader, long inEpoch) {
        vote = new SentinelState.Vote(leader, inEpoch);
        return this;
    }

    Said tilted() {
        tilt = true;
        return this;
    }

    Said is(String otherId) {
        id = otherId;
        return this;
    }

    Said lists(List<NodeAddress> listedReplicas, List<NodeAddress> listedSentinels) {
        replicas = listedReplicas;
        sentinels = listedSentinels;
        return this;
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
