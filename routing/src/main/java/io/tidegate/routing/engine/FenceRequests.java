package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask about the fence. A node is released only if it says primary itself, asked after the operator did; so
 * a release waits for that answer, one at a time, and no longer than a limit.
 */
final class FenceRequests {
    private record Pending(long request, NodeAddress node, long askedNanos) {}

    private final Shard shard;
    private final Arbiter arbiter;
    private @Nullable Pending pending;

    /** To be told how things stand, once this step has decided that. */
    private final List<Long> toBeTold = new ArrayList<>();

    FenceRequests(Shard shard, Arbiter arbiter) {
        this.shard = shard;
        this.arbiter = arbiter;
    }

    void hear(Event.FenceAsked event, long nowNanos) {
        NodeAddress address = event.release();
        if (address == null) {
            toBeTold.add(event.request());
            return;
        }
        NodeView node = shard.nodes().get(address);
        String refusal = node == null ? "no such node is watched" : arbiter.whyNotReleased(node);
        if (refusal == null && pending != null) {
            refusal = "another release is being looked into";
        }
        if (refusal != null) {
            refuse(event.request(), address, refusal);
        } else {
            pending = new Pending(event.request(), address, nowNanos);
            shard.outbox().ask(address);
        }
    }

    /** Decides on the release that waits, if its node has answered or had its time. */
    void judge(long nowNanos) {
        Pending asked = pending;
        if (asked == null) {
            return;
        }
        NodeView node = shard.nodes().get(asked.node());
        ReplicationInfo word = node == null ? null : node.infoAsPrimary();
        String refusal = node == null ? "no such node is watched" : arbiter.whyNotReleased(node);
        if (node == null || refusal != null) {
            refuse(asked.request(), asked.node(), String.valueOf(refusal));
        } else if (word != null && node.saidPrimaryNanos() >= asked.askedNanos()) {
            release(asked, node, word, nowNanos);
        } else if (node.saysReplica() && node.saidReplicaNanos() >= asked.askedNanos()) {
            refuse(asked.request(), asked.node(), "it says replica");
        } else if (nowNanos - asked.askedNanos() >= Limits.RELEASE_NANOS_MAX) {
            refuse(asked.request(), asked.node(), "it does not say that it is primary");
        } else {
            return;
        }
        pending = null;
    }

    private void release(Pending asked, NodeView node, ReplicationInfo word, long nowNanos) {
        String fencedBy = shard.gateEvidence();
        arbiter.release(node, word, asked.askedNanos(), nowNanos);
        shard.outbox()
                .tell(new Notice.FenceReleased(node.address(), shard.claims().epoch(), fencedBy));
        toBeTold.add(asked.request());
    }

    /** Tells what the table says that this step publishes: whoever asks both is to hear the same. */
    void tell() {
        toBeTold.forEach(request -> answer(request, true, lines()));
        toBeTold.clear();
    }

    private void refuse(long request, NodeAddress node, String why) {
        answer(request, false, List.of(node + " is not released: " + why));
    }

    private void answer(long request, boolean granted, List<String> lines) {
        shard.outbox().add(new Action.AnswerFence(request, granted, lines));
    }

    private List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("writes " + shard.state().gate().name().toLowerCase(Locale.ROOT));
        lines.add("because " + shard.gateEvidence());
        lines.add("claim " + shard.claims());
        for (NodeView node : shard.nodes().all()) {
            ReplicationInfo word = node.infoAsPrimary();
            if (word != null) {
                lines.add("primary " + node.address() + " says so itself: run id " + word.runId() + ", history "
                        + word.history() + ", offset " + node.offset());
            }
        }
        return lines;
    }
}
