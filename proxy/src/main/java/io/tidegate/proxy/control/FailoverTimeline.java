package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.Notice.ClaimAdopted;
import io.tidegate.routing.engine.Notice.FenceReleased;
import io.tidegate.routing.engine.Notice.GateChanged;
import io.tidegate.routing.engine.Notice.SentinelSaid;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts notices together to failovers and keeps the last {@link #KEPT_MAX}. A primary that was suspected and then kept
 * is none, and leaves no trace. Written by the control loop, read by everybody.
 */
public final class FailoverTimeline {
    static final int KEPT_MAX = 16;

    /** Held requests are let go little by little, so a failover's impact is counted until so long after its end. */
    static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** A primary called down by somebody, and nothing came of it for so long, is not failing over. */
    static final long RUMOUR_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Supplier<Impact> figures;
    private final Deque<Failover> finished = new ArrayDeque<>();

    private @Nullable NodeAddress primary;
    private long epoch = RoutingTable.NO_EPOCH;
    private WriteGate gate = WriteGate.NO_CLAIM;
    private @Nullable Draft draft;

    /** What is finished and what is under way; replaced as a whole by the control loop. */
    private volatile List<Failover> failovers = List.of();

    /** @param figures the data plane's totals; asked on the control loop */
    FailoverTimeline(Supplier<Impact> figures) {
        this.figures = figures;
    }

    /** The last ones, oldest first; the last of them may be under way, which one sees from its missing end. */
    public List<Failover> failovers() {
        return failovers;
    }

    void heard(Notice notice, long nowNanos) {
        tick(nowNanos);
        if (notice instanceof SentinelSaid said) {
            sentinelSaid(said, nowNanos);
        } else if (notice instanceof GateChanged change) {
            gateChanged(change, nowNanos);
        } else if (notice instanceof StreamAtRisk risk && primary != null) {
            begin(primary, "the history of " + risk.newPrimary(), nowNanos).atRisk = risk;
        } else if (notice instanceof FenceReleased && draft != null) {
            draft.seen(Phase.RELEASE, nowNanos);
        } else if (notice instanceof ClaimAdopted claim) {
            claimAdopted(claim, nowNanos);
        }
        publish();
    }

    /** A node said of itself that it is primary; during a failover that may be the first sign of its promotion. */
    void saidPrimary(NodeAddress node, long nowNanos) {
        if (draft != null && !draft.has(Phase.END)) {
            draft.saidPrimary.putIfAbsent(node, nowNanos);
        }
    }

    /** Time has passed: counts what is still being let go, and gives up what did not become a failover. */
    void tick(long nowNanos) {
        Draft current = draft;
        if (current == null) {
            return;
        }
        if (current.has(Phase.END)) {
            if (nowNanos - current.at(Phase.END) >= AFTERMATH_NANOS) {
                finish(current);
            }
            publish();
        } else if (current.cameToNothing(gate, nowNanos)) {
            draft = null;
            publish();
        }
    }

    private void sentinelSaid(SentinelSaid said, long nowNanos) {
        switch (said.channel()) {
            case "+sdown", "+odown" -> {
                if (primary != null && isAbout(primary, said.payload())) {
                    begin(primary, "sentinel " + said.sentinel() + " said " + said.channel(), nowNanos)
                            .seen(said.channel().equals("+sdown") ? Phase.SDOWN : Phase.ODOWN, nowNanos);
                }
            }
            case "-sdown" -> {
                if (draft != null && !draft.has(Phase.FENCE) && isAbout(draft.from, said.payload())) {
                    draft = null;
                }
            }
            case "+promoted-slave", "+switch-master" -> {
                if (draft != null && !draft.has(Phase.END)) {
                    draft.seen(Phase.PROMOTION, nowNanos);
                }
            }
            default -> {}
        }
    }

    private void gateChanged(GateChanged change, long nowNanos) {
        gate = change.to();
        if (change.from().open() && primary != null) {
            begin(primary, change.evidence(), nowNanos).seen(Phase.FENCE, nowNanos);
        }
        if (draft != null) {
            draft.lastNanos = nowNanos;
            if (gate == WriteGate.CUTTING_OVER) {
                draft.seen(Phase.CUT_OVER, nowNanos);
            }
            endIfOver(nowNanos);
        }
    }

    private void claimAdopted(ClaimAdopted claim, long nowNanos) {
        if (primary != null) {
            Draft failover = begin(primary, "epoch " + claim.epoch() + " is " + claim.primary() + "'s", nowNanos);
            failover.seen(Phase.CUT_OVER, nowNanos);
            failover.succeeded(claim);
        }
        primary = claim.primary();
        epoch = claim.epoch();
        endIfOver(nowNanos);
    }

    private void endIfOver(long nowNanos) {
        if (draft != null && draft.to != null && gate.open()) {
            draft.seen(Phase.END, nowNanos);
        }
    }

    /** The failover under way, or a new one if the last has ended. */
    private Draft begin(NodeAddress from, String evidence, long nowNanos) {
        Draft current = draft;
        if (current == null || current.has(Phase.END)) {
            if (current != null) {
                finish(current);
            }
            current = new Draft(from, epoch, evidence, figures.get(), nowNanos);
            draft = current;
        }
        return current;
    }

    private void finish(Draft ended) {
        if (finished.size() == KEPT_MAX) {
            finished.removeFirst();
        }
        finished.addLast(ended.failover(figures.get()));
        draft = null;
    }

    private void publish() {
        List<Failover> all = new ArrayList<>(finished);
        if (draft != null) {
            all.add(draft.failover(figures.get()));
        }
        failovers = List.copyOf(all.subList(Math.max(0, all.size() - KEPT_MAX), all.size()));
    }

    /** Whether a payload {@code master <name> <host> <port> …} is about this primary. */
    private static boolean isAbout(NodeAddress primary, String payload) {
        String[] words = payload.split(" ", -1);
        return words.length >= 4
                && words[0].equals("master")
                && words[2].equals(primary.host())
                && words[3].equals(Integer.toString(primary.port()));
    }

    private static final class Draft {
        final NodeAddress from;
        final long beginNanos;
        final String evidence;
        final Impact before;
        final Map<Phase, Long> instants = new EnumMap<>(Phase.class);

        // At most one entry per node that is watched.
        final Map<NodeAddress, Long> saidPrimary = new HashMap<>();

        @Nullable NodeAddress to;

        @Nullable StreamAtRisk atRisk;

        long epoch;
        long lastNanos;
        long longestWaitNanos;

        Draft(NodeAddress from, long epoch, String evidence, Impact before, long nowNanos) {
            this.from = from;
            this.epoch = epoch;
            this.evidence = evidence;
            this.before = before;
            this.beginNanos = nowNanos;
            this.lastNanos = nowNanos;
        }

        /** Only the first time counts: several sentinels say the same. */
        void seen(Phase phase, long nowNanos) {
            instants.putIfAbsent(phase, nowNanos);
            lastNanos = nowNanos;
        }

        /** Its own word for the promotion is older than the sentinels', who look once a second. */
        void succeeded(ClaimAdopted claim) {
            to = claim.primary();
            epoch = claim.epoch();
            Long promotedNanos = saidPrimary.get(to);
            if (promotedNanos != null && !claim.primary().equals(from)) {
                instants.merge(Phase.PROMOTION, promotedNanos, Math::min);
            }
        }

        boolean has(Phase phase) {
            return instants.containsKey(phase);
        }

        long at(Phase phase) {
            return instants.getOrDefault(phase, lastNanos);
        }

        /** The primary was kept after all: the gate is open again, or nobody ever closed it. */
        boolean cameToNothing(WriteGate gate, long nowNanos) {
            return gate.open() && (has(Phase.FENCE) ? nowNanos > lastNanos : nowNanos - lastNanos >= RUMOUR_NANOS);
        }

        Failover failover(Impact totals) {
            longestWaitNanos = Math.max(longestWaitNanos, totals.longestWaitNanos());
            return new Failover(
                    from, to, epoch, beginNanos, evidence, instants, totals.since(before, longestWaitNanos), atRisk);
        }
    }
}
