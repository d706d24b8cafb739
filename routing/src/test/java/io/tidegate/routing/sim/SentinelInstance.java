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

    /** As a replica: a primary tells none. */
    long offset;

    /** Whether it said that it is a replica without its primary. */
    boolean cutOff;

    @Nullable NodeAddress follows;

    long followsChangedMillis;

    boolean down;

    /** When it was called down last, whether or not it still is; 0 if never. */
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
        publishedMillis = nowMillis;
    }

    /**
     * What {@code sentinelResetMaster} leaves of the primary before, be it at another address: when it was last asked, so
     * that the new one's run id and replicas are not known for up to 10 s, and when it was last told.
     */
    void follow(SentinelInstance before) {
        infoMillis = before.infoMillis;
        publishedMillis = before.publishedMillis;
        link.follow(before.link);
    }

    /** Whether it is known which process is at this address. */
    boolean isProcessAt(NodeAddress of) {
        return address.equals(of) && !runId.isEmpty();
    }

    /** Whether another process answers than before. */
    boolean isReboot(ReplicationInfo info) {
        return !runId.isEmpty() && !runId.equals(info.runId());
    }

    /** Takes in an INFO, and tells whether the role changed with it. */
    boolean refresh(ReplicationInfo info, long nowMillis) {
        runId = info.runId();
        cutOff = !info.primary() && !info.linkUp();
        if (!info.primary()) {
            offset = info.offset();
        }
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
            if (!primaryReported) {
                followsChangedMillis = nowMillis;
            }
        }
        return changed;
    }
}
