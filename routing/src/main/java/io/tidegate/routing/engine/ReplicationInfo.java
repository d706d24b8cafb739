package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The facts of {@code INFO server} and {@code INFO replication} that matter here, under the words of this project.
 *
 * @param runId {@code run_id} of the process
 * @param primary whether {@code role} is the primary's
 * @param history {@code master_replid}
 * @param formerHistory {@code master_replid2}; null if it is all zeros
 * @param formerHistoryEnd {@code second_repl_offset}: offsets below it are shared with the former history; -1 if none
 * @param offset of a primary {@code master_repl_offset}, of a replica the applied {@code slave_repl_offset}
 * @param follows of a replica {@code master_host:master_port}; null of a primary
 * @param linkUp of a replica {@code master_link_status:up}
 * @param syncing {@code master_sync_in_progress:1}
 * @param loading whether the node answered {@code LOADING} or reports {@code loading:1} or {@code async_loading:1}
 * @param promotable {@code slave_priority} is not 0; true for a primary
 * @param replicas of a primary: the addresses that its {@code slaveN} lines give
 */
public record ReplicationInfo(
        String runId,
        boolean primary,
        String history,
        @Nullable String formerHistory,
        long formerHistoryEnd,
        long offset,
        @Nullable NodeAddress follows,
        boolean linkUp,
        boolean syncing,
        boolean loading,
        boolean promotable,
        List<NodeAddress> replicas) {
    public ReplicationInfo {
        replicas = List.copyOf(replicas);
    }

    /** The same at another offset. */
    ReplicationInfo at(long otherOffset) {
        return new ReplicationInfo(
                runId,
                primary,
                history,
                formerHistory,
                formerHistoryEnd,
                otherOffset,
                follows,
                linkUp,
                syncing,
                loading,
                promotable,
                replicas);
    }
}
