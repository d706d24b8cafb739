package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Failover.AtRisk;
import io.tidegate.proxy.control.Failover.Impact;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Acknowledged;
import io.tidegate.routing.engine.Notice.ClaimAdopted;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A failover that is under way: what was seen of it so far. Used by the control loop alone. */
final class FailoverDraft {
    /** After a switch the first acknowledgement is waited for no longer than this: there may be no writes. */
    static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** Nor the last parked reply of a primary that was kept: others may be parked for other reasons. */
    static final long UNPARK_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    /** Held requests are let go little by little; so long after the switch what is held is not its doing any more. */
    static final long RELEASE_NANOS_MAX = TimeUnit.SECONDS.toNanos(30);

    /** A primary called down by somebody, and nothing came of it for so long, is not failing over. */
    static final long RUMOUR_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** A pause shorter than this because of a mere suspicion is noticed by nobody. */
    static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final NodeAddress from;
    private final long fromEpoch;
    private final long beginNanos;
    private final String evidence;
    private final Impact before;

    /** Of the claim of {@link #from}. */
    private final Acknowledged acknowledged;

    private final Map<Phase, Long> instants = new EnumMap<>(Phase.class);

    // At most one entry per node that is watched.
    private final Map<NodeAddress, Long> saidPrimary = new HashMap<>();

    private @Nullable NodeAddress to;
    private @Nullable StreamAtRisk atRisk;
    private boolean suspected;
    private boolean unheard;
    private long epoch;
    private long lastNanos;
    private long longestWaitNanos;

    /**
     * One that has just begun.
     *
     * @param before what the data plane had counted before any of it could be felt
     */
    FailoverDraft(
            NodeAddress from, long epoch, String evidence, Impact before, Acknowledged acknowledged, long nowNanos) {
        this.from = from;
        this.fromEpoch = epoch;
        this.epoch = epoch;
        this.evidence = evidence;
        this.before = before;
        this.acknowledged = acknowledged;
        this.beginNanos = nowNanos;
        this.lastNanos = nowNanos;
    }

    NodeAddress from() {
        return from;
    }

    boolean has(Phase phase) {
        return instants.containsKey(phase);
    }

    /** Only the first time counts: several sentinels say the same. */
    void seen(Phase phase, long nowNanos) {
        instants.putIfAbsent(phase, nowNanos);
        lastNanos = nowNanos;
    }

    /** Somebody cannot reach the primary, or calls it down: if it is replaced now, nobody planned that. */
    void suspected() {
        suspected = true;
        instants.remove(Phase.KEPT);
    }

    /** Too few sentinels are heard to tell who suspects it: that nobody did is then not known. */
    void unheard() {
        unheard = true;
    }

    /** Whether the primary was replaced though nobody missed it, as far as can be told. */
    private boolean planned() {
        boolean ordered = has(Phase.HELD); // by this proxy's switchover, whoever else is heard
        return succeeded() && !suspected && (ordered || !unheard);
    }

    /** The suspicion was refuted; unless another follows, or a successor after all, that was it. */
    void kept(long nowNanos) {
        instants.put(Phase.KEPT, nowNanos);
        lastNanos = nowNanos;
    }

    /** Writes are not let through, or not to the primary that was suspected. */
    void notKept() {
        instants.remove(Phase.KEPT);
    }

    /** A successor that is fenced as it is adopted, until an operator releases it: nothing is sent to it yet. */
    void notCutOver() {
        instants.remove(Phase.CUT_OVER);
    }

    /** Whether writes have gone to a successor, so that what comes now belongs to another failover. */
    boolean cutOverBefore(long nowNanos) {
        Long cutOverNanos = instants.get(Phase.CUT_OVER);
        return cutOverNanos != null && cutOverNanos < nowNanos;
    }

    void saidPrimary(NodeAddress node, long nowNanos) {
        saidPrimary.putIfAbsent(node, nowNanos);
    }

    void atRisk(StreamAtRisk risk) {
        atRisk = risk;
    }

    /** Its own word for the promotion is older than the sentinels', who look once a second. */
    void succeeded(ClaimAdopted claim) {
        notKept();
        to = claim.primary();
        epoch = claim.epoch();
        Long promotedNanos = saidPrimary.get(to);
        if (promotedNanos != null && !claim.primary().equals(from)) {
            instants.merge(Phase.PROMOTION, promotedNanos, Math::min);
        }
    }

    boolean succeeded() {
        return to != null;
    }

    /**
     * Takes in what the data plane tells of it; notes its end if that has come.
     *
     * @param well whether writes are let through, and the primary answers
     */
    void look(Accounts accounts, boolean well, long nowNanos) {
        if (has(Phase.CUT_OVER)) {
            lookForFirstAcknowledgement(accounts);
            long sinceNanos = nowNanos - instant(Phase.CUT_OVER);
            boolean served = has(Phase.FIRST_ACK) || sinceNanos >= AFTERMATH_NANOS;
            if (sinceNanos >= RELEASE_NANOS_MAX || (accounts.held() == 0 && served)) {
                released(accounts, instant(has(Phase.SENT_AHEAD) ? Phase.SENT_AHEAD : Phase.CUT_OVER));
            }
        } else if (has(Phase.KEPT)) {
            long sinceNanos = nowNanos - instant(Phase.KEPT);
            boolean unparked = accounts.parked() == 0 || sinceNanos >= UNPARK_NANOS_MAX;
            if (sinceNanos >= RELEASE_NANOS_MAX || (sinceNanos > 0 && accounts.held() == 0 && unparked)) {
                released(accounts, instant(Phase.KEPT));
            }
        } else if (well && !has(Phase.FENCE) && nowNanos - lastNanos >= RUMOUR_NANOS) {
            kept(nowNanos);
        }
    }

    private void lookForFirstAcknowledgement(Accounts accounts) {
        long nanos = accounts.firstAcknowledgedNanos(epoch);
        if (nanos != Instants.UNKNOWN) {
            seen(Phase.FIRST_ACK, nanos);
        }
    }

    private void released(Accounts accounts, long overNanos) {
        if (accounts.lastHoldEndNanos() >= overNanos) {
            seen(Phase.RELEASED, accounts.lastHoldEndNanos());
        }
        end();
    }

    /** Another failover begins, or nothing is left of this one: it ended with the last that was seen of it. */
    void end() {
        instants.put(
                Phase.END,
                instants.values().stream().max(Comparator.naturalOrder()).orElse(beginNanos));
    }

    private long instant(Phase phase) {
        return instants.getOrDefault(phase, beginNanos);
    }

    /** Whether anybody noticed. */
    boolean felt(Failover asItStands) {
        Impact impact = asItStands.impact();
        long waitedNanos = Math.max(asItStands.pauseNanos(), impact.longestWaitNanos());
        return succeeded() || (impact.held() + impact.parked() > 0 && waitedNanos >= MOMENT_NANOS);
    }

    Failover failover(Accounts accounts) {
        Impact totals = accounts.totals();
        longestWaitNanos = Math.max(longestWaitNanos, totals.longestWaitNanos());
        StreamAtRisk risk = atRisk;
        return new Failover(
                from,
                to,
                epoch,
                planned(),
                beginNanos,
                evidence,
                instants,
                totals.since(before, longestWaitNanos),
                risk == null ? null : new AtRisk(risk, acknowledged.lossOf(risk, accounts.writes(fromEpoch))));
    }
}
