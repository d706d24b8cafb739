package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.ReplicationInfo;
import org.jspecify.annotations.Nullable;

/** A Redis node as one sentinel sees it: {@code sentinelRedisInstance}, of a primary or of a replica. */
final class SentinelInstance {
    final NodeAddress address;
    final SentinelLink link;

    /** Whether its last INFO said that it is a primary, and since when it says so. */
    boolean primaryReported;

    long roleReportedMillis;
    long infoMillis;
    long infoAskedMillis;
    String runId = "";
    long offset;
    boolean replicationUp;

    @Nullable NodeAddress follows;

    long followsChangedMillis;

    boolean down;
    long downSinceMillis;
    long publishedMillis;

    Reconfiguration reconfiguration = Reconfiguration.NONE;
    long reconfigurationSentMillis;

    /** SRI_RECONF_SENT, _INPROG, _DONE. */
    enum Reconfiguration {
        NONE,
        SENT,
        IN_PROGRESS,
        DONE
    }

    SentinelInstance(NodeAddress address, SentinelLink link, boolean primary, long nowMillis) {
        this.address = address;
        this.link = link;
        primaryReported = primary;
        roleReportedMillis = nowMillis;
        followsChangedMillis = nowMillis;
    }

    /** Takes in an INFO, and tells whether the role changed with it. */
    boolean refresh(ReplicationInfo info, long nowMillis) {
        runId = info.runId();
        offset = info.offset();
        replicationUp = info.linkUp();
        NodeAddress following = info.follows();
        if (following != null && !following.equals(follows)) {
            followsChangedMillis = nowMillis;
        }
        follows = following;
        infoMillis = nowMillis;
        boolean changed = info.primary() != primaryReported;
        if (changed) {
            primaryReported = info.primary();
            roleReportedMillis = nowMillis;
        }
        return changed;
    }
}
