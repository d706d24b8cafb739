package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What really happened, which nobody inside the simulation can see: who was primary when and executed what, who was elected
 * and promoted. The invariants compare what the proxies believe with it. Keeps the trace, too.
 */
final class Truth {
    private static final int TRACE_LINES = 400;

    /** For so long after a sentinel was reconfigured a lease may rest on what was before. */
    private static final long RECONFIGURED_NANOS = 20 * EventQueue.SECONDS;

    private final EventQueue queue;
    private final Map<String, Reign> reigns = new HashMap<>();
    private final Map<String, Long> demotedNanos = new HashMap<>();
    private final Map<String, SimNode> processes = new HashMap<>();
    private final Map<String, Stray> strays = new HashMap<>();
    private final List<Promotion> pending = new ArrayList<>();
    private final List<Promotion> effective = new ArrayList<>();
    private final Set<Attempt> attempts = new LinkedHashSet<>();

    /** Those that were won, by what a vote for them says. */
    private final Map<String, Attempt> elections = new HashMap<>();
    /** Whom each promotes, once it has chosen. */
    private final Map<Attempt, NodeAddress> chosen = new HashMap<>();

    private final List<Reconfiguration> reconfigurations = new ArrayList<>();
    private boolean stateLost;
    private final Deque<String> trace = new ArrayDeque<>();
    private long traceHash = 1125899906842597L;
    private int ids;
    private @Nullable Invariants invariants;

    /** A process at the address of another, and what each sentinel had met there when it came. */
    private record Stray(long sinceNanos, Map<SimSentinel, SentinelInstance> met) {}

    /** A process while it was primary: {@code log} is what it executed, and is not changed after. */
    record Reign(SimNode node, String runId, Log log, long fromNanos) {}

    /**
     * A replica was told to be primary, by a sentinel that was elected at {@code electedNanos} (or, by force, elected
     * itself).
     *
     * @param heard whether all proxies had taken in the announcement by then
     * @param reconfigured whether a sentinel was given other settings shortly before
     * @param known whether every proxy had, by the election, asked each sentinel about the settings it has now
     */
    record Promotion(
            long epoch,
            SimNode node,
            String runId,
            long electedNanos,
            long promotedNanos,
            boolean forced,
            boolean heard,
            boolean reconfigured,
            boolean known,
            SimSentinel leader) {
        /**
         * Whether the contract promises that nothing is acknowledged past it: not for a forced failover that could not be
         * heard of, nor after a sentinel was reconfigured out of hearing.
         */
        boolean covered() {
            return known && !unheard();
        }

        /** Forced out of the hearing of a proxy: it may even have the epoch of another one. */
        boolean unheard() {
            return forced && !heard;
        }

        /** Whether, moreover, nothing may have been proven past it: a lease is given by the settings of its day. */
        boolean provable() {
            return known && !forced && !reconfigured;
        }
    }

    /** An operator has given a sentinel other settings, or had it forget what it knew. */
    record Reconfiguration(NodeAddress sentinel, long atNanos) {}

    /** A sentinel tries to fail over in this epoch. */
    record Attempt(NodeAddress sentinel, long epoch) {}

    Truth(EventQueue queue) {
        this.queue = queue;
    }

    void checkedBy(Invariants checks) {
        invariants = checks;
    }

    /** Run ids, histories: unlike anything before, and the same in every run of a seed. */
    String newId(String kind) {
        return kind + "-" + ids++;
    }

    // Nodes.

    void becamePrimary(SimNode node) {
        reigns.put(node.runId(), new Reign(node, node.runId(), node.log(), queue.nowNanos()));
        note(node + " is primary as " + node.runId());
    }

    void stoppedBeingPrimary(SimNode node) {
        demotedNanos.put(node.runId(), queue.nowNanos());
        note(node + " is no longer primary as " + node.runId());
    }

    /** The last reign of this process; null if it has never been primary. */
    @Nullable Reign reign(String runId) {
        return reigns.get(runId);
    }

    void booted(SimNode node) {
        processes.put(node.runId(), node);
    }

    /** This process is at the address of a node, and these sentinels speak to that node. */
    void strays(SimNode process, List<SimSentinel> speaking) {
        note(process + " is another process for somebody: " + process.runId());
        Map<SimSentinel, SentinelInstance> met = new HashMap<>();
        speaking.forEach(sentinel -> met.put(sentinel, sentinel.primary));
        if (met.values().stream().allMatch(known -> known.isProcessAt(process.address))) {
            strays.put(process.runId(), new Stray(queue.nowNanos(), met));
        }
    }

    /** Whether an answer of this process, read by then, is of another than all sentinels have spoken to all along. */
    boolean isMistaken(String runId, long byNanos) {
        Stray stray = strays.get(runId);
        return stray != null
                && byNanos > stray.sinceNanos
                && stray.met.entrySet().stream().allMatch(sentinel -> sentinel.getKey().primary == sentinel.getValue());
    }

    /** Whether whoever was promoted then was made a replica by this instant, so that what it executed has died. */
    boolean isUndone(Promotion promotion, long byNanos) {
        Long demoted = demotedNanos.get(promotion.runId());
        return demoted != null && demoted >= promotion.promotedNanos() && demoted <= byNanos;
    }

    /** The node that this process runs or ran on. */
    @Nullable SimNode process(String runId) {
        return processes.get(runId);
    }

    /**
     * The last reign of this process, unless its node was started again since: what a restart lost is lost, and nothing
     * can be promised relative to it.
     */
    @Nullable Reign standing(String runId) {
        Reign reign = reign(runId);
        return reign != null && reign.node().runId().equals(runId) ? reign : null;
    }

    /** @param log what it is executed on, without it */
    void executed(int write, Log.Entry entry, Log log) {
        if (invariants != null) {
            invariants.executed(write, entry, log);
        }
    }

    // Sentinels.

    void tries(SimSentinel sentinel, long epoch) {
        attempts.add(new Attempt(sentinel.address, epoch));
    }

    void elected(SimSentinel sentinel, long epoch) {
        elections.put(sentinel.id + " " + epoch, new Attempt(sentinel.address, epoch));
    }

    void chose(SimSentinel sentinel, long epoch, NodeAddress node) {
        chosen.put(new Attempt(sentinel.address, epoch), node);
    }

    /** Whether it is this node that it promotes, or has promoted: then it ends nobody's claim to whom it names. */
    boolean promotes(Attempt attempt, NodeAddress node) {
        return node.equals(chosen.get(attempt));
    }

    /** Whom a vote elected that somebody hears of now: null if whoever was voted for has not won by now, or never will. */
    @Nullable Attempt electedBy(String vote) {
        return elections.get(vote);
    }

    void gaveUp(SimSentinel sentinel, long epoch) {
        attempts.remove(new Attempt(sentinel.address, epoch));
    }

    boolean underWay(Attempt attempt) {
        return attempts.contains(attempt);
    }

    /** What this sentinel is trying. */
    List<Attempt> attempts(NodeAddress sentinel) {
        return attempts.stream()
                .filter(attempt -> attempt.sentinel().equals(sentinel))
                .toList();
    }

    void promoted(long epoch, SimNode node, long electedNanos, boolean forced, SimSentinel leader) {
        boolean heard = invariants != null && invariants.heardByAll(new Attempt(leader.address, epoch));
        boolean reconfigured =
                reconfigurations.stream().anyMatch(change -> change.atNanos() > electedNanos - RECONFIGURED_NANOS);
        boolean known = reconfigurations.stream()
                .allMatch(change -> change.atNanos() > electedNanos
                        || (invariants != null && invariants.knownByAll(change, electedNanos)));
        pending.add(new Promotion(
                epoch, node, node.runId(), electedNanos, queue.nowNanos(), forced, heard, reconfigured, known, leader));
        if (invariants != null) {
            invariants.promoted(node);
        }
        note(node + " promoted in epoch " + epoch + " by " + leader);
    }

    /** The leader knows of the promotion and tells everybody: from here on it counts, if it ever does. */
    void acknowledged(long epoch, SimSentinel leader) {
        for (Promotion promotion : List.copyOf(pending)) {
            if (promotion.epoch() == epoch && promotion.leader() == leader) {
                pending.remove(promotion);
                effective.add(promotion);
                if (invariants != null) {
                    invariants.effective(promotion);
                }
            }
        }
    }

    void reconfigured(SimSentinel sentinel) {
        reconfigurations.add(new Reconfiguration(sentinel.address, queue.nowNanos()));
    }

    List<Reconfiguration> reconfigurations() {
        return reconfigurations;
    }

    /** A sentinel has forgotten its votes: from here on nothing is promised about who may be elected when. */
    void lostState(SimSentinel sentinel) {
        stateLost = true;
        note(sentinel + " has lost its state");
    }

    boolean stateLost() {
        return stateLost;
    }

    List<Promotion> effective() {
        return effective;
    }

    /** Who is primary by the latest of all elections that counted; null before the first. */
    @Nullable Promotion rightful() {
        Promotion latest = null;
        for (Promotion promotion : effective) {
            if (latest == null || promotion.epoch() > latest.epoch()) {
                latest = promotion;
            }
        }
        return latest;
    }

    void said(SimSentinel sentinel, String channel, String payload) {
        note(sentinel + " says " + channel + " " + payload);
    }

    // The trace.

    void note(String line) {
        String stamped = queue.nowNanos() / 1000 + " us  " + line;
        for (int i = 0; i < stamped.length(); i++) {
            traceHash = 31 * traceHash + stamped.charAt(i);
        }
        if (trace.size() == TRACE_LINES) {
            trace.remove();
        }
        trace.add(stamped);
    }

    /** Makes {@code value} part of what two runs of a seed must agree on. */
    void mix(long value) {
        traceHash = 31 * traceHash + value;
    }

    /** The same for the same run. */
    long traceHash() {
        return traceHash;
    }

    /** The last lines. */
    String trace() {
        return String.join("\n", trace);
    }
}
