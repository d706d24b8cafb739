package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One shard's story, told event by event on a clock of milliseconds. Every question takes one millisecond: it is written
 * at the story's time, and read, and stepped, one later.
 */
final class Story {
    static final NodeAddress P = NodeAddress.parse("10.0.0.1:6379");
    static final NodeAddress Q = NodeAddress.parse("10.0.0.2:6379");
    static final NodeAddress R = NodeAddress.parse("10.0.0.3:6379");
    static final NodeAddress S1 = NodeAddress.parse("10.0.0.1:26379");
    static final NodeAddress S2 = NodeAddress.parse("10.0.0.2:26379");
    static final NodeAddress S3 = NodeAddress.parse("10.0.0.3:26379");

    static final long MS = 1_000_000L;
    static final long TICK_MS = 100;
    static final long SILENCE_MS = 1_000;
    static final long PROBATION_MS = 500;
    static final long MARGIN_MS = 50;
    static final long DOWN_AFTER_MS = 5_000;

    private final RoutingEngine engine;
    private final Map<NodeAddress, Long> links = new HashMap<>();
    private final List<Action> actions = new ArrayList<>();
    private final List<Notice> notices = new ArrayList<>();
    private long nowMs = 1_000;

    private Story(Topology topology, Fence fence, boolean activeFence) {
        engine = new RoutingEngine(new EngineSettings(
                topology,
                fence,
                activeFence,
                10_000 * MS,
                SILENCE_MS * MS,
                PROBATION_MS * MS,
                MARGIN_MS * MS,
                TICK_MS * MS,
                null,
                Map.of(),
                16));
        take(engine.start(now()));
    }

    static Story ofSentinels(Fence fence, NodeAddress... sentinels) {
        return new Story(new Topology.Sentinel("mymaster", List.of(sentinels)), fence, false);
    }

    static Story ofSentinels() {
        return ofSentinels(Fence.LEASE, S1, S2, S3);
    }

    static Story ofNodes(NodeAddress... nodes) {
        return ofNodes(Restart.ACCEPT, false, nodes);
    }

    static Story ofNodes(Restart restart, boolean activeFence, NodeAddress... nodes) {
        return new Story(new Topology.Static(List.of(nodes), restart), Fence.ROLE, activeFence);
    }

    /** The usual beginning: P with replicas Q and R, three sentinels that agree on it, epoch 0. */
    static Story serving() {
        return serving(Fence.LEASE);
    }

    static Story serving(Fence fence) {
        Story story = ofSentinels(fence, S1, S2, S3);
        story.said(S1, said -> said.names(P, 0).sees("p").lists(List.of(Q, R), List.of(S2, S3)));
        story.primary(P, "p", "h1", 100);
        story.replica(Q, "q", "h1", 100, P);
        story.replica(R, "r", "h1", 100, P);
        story.said(S2, said -> said.names(P, 0).sees("p"));
        story.said(S3, said -> said.names(P, 0).sees("p"));
        story.primary(P, "p", "h1", 100);
        story.gate(WriteGate.OPEN);
        return story;
    }

    /** The usual beginning, heard for long enough that a lease stands. */
    static Story leased() {
        return longHeard(Fence.LEASE);
    }

    /** The same under another fence. */
    static Story longHeard(Fence fence) {
        Story story = serving(fence);
        story.quiet(23_000);
        return story;
    }

    /** Lets time pass with everybody well: the sentinels are asked each second, the nodes and ticks come each tick. */
    void quiet(long forMs) {
        long end = nowMs + forMs;
        for (long next = nowMs; next < end; next += TICK_MS) {
            at(Math.max(next, nowMs));
            tick();
            role(P, new Role.Primary(100));
            role(Q, new Role.Replica(P, "connected", 100));
            role(R, new Role.Replica(P, "connected", 100));
            if ((next - end) % 1_000 == 0) {
                said(S1, said -> said.names(P, 0).sees("p"));
                said(S2, said -> said.names(P, 0).sees("p"));
                said(S3, said -> said.names(P, 0).sees("p"));
            }
        }
        at(Math.max(end, nowMs));
        tick();
    }

    long now() {
        return nowMs * MS;
    }

    long nowMs() {
        return nowMs;
    }

    Story at(long ms) {
        assertThat(ms).as("stories do not go back in time").isGreaterThanOrEqualTo(nowMs);
        nowMs = ms;
        return this;
    }

    Story after(long ms) {
        return at(nowMs + ms);
    }

    Story tick() {
        return step(new Event.Tick());
    }

    /** A sentinel answers the pipeline; unnamed details are those of a sentinel at rest. */
    Story said(NodeAddress sentinel, UnaryOperator<Said> details) {
        long written = now();
        return answered(sentinel, written, details);
    }

    /** A sentinel's answer, arriving now, to a pipeline written at {@code writtenNanos}. */
    Story answered(NodeAddress sentinel, long writtenNanos, UnaryOperator<Said> details) {
        nowMs++;
        SentinelState state = details.apply(new Said(sentinel)).state();
        return step(new Event.SentinelReport(sentinel, link(sentinel), writtenNanos, now(), state));
    }

    Story message(NodeAddress sentinel, String channel, String payload) {
        return step(new Event.SentinelMessage(sentinel, link(sentinel), now(), channel, payload));
    }

    Story sentinelLost(NodeAddress sentinel) {
        step(new Event.SentinelLost(sentinel, link(sentinel), "reset"));
        links.merge(sentinel, 1L, Long::sum);
        return this;
    }

    Story primary(NodeAddress node, String runId, String history, long offset) {
        return primary(node, runId, history, offset, null, -1);
    }

    Story primary(
            NodeAddress node, String runId, String history, long offset, @Nullable String former, long formerEnd) {
        return info(
                node,
                new ReplicationInfo(
                        runId, true, history, former, formerEnd, offset, null, false, false, false, true, List.of()));
    }

    Story replica(NodeAddress node, String runId, String history, long offset, NodeAddress follows) {
        return info(node, replicaInfo(runId, history, offset, follows, true));
    }

    Story replicaCutOff(NodeAddress node, String runId, String history, long offset, NodeAddress follows) {
        return info(node, replicaInfo(runId, history, offset, follows, false));
    }

    static ReplicationInfo replicaInfo(String runId, String history, long offset, NodeAddress follows, boolean linkUp) {
        return new ReplicationInfo(
                runId, false, history, null, -1, offset, follows, linkUp, false, false, true, List.of());
    }

    Story info(NodeAddress node, ReplicationInfo info) {
        long written = now();
        nowMs++;
        return step(new Event.NodeInfo(node, link(node), written, now(), info));
    }

    Story role(NodeAddress node, Role role) {
        long written = now();
        nowMs++;
        return step(new Event.NodeRole(node, link(node), written, now(), role));
    }

    Story nodeLost(NodeAddress node) {
        step(new Event.NodeLost(node, link(node), "reset"));
        links.merge(node, 1L, Long::sum);
        return this;
    }

    Story step(Event event) {
        return take(engine.step(event, now()));
    }

    private Story take(List<Action> taken) {
        assertThat(taken.stream().filter(Action.Publish.class::isInstance).count())
                .as("tables published by one step")
                .isLessThanOrEqualTo(1);
        actions.addAll(taken);
        for (Action action : taken) {
            if (action instanceof Action.Tell told) {
                notices.add(told.notice());
            } else if (action instanceof Action.Publish published) {
                assertThat(published.table()).isSameAs(engine.table());
            }
        }
        return this;
    }

    long link(NodeAddress address) {
        return links.computeIfAbsent(address, unused -> 1L);
    }

    RoutingTable table() {
        return engine.table();
    }

    Story gate(WriteGate expected) {
        assertThat(engine.table().writes()).as("gate at %d ms", nowMs).isEqualTo(expected);
        return this;
    }

    Story claims(NodeAddress primary, long epoch) {
        RoutingTable.Node node = engine.table().primary();
        assertThat(node == null ? null : node.address())
                .as("primary at %d ms", nowMs)
                .isEqualTo(primary);
        assertThat(engine.table().epoch()).as("epoch at %d ms", nowMs).isEqualTo(epoch);
        return this;
    }

    RoutingTable.Replica inTable(NodeAddress node) {
        return engine.table().replicas().stream()
                .filter(replica -> replica.node().address().equals(node))
                .findFirst()
                .orElseThrow(() -> new AssertionError(node + " is not in the table"));
    }

    /** Writes are sent to this node already, which is expected to be used under this epoch. */
    Story aheadTo(NodeAddress node, long epoch) {
        return ahead(node, epoch, true);
    }

    /** It is expected, but sent nothing more. */
    Story aheadButHeld(NodeAddress node, long epoch) {
        return ahead(node, epoch, false);
    }

    private Story ahead(NodeAddress node, long epoch, boolean open) {
        Successor next = table().successor();
        assertThat(next).as("successor at %d ms", nowMs).isNotNull();
        assertThat(next.node().address()).isEqualTo(node);
        assertThat(next.epoch()).isEqualTo(epoch);
        assertThat(next.open()).isEqualTo(open);
        return this;
    }

    Story aheadToNobody() {
        assertThat(table().successor()).as("successor at %d ms", nowMs).isNull();
        return this;
    }

    Story health(NodeAddress node, RouteReason expected) {
        assertThat(inTable(node).health())
                .as("health of %s at %d ms", node, nowMs)
                .isEqualTo(expected);
        return this;
    }

    Story asOf(NodeAddress node, long expectedNanos) {
        assertThat(inTable(node).asOfNanos())
                .as("as-of of %s at %d ms", node, nowMs)
                .isEqualTo(expectedNanos);
        return this;
    }

    Story evidence(long expectedNanos) {
        assertThat(engine.table().evidenceNanos())
                .as("evidence at %d ms", nowMs)
                .isEqualTo(expectedNanos);
        return this;
    }

    /** An operator says that this node is primary; {@link #answers} has what comes of it. */
    Story release(NodeAddress node) {
        return step(new Event.FenceAsked(1, node));
    }

    /** The answer to an operator's question, which is given at once if it is no release. */
    Action.AnswerFence ask(@Nullable NodeAddress release) {
        step(new Event.FenceAsked(1, release));
        return answer();
    }

    /** The one answer to an operator since the last call. */
    Action.AnswerFence answer() {
        List<Action.AnswerFence> given = answers();
        assertThat(given).hasSize(1);
        return given.get(0);
    }

    /** All answers to operators since the last call. */
    List<Action.AnswerFence> answers() {
        List<Action.AnswerFence> given = actions.stream()
                .filter(Action.AnswerFence.class::isInstance)
                .map(Action.AnswerFence.class::cast)
                .toList();
        actions.removeAll(given);
        return given;
    }

    /** Everything done since the last call. */
    List<Action> done() {
        List<Action> done = List.copyOf(actions);
        actions.clear();
        return done;
    }

    /** Everything told since the last call. */
    List<Notice> told() {
        List<Notice> told = List.copyOf(notices);
        notices.clear();
        return told;
    }

    /** The one notice of a stream at risk since the last call of {@link #told}, of these nodes and offsets. */
    Notice.StreamAtRisk atRisk(NodeAddress old, NodeAddress successor, long branchOffset, long lastSeenOffset) {
        List<Notice.StreamAtRisk> risks = told().stream()
                .filter(Notice.StreamAtRisk.class::isInstance)
                .map(Notice.StreamAtRisk.class::cast)
                .toList();
        assertThat(risks).hasSize(1);
        Notice.StreamAtRisk risk = risks.get(0);
        assertThat(List.of(risk.oldPrimary(), risk.newPrimary())).containsExactly(old, successor);
        assertThat(risk.branchOffset()).isEqualTo(branchOffset);
        assertThat(risk.lastSeenOffset()).isEqualTo(lastSeenOffset);
        return risk;
    }
}
