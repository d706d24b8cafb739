package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one sentinel said over its current connection, and what that proves for the claim in use. The package's
 * description derives why.
 *
 * <p>Invariants: {@link #supportedNanos} is the instant before a query was written to which this sentinel answered in
 * support, and {@link #unpromotedNanos} one to which it answered that its failover had promoted nobody; both are facts that
 * no later message can undo. {@link #aliveNanos} and {@link #chainNanos} speak about the
 * future and are void as soon as something contradicts them.
 */
final class SentinelView {
    private static final long NO_LINK = -1;

    private final NodeAddress address;
    private final boolean configured;
    private final Ballots ballots = new Ballots();
    private final Leading leading = new Leading();

    private long namedNanos;
    private long link = NO_LINK;
    private boolean up;
    private boolean tried;
    private long lostNanos = Instants.UNKNOWN;
    private @Nullable Fault fault;
    private String lostReason = "";

    private @Nullable SentinelState state;
    private @Nullable Claim named;
    private long writtenNanos = Instants.UNKNOWN;
    private long readNanos = Instants.UNKNOWN;
    private boolean reported;

    /** The node that it said it turned to, until it is heard again. */
    private @Nullable NodeAddress announced;

    private long voidNanos = Instants.UNKNOWN;
    private boolean setUpUnknown;
    private boolean namesSuccessor;
    private long opposedNanos = Instants.UNKNOWN;

    private long supportedNanos = Instants.UNKNOWN;
    private long unpromotedNanos = Instants.UNKNOWN;
    private long aliveNanos = Instants.UNKNOWN;
    private long chainNanos = Instants.UNKNOWN;
    private long tiltedNanos = Instants.UNKNOWN;

    SentinelView(NodeAddress address, boolean configured, long nowNanos) {
        this.address = address;
        this.configured = configured;
        this.namedNanos = nowNanos;
    }

    /**
     * Takes a report.
     *
     * @return how it was received; a late one changed nothing
     */
    NodeView.Reception hear(Event.SentinelReport event) {
        NodeView.Reception reception = enter(event.link());
        if (reception != NodeView.Reception.LATE) {
            if (state != null && !state.sentinelRunId().equals(event.state().sentinelRunId())) {
                startAnew(); // another sentinel answers at this address now
                ballots.memoryLost();
            }
            state = event.state();
            announced = null;
            if (!state.knowsShard()) {
                ballots.memoryLost();
            }
            setUpUnknown &= event.writtenNanos() < voidNanos;
            named = claimOf(event.state());
            writtenNanos = event.writtenNanos();
            readNanos = event.readNanos();
            reported = true;
            if (state.tilt()) {
                tilted(readNanos);
            }
            ballots.reported(state.vote(), state.configEpoch(), writtenNanos, readNanos);
        }
        return reception;
    }

    /** True if the message came over the current connection. */
    NodeView.Reception hear(Event.SentinelMessage event) {
        return enter(event.link());
    }

    /**
     * True if that is news: a connection that was up is lost, or none could be had for a reason of another kind. A server
     * that refused us said more than the connection that breaks at the next attempt.
     */
    boolean lose(Event.SentinelLost event, long nowNanos) {
        if (event.link() < link) {
            return false;
        }
        link = event.link();
        boolean was = up;
        boolean news = fault == null || (event.fault() != fault && event.fault() != Fault.UNREACHABLE);
        up = false;
        tried = true;
        reported = false;
        announced = null;
        if (news) {
            fault = event.fault();
            lostReason = event.reason();
        }
        if (was) {
            lostNanos = nowNanos;
            named(nowNanos); // it named itself until now
        }
        breakChain();
        ballots.interrupted();
        return news;
    }

    private NodeView.Reception enter(long eventLink) {
        if (eventLink < link || (eventLink == link && !up)) {
            return NodeView.Reception.LATE;
        }
        if (eventLink == link) {
            return NodeView.Reception.HEARD;
        }
        link = eventLink;
        up = true;
        tried = true;
        reported = false;
        announced = null;
        lostNanos = Instants.UNKNOWN;
        fault = null;
        leading.connected();
        breakChain();
        ballots.interrupted();
        return NodeView.Reception.NEW_LINK;
    }

    /** Nothing counts until the sentinel has answered a query written after this instant. */
    void voidUntilAsked(long heardNanos) {
        voidNanos = Math.max(voidNanos, heardNanos);
        aliveNanos = Instants.UNKNOWN;
        announced = null;
    }

    /** The sentinel may have held the primary down, or was reconfigured: its unbroken word starts anew. */
    void breakChain() {
        chainNanos = Instants.UNKNOWN;
        aliveNanos = Instants.UNKNOWN;
    }

    /** It was in TILT at some time up to this instant. */
    void tilted(long heardNanos) {
        tiltedNanos = Math.max(tiltedNanos, heardNanos);
    }

    void knowsEpoch(long epoch) {
        leading.knowsEpoch(epoch);
    }

    /** It leads a failover, to this node; null while it has not said to which. */
    void leads(@Nullable NodeAddress node, long heardNanos) {
        leading.begun(node);
        opposedNanos = Math.max(opposedNanos, heardNanos);
    }

    /** It names a successor; if it led the failover that made it one, that is done. */
    void promoted(long heardNanos) {
        leading.ended();
        namesSuccessor = true;
        opposedNanos = Math.max(opposedNanos, heardNanos);
    }

    /**
     * It turned to this node. What it names from now on it will say in its next report; until then it names nothing, so that
     * it is not taken for one that is behind.
     */
    void switchedTo(NodeAddress node) {
        if (reported) {
            announced = node;
            named = null;
        }
    }

    /**
     * True if it has turned to the claim's node since its last report, which was of an earlier epoch: it did so after that
     * was asked for, and all that it voted before was heard before.
     */
    private boolean announces(Claim claim) {
        SentinelState before = state;
        return up
                && before != null
                && claim.primary().equals(announced)
                && before.configEpoch() < claim.epoch()
                && !leading.leads()
                && ballots.noneAbove(claim.epoch());
    }

    /** Its quorum and its {@code down-after} may be others than it last reported. */
    void reconfigured() {
        setUpUnknown = true;
    }

    boolean setUpUnknown() {
        return setUpUnknown;
    }

    /** Another process stands for the claim in use: what was proven for the one before says nothing of it. */
    void startAnew() {
        supportedNanos = Instants.UNKNOWN;
        unpromotedNanos = Instants.UNKNOWN;
        breakChain();
    }

    /** This claim is in use. A successor that was named may be the one in use now. */
    void startClaim(Claim claim) {
        startAnew();
        namesSuccessor = false;
        leading.claimed(claim);
    }

    /** Weighs the last report for the claim in use, whose process is {@code runId}. */
    void weigh(Claim claim, String runId) {
        weighOpposition(claim);
        if (announces(claim)) {
            supportedNanos = Math.max(supportedNanos, writtenNanos);
        }
        SentinelState said = freshState();
        if (said == null) {
            return;
        }
        if (standsBy(said, claim, runId) && said.hasPromotedNobody()) {
            unpromotedNanos = writtenNanos;
        }
        if (!supports(claim, runId)) {
            breakChainUnlessOnlyVoting(said, claim);
            return;
        }
        supportedNanos = Math.max(supportedNanos, writtenNanos);
        if (holdsDown(said)) {
            breakChain();
            return;
        }
        if (chainNanos == Instants.UNKNOWN) {
            chainNanos = readNanos;
        }
        aliveNanos = writtenNanos - Math.max(0, said.lastOkPingReplyNanos());
    }

    /** A report that is void for support still counts against the claim; only one that is not takes opposition back. */
    private void weighOpposition(Claim claim) {
        SentinelState said = state;
        if (said == null || !reported) {
            return;
        }
        boolean leads = said.failingOver();
        boolean names = said.configEpoch() > claim.epoch();
        boolean current = writtenNanos >= Math.max(opposedNanos, voidNanos);
        leading.reported(leads, current);
        namesSuccessor = names || (namesSuccessor && !current);
        if (leads || names) {
            opposedNanos = Math.max(opposedNanos, readNanos);
        }
    }

    /** A live vote withdraws support, but says nothing of whether the sentinel held the primary down. */
    private void breakChainUnlessOnlyVoting(SentinelState said, Claim claim) {
        aliveNanos = Instants.UNKNOWN;
        if (!names(said, claim) || holdsDown(said)) {
            breakChain();
        }
    }

    /**
     * True if this sentinel's last report, or what it announced since, supports {@code claim} for the process {@code runId},
     * and no vote speaks against.
     */
    boolean supports(Claim claim, String runId) {
        SentinelState said = freshState();
        if (announces(claim)) {
            return true;
        }
        return said != null && standsBy(said, claim, runId) && !said.failingOver() && ballots.noneAbove(claim.epoch());
    }

    /** True if the report names the claim and this process, whatever it says of failovers and votes. */
    private static boolean standsBy(SentinelState said, Claim claim, String runId) {
        return names(said, claim) && said.roleReported().equals("master") && sees(said, runId);
    }

    /** True if this sentinel is heard, and its last report supports the claim or is void until it was asked again. */
    boolean maySupport(Claim claim, String runId) {
        return up && (freshState() == null || supports(claim, runId));
    }

    /** True if this sentinel answered, no earlier than asked at {@code sinceNanos}, that it leads no failover in that epoch. */
    boolean deniesLeading(long epoch, @Nullable NodeAddress primary, long sinceNanos) {
        SentinelState said = freshState();
        return said != null
                && writtenNanos >= sinceNanos
                && !said.failingOver()
                && said.configEpoch() < epoch
                && Objects.equals(said.primary(), primary);
    }

    private static boolean names(SentinelState said, Claim claim) {
        return claim.primary().equals(said.primary()) && said.configEpoch() == claim.epoch();
    }

    /**
     * A sentinel that has just switched has no run id yet, which contradicts nothing. One that still reconfigures reports
     * the run id of the primary it replaces; were it the one of the node it names, name and epoch would come from two
     * sides of the promotion.
     */
    private static boolean sees(SentinelState said, String runId) {
        if (said.reconfiguring()) {
            return !said.runId().equals(runId);
        }
        return said.runId().isEmpty() || said.runId().equals(runId);
    }

    private static boolean holdsDown(SentinelState said) {
        return said.flags().contains("s_down")
                || said.flags().contains("o_down")
                || said.flags().contains("master_reboot")
                || said.tilt();
    }

    /** The last report, if it came over the current connection and was asked for after all that made reports void. */
    @Nullable SentinelState freshState() {
        return up && reported && writtenNanos >= voidNanos ? state : null;
    }

    /** The last report of all, from before the connection broke if need be; for what changes seldom. */
    @Nullable SentinelState lastState() {
        return state;
    }

    /** The claim that the last report over the current connection names, void or not; null if none. */
    @Nullable Claim namedClaim() {
        return reported ? named : null;
    }

    private static @Nullable Claim claimOf(SentinelState said) {
        NodeAddress primary = said.primary();
        return primary == null ? null : new Claim(primary, said.configEpoch());
    }

    /** True if it names a claim of an epoch below that of {@code used}. */
    boolean isBehind(Claim used) {
        Claim named = namedClaim();
        return named != null && named.epoch() < used.epoch();
    }

    void named(long nowNanos) {
        namedNanos = nowNanos;
    }

    /**
     * True if nothing names this sentinel any more. One that is heard names itself by that, since no sentinel lists itself;
     * one that opposes, or has a vote that may still elect somebody, is waited for as long as that is.
     */
    boolean unnamed(long nowNanos) {
        return !configured && !up && !opposes() && ballots.allSettled() && nowNanos - namedNanos > Limits.FORGET_NANOS;
    }

    /** True if this sentinel opposes, or did when it was last heard and may still. */
    boolean opposes() {
        return leading.against(up) || namesSuccessor;
    }

    /** True if what it opposed with is to be taken as abandoned: nobody could ask it for so long. */
    boolean abandonedOpposition(long limitNanos, long nowNanos) {
        return opposes() && !up && lostNanos != Instants.UNKNOWN && nowNanos - lostNanos >= limitNanos;
    }

    void dropOpposition() {
        leading.ended();
        namesSuccessor = false;
    }

    NodeAddress address() {
        return address;
    }

    boolean up() {
        return up;
    }

    /** True once the sentinel answered or failed to. */
    boolean tried() {
        return tried;
    }

    /** Why there is no connection to the sentinel; null while there is one, and before the first attempt ended. */
    @Nullable Fault fault() {
        return fault;
    }

    String lostReason() {
        return lostReason;
    }

    /** True if others list this sentinel, and it has never said anything itself. */
    boolean ghost() {
        return !configured && state == null;
    }

    /** True if its last report over the current connection says that it watches no shard of this name. */
    boolean reportsNoShard() {
        SentinelState said = state;
        return reported && said != null && !said.knowsShard();
    }

    Ballots ballots() {
        return ballots;
    }

    /** True if it is not known to fail over, or to have voted, against the claim of {@code epoch}, whoever has it. */
    boolean accepts(long epoch) {
        return !leading.against(up) && ballots.noneAbove(epoch);
    }

    Opposition opposition() {
        if (namesSuccessor) {
            return Opposition.NAMES_SUCCESSOR;
        }
        return leading.against(up) ? Opposition.FAILING_OVER : Opposition.NONE;
    }

    long opposedNanos() {
        return opposedNanos;
    }

    long writtenNanos() {
        return writtenNanos;
    }

    long readNanos() {
        return readNanos;
    }

    long supportedNanos() {
        return supportedNanos;
    }

    /** Of one that opposes: the latest instant at which it is known to have had nobody else for primary, nor made anybody. */
    long unopposedNanos() {
        return Math.max(supportedNanos, unpromotedNanos);
    }

    /** An instant at which the primary provably answered this sentinel's ping; unknown where no lease may rest on it. */
    long aliveNanos() {
        return aliveNanos;
    }

    /** When this sentinel was last known to be in TILT, in which it keeps the others' old down-answers. */
    long tiltedNanos() {
        return tiltedNanos;
    }

    /** Since when this sentinel has, without a break, not held the primary down. */
    long chainNanos() {
        return chainNanos;
    }
}
