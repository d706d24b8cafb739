package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Acknowledged;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.Notice.ClaimAdopted;
import io.tidegate.routing.engine.Notice.FenceReleased;
import io.tidegate.routing.engine.Notice.GateChanged;
import io.tidegate.routing.engine.Notice.NodeLinkChanged;
import io.tidegate.routing.engine.Notice.SentinelLinkChanged;
import io.tidegate.routing.engine.Notice.SentinelSaid;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import io.tidegate.routing.engine.Notice.WritesSentAhead;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts notices together to failovers and keeps the last {@link #KEPT_MAX}. A primary that was suspected and then kept is
 * one of them only if clients had to wait. Written by the control loop, read by everybody.
 *
 * <p>Clients may feel a failover before the control loop hears of it: the event loops see connections break, hold what
 * comes and then say so. So the impact is counted from the tick before the last quiet one.
 */
public final class FailoverTimeline {
    static final int KEPT_MAX = 16;

    private final Accounts accounts;
    private final Consumer<Failover> ended;
    private final Hearing hearing = new Hearing();
    private final Deque<Failover> finished = new ArrayDeque<>();

    private @Nullable NodeAddress primary;
    private long epoch = RoutingTable.NO_EPOCH;
    private Acknowledged acknowledged = new Acknowledged();
    private WriteGate gate = WriteGate.NO_CLAIM;
    private boolean linked = true;
    private @Nullable FailoverDraft draft;

    // What had been counted at the last two ticks while nothing was going on.
    private Impact quiet = Impact.NONE;
    private Impact quietBefore = Impact.NONE;

    /** What is finished and what is under way; replaced as a whole by the control loop. */
    private volatile List<Failover> failovers = List.of();

    /** @param ended told each failover once, when it has ended */
    FailoverTimeline(Accounts accounts, Consumer<Failover> ended) {
        this.accounts = accounts;
        this.ended = ended;
    }

    /** The last ones, oldest first; the last of them may be under way, which one sees from its missing end. */
    public List<Failover> failovers() {
        return failovers;
    }

    void heard(Notice notice, long nowNanos) {
        look(nowNanos);
        if (notice instanceof SentinelSaid said) {
            sentinelSaid(said, nowNanos);
        } else if (notice instanceof NodeLinkChanged change) {
            linkChanged(change, nowNanos);
        } else if (notice instanceof SentinelLinkChanged change) {
            hearing.changed(change, nowNanos);
            listen(nowNanos);
        } else if (notice instanceof GateChanged change) {
            gateChanged(change, nowNanos);
        } else if (notice instanceof StreamAtRisk risk && primary != null) {
            begin(primary, "the history of " + risk.newPrimary(), nowNanos).atRisk(risk);
        } else if (notice instanceof WritesSentAhead && draft != null && !draft.succeeded()) {
            draft.seen(Phase.SENT_AHEAD, nowNanos);
        } else if (notice instanceof FenceReleased && draft != null) {
            draft.seen(Phase.OPERATOR, nowNanos);
        } else if (notice instanceof ClaimAdopted claim) {
            claimAdopted(claim, nowNanos);
        }
        publish();
    }

    /** This sentinel is watched no more. */
    void sentinelForgotten(NodeAddress sentinel) {
        hearing.forgotten(sentinel);
    }

    /** A node said of itself that it is primary; during a failover that may be the first sign of its promotion. */
    void saidPrimary(NodeAddress node, long nowNanos) {
        if (draft != null && !draft.succeeded()) {
            draft.saidPrimary(node, nowNanos);
        }
    }

    /** This proxy itself is about to have the primary replaced. */
    void switchoverBegun(String what, long nowNanos) {
        if (primary != null) {
            look(nowNanos);
            begin(primary, what, nowNanos).seen(Phase.HELD, nowNanos);
            publish();
        }
    }

    void switchoverStep(Phase phase, long nowNanos) {
        if (draft != null && !draft.succeeded()) {
            draft.seen(phase, nowNanos);
            publish();
        }
    }

    /** It was given up before anybody else had a hand in it. */
    void switchoverTakenBack(long nowNanos) {
        if (draft != null && !draft.succeeded() && gate.open() && linked) {
            draft.kept(nowNanos);
            publish();
        }
    }

    /** Time has passed: counts, and sees whether what is under way is over. */
    void tick(long nowNanos) {
        if (epoch != RoutingTable.NO_EPOCH) {
            acknowledged.counted(accounts.writes(epoch));
        }
        if (draft == null) {
            quietBefore = quiet;
            quiet = accounts.totals();
        } else {
            look(nowNanos);
            publish();
        }
    }

    private void look(long nowNanos) {
        FailoverDraft current = draft;
        if (current != null) {
            current.look(accounts, gate.open() && linked, nowNanos);
            if (current.has(Phase.END)) {
                finish(current);
            }
        }
    }

    private void sentinelSaid(SentinelSaid said, long nowNanos) {
        switch (said.channel()) {
            case "+sdown", "+odown" -> {
                if (primary != null && isAbout(primary, said.payload())) {
                    FailoverDraft failover =
                            begin(primary, "sentinel " + said.sentinel() + " said " + said.channel(), nowNanos);
                    failover.suspected();
                    failover.seen(said.channel().equals("+sdown") ? Phase.SDOWN : Phase.ODOWN, nowNanos);
                }
            }
            case "-sdown" -> {
                if (draft != null
                        && gate.open()
                        && linked
                        && !draft.succeeded()
                        && isAbout(draft.from(), said.payload())) {
                    draft.kept(nowNanos);
                }
            }
            case "+promoted-slave", "+switch-master" -> {
                if (draft != null && !draft.succeeded()) {
                    draft.seen(Phase.PROMOTION, nowNanos);
                }
            }
            default -> {}
        }
    }

    private void linkChanged(NodeLinkChanged change, long nowNanos) {
        if (!change.node().equals(primary)) {
            return;
        }
        linked = change.up();
        if (!linked) {
            begin(change.node(), change.node() + " did not answer: " + change.reason(), nowNanos)
                    .suspected();
        } else if (draft != null && gate.open() && !draft.succeeded()) {
            draft.kept(nowNanos);
        }
    }

    private void gateChanged(GateChanged change, long nowNanos) {
        gate = change.to();
        if (change.from().open() && primary != null) {
            begin(primary, change.evidence(), nowNanos).seen(Phase.FENCE, nowNanos);
        }
        if (draft == null) {
            return;
        }
        if (!gate.open()) {
            draft.notKept();
            draft.notCutOver();
        } else if (draft.succeeded()) {
            draft.seen(Phase.CUT_OVER, nowNanos);
        } else if (linked) {
            draft.kept(nowNanos);
        }
    }

    private void claimAdopted(ClaimAdopted claim, long nowNanos) {
        if (primary != null) {
            FailoverDraft failover =
                    begin(primary, "epoch " + claim.epoch() + " is " + claim.primary() + "'s", nowNanos);
            failover.succeeded(claim);
            if (gate.open()) {
                failover.seen(Phase.CUT_OVER, nowNanos);
            }
        }
        primary = claim.primary();
        epoch = claim.epoch();
        acknowledged = new Acknowledged();
        linked = true;
    }

    /** The failover under way, or a new one if writes go to its successor already. */
    private FailoverDraft begin(NodeAddress from, String evidence, long nowNanos) {
        FailoverDraft current = draft;
        if (current != null && current.cutOverBefore(nowNanos)) {
            current.end();
            finish(current);
            current = null;
        }
        if (current == null) {
            current = new FailoverDraft(from, epoch, evidence, quietBefore, acknowledged, nowNanos);
            draft = current;
        }
        listen(nowNanos);
        return current;
    }

    /** Until there is a successor: whether those could be heard who may have called the primary down. */
    private void listen(long nowNanos) {
        if (draft != null && !draft.succeeded() && hearing.missedMost(nowNanos)) {
            draft.unheard();
        }
    }

    private void finish(FailoverDraft over) {
        draft = null;
        Failover failover = over.failover(accounts);
        quiet = accounts.totals();
        quietBefore = quiet;
        if (over.felt(failover)) {
            if (finished.size() == KEPT_MAX) {
                finished.removeFirst();
            }
            finished.addLast(failover);
            ended.accept(failover);
        }
    }

    private void publish() {
        List<Failover> all = new ArrayList<>(finished);
        if (draft != null) {
            all.add(draft.failover(accounts));
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
}
