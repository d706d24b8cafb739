package io.tidegate.routing.engine;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable.Successor;
import io.tidegate.routing.engine.EngineSettings.Fence;
import io.tidegate.routing.engine.EngineSettings.Topology;
import io.tidegate.routing.engine.SentinelMessage.Effect;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The arbiter where sentinels vote: hears them, adopts what a majority names, and proves what is in use. */
final class SentinelArbiter implements Arbiter {
    private final Shard shard;
    private final Topology.Sentinel topology;
    private final Map<NodeAddress, SentinelView> views = new LinkedHashMap<>();
    private final NamedClaims named = new NamedClaims(views.values());
    private final Successors successors;
    private final Elections elections;
    private final Unheard unheard;
    private final OperatorsWord operatorsWord = new OperatorsWord();
    private Electorate electorate;
    private Identities identities;
    private long confirmedNanos = Instants.UNKNOWN;

    /** As of the last judgement; nothing but an event, which is followed by another, can change it. */
    private long leaseNanos = Instants.UNKNOWN;

    SentinelArbiter(Shard shard, Topology.Sentinel topology) {
        this.shard = shard;
        this.topology = topology;
        this.successors = new Successors(shard);
        this.elections = new Elections(shard);
        this.unheard = new Unheard(shard, elections);
        this.identities = Identities.of(views.values());
        this.electorate = Electorate.of(views.values(), topology.sentinels().size());
    }

    @Override
    public void start(long nowNanos) {
        topology.sentinels().forEach(address -> watch(address, true, nowNanos));
    }

    private void watch(NodeAddress address, boolean configured, long nowNanos) {
        SentinelView known = views.get(address);
        if (known != null) {
            known.named(nowNanos);
        } else if (views.size() < shard.settings().nodesMax()) {
            views.put(address, new SentinelView(address, configured, nowNanos));
            shard.outbox().add(new Action.WatchSentinel(address));
        } else {
            shard.warnings()
                    .once(
                            WarningKind.TOO_MANY,
                            "sentinel " + address + " is not watched: sentinels: " + (views.size() + 1)
                                    + " (expected: <= " + shard.settings().nodesMax() + ")");
        }
    }

    @Override
    public void hear(Event.SentinelReport event, long nowNanos) {
        SentinelView view = views.get(event.sentinel());
        if (view == null || !received(view, view.hear(event))) {
            return;
        }
        SentinelState said = event.state();
        NodeAddress primary = said.primary();
        if (primary != null && shard.nodes().namePrimary(primary, shard.claims().primary(), nowNanos) != null) {
            successors.named(new Claim(primary, said.configEpoch()), event.readNanos());
        }
        nameListed(said, nowNanos);
        if (view.ballots().latestSeenNanos(shard.claims().epoch()) == event.readNanos()) {
            doubt(event.readNanos(), view.address() + " voted above the epoch in use");
        }
    }

    private void nameListed(SentinelState said, long nowNanos) {
        List<NodeAddress> replicas = said.replicas();
        if (replicas != null) {
            replicas.forEach(address -> shard.nodes().name(address, nowNanos));
            shard.nodes().forgetUnnamed(shard.claims().primary(), nowNanos);
        }
        List<NodeAddress> others = said.sentinels();
        if (others != null) {
            others.forEach(address -> watch(address, false, nowNanos));
            forgetUnnamed(nowNanos);
        }
    }

    private void forgetUnnamed(long nowNanos) {
        List<SentinelView> unnamed =
                views.values().stream().filter(view -> view.unnamed(nowNanos)).toList();
        for (SentinelView view : unnamed) {
            views.remove(view.address());
            shard.outbox().add(new Action.ForgetSentinel(view.address()));
        }
    }

    @Override
    public void hear(Event.SentinelMessage event, long nowNanos) {
        SentinelView view = views.get(event.sentinel());
        if (view == null || !received(view, view.hear(event))) {
            return;
        }
        SentinelMessage message = SentinelMessage.parse(event.channel(), event.payload());
        if (message.shard() != null && !message.shard().equals(topology.shardName())) {
            return;
        }
        if (message.has(Effect.TELL)) {
            shard.outbox().tell(new Notice.SentinelSaid(view.address(), event.channel(), event.payload()));
        }
        if (message.has(Effect.VOID)) {
            view.voidUntilAsked(event.readNanos());
        }
        if (message.has(Effect.BREAK_CHAIN)) {
            view.breakChain();
        }
        if (message.has(Effect.RECONFIGURED)) {
            view.reconfigured();
        }
        if (message.has(Effect.FORGETS_VOTES)) {
            view.ballots().memoryLost();
        }
        if (message.has(Effect.TILT)) {
            view.tilted(event.readNanos());
        }
        if (message.has(Effect.ASK)) {
            shard.outbox().askSentinels();
        }
        NodeAddress node = message.node();
        if (message.has(Effect.ASK_NODE) && node != null && shard.nodes().name(node, nowNanos) != null) {
            shard.outbox().ask(node);
        }
        act(view, message, event, nowNanos);
    }

    private void act(SentinelView view, SentinelMessage message, Event.SentinelMessage event, long nowNanos) {
        String evidence = view.address() + " said " + event.channel() + " " + event.payload();
        if (message.has(Effect.VOTE)) {
            SentinelState.Vote vote = SentinelMessage.vote(event.payload());
            if (vote != null) {
                view.ballots().announced(vote.leader(), vote.epoch(), event.readNanos());
            }
        }
        if (message.has(Effect.NEW_EPOCH)) {
            view.knowsEpoch(SentinelMessage.epoch(event.payload()));
        }
        if (message.has(Effect.LEADS)) {
            view.leads(message.aboutPrimary() ? null : message.node(), event.readNanos());
        }
        if (message.has(Effect.DOUBT)) {
            doubt(event.readNanos(), evidence);
        }
        NodeAddress successor = message.node();
        if (message.has(Effect.SWITCHED) && successor != null) {
            view.switchedTo(successor);
        }
        if (message.has(Effect.SUCCESSOR)
                && successor != null
                && !successor.equals(shard.claims().primary())) {
            view.promoted(event.readNanos());
            if (shard.nodes().namePrimary(successor, shard.claims().primary(), nowNanos) != null) {
                shard.outbox().ask(successor);
            }
            shard.doubt().ofSentinels(event.readNanos());
            raise(Sign.SUCCESSOR, evidence);
        }
    }

    @Override
    public void hear(Event.SentinelLost event, long nowNanos) {
        SentinelView view = views.get(event.sentinel());
        if (view != null && view.lose(event, nowNanos)) {
            shard.outbox().tell(new Notice.SentinelLinkChanged(view.address(), false, event.reason()));
        }
    }

    private boolean received(SentinelView view, NodeView.Reception reception) {
        if (reception == NodeView.Reception.NEW_LINK) {
            shard.outbox().tell(new Notice.SentinelLinkChanged(view.address(), true, "answers"));
        }
        return reception != NodeView.Reception.LATE;
    }

    private void doubt(long heardNanos, String evidence) {
        shard.doubt().ofSentinels(heardNanos);
        raise(Sign.DOUBT, evidence);
    }

    private void raise(Sign sign, String evidence) {
        if (shard.claims().used() != null) {
            shard.raise(sign, evidence);
        }
    }

    @Override
    public void tick(long nowNanos) {
        unheard.giveUp(views.values(), electorate, nowNanos);
        if (shard.state() != ShardState.SERVING) {
            shard.outbox().askSentinels();
            successors.ask();
        }
    }

    @Override
    public void paused(long nowNanos) {
        views.values().forEach(view -> view.voidUntilAsked(nowNanos));
        shard.outbox().askSentinels();
    }

    @Override
    public boolean primaryRestarted(Claim used, ReplicationInfo primary, long nowNanos) {
        shard.claims().begin(primary);
        if (shard.voted()) {
            doubt(nowNanos, used.primary() + " was restarted");
        }
        confirmedNanos = Instants.UNKNOWN;
        views.values().forEach(SentinelView::startAnew);
        shard.outbox().askSentinels();
        return false;
    }

    @Override
    public void askForEvidence(long nowNanos) {
        shard.outbox().askSentinels();
    }

    @Override
    public void judge(long nowNanos) {
        identities = Identities.of(views.values());
        electorate = Electorate.of(
                views.values(), identities.count(), topology.sentinels().size());
        elections.settle(views.values(), identities, electorate, nowNanos);
        adoptProven();
        weigh();
        withdrawOvertaken();
        Claim used = shard.claims().used();
        if (used == null) {
            judgeUnclaimed();
        } else {
            judgeClaimed(used, nowNanos);
        }
        successors.expect(
                named.highest(), epoch -> views.values().stream().allMatch(view -> view.accepts(epoch)), nowNanos);
    }

    @Override
    public @Nullable Successor successor() {
        return successors.expected();
    }

    @Override
    public List<Finding> findings() {
        List<Finding> found = SentinelFindings.of(
                views.values(),
                identities,
                electorate,
                topology.shardName(),
                shard.settings().leaseMarginNanos(),
                shard.claims().used());
        found.addAll(unheard.findings(views.values(), electorate));
        return found;
    }

    private void adoptProven() {
        Claim highest = named.highest();
        if (highest == null || highest.epoch() <= shard.claims().epoch()) {
            return;
        }
        ReplicationInfo word = successors.word(highest);
        if (word != null && supporters(highest, word.runId()) >= electorate.majority()) {
            use(
                    highest,
                    word,
                    supporters(highest, word.runId()) + " of " + electorate.size() + " sentinels name " + highest);
            doubtIfOneVotedAbove(highest);
        }
    }

    /** A majority may have said what it did before the next election began, of which one has told. */
    private void doubtIfOneVotedAbove(Claim used) {
        for (SentinelView view : views.values()) {
            long seenNanos = view.ballots().latestSeenNanos(used.epoch());
            if (seenNanos != Instants.UNKNOWN) {
                doubt(seenNanos, view.address() + " voted above the epoch in use");
            }
        }
    }

    private void use(Claim claim, ReplicationInfo word, String evidence) {
        shard.adopt(claim, word, evidence);
        confirmedNanos = Instants.UNKNOWN;
        views.values().forEach(view -> view.startClaim(claim));
        shard.outbox().askSentinels();
    }

    private int supporters(Claim claim, String runId) {
        return identities.count(view -> view.supports(claim, runId));
    }

    private void weigh() {
        Claim used = shard.claims().used();
        if (used != null) {
            views.values().forEach(view -> view.weigh(used, shard.claims().runId()));
            confirmedNanos = Math.max(confirmedNanos, Proof.confirmedNanos(identities, electorate));
        }
        long tilted = Instants.UNKNOWN;
        boolean setUpKnown = true;
        for (SentinelView view : views.values()) {
            tilted = Math.max(tilted, view.tiltedNanos());
            setUpKnown &= !view.setUpUnknown();
        }
        leaseNanos = !setUpKnown
                ? Instants.UNKNOWN
                : Proof.leaseNanos(identities, electorate, shard.settings().leaseMarginNanos(), tilted);
    }

    private void judgeUnclaimed() {
        Claim highest = named.highest();
        Claim rival = highest == null ? null : named.rivalOf(highest);
        if (rival != null) {
            shard.raise(Sign.CONFLICT, "sentinels name both " + highest + " and " + rival.primary());
        } else {
            shard.raise(Sign.WITHDRAWN, "no sentinel names a second primary any more");
        }
    }

    private void judgeClaimed(Claim used, long nowNanos) {
        judgeConflict(used, nowNanos);
        boolean opposed = false;
        for (SentinelView view : views.values()) {
            if (view.opposes()) {
                opposed = true;
                shard.doubt().ofSentinels(view.opposedNanos());
                shard.raise(
                        view.opposition() == Opposition.NAMES_SUCCESSOR ? Sign.SUCCESSOR : Sign.DOUBT,
                        view.address() + " " + view.opposition().words());
            }
        }
        doubtIfTooFewAreLeft(used, nowNanos);
        NodeView promoted = successors.promoted(nowNanos);
        if (promoted != null) {
            doubt(nowNanos, promoted.address() + " says primary, and its history is " + used.primary() + "'s");
        }
        NodeView primary = shard.primary();
        boolean demoted = primary != null && primary.saysReplica();
        if (demoted) {
            shard.doubt().ofNode(nowNanos);
            doubt(nowNanos, used.primary() + " says replica");
        }
        if (!opposed && !demoted && shard.state() != ShardState.SERVING) {
            reassure(used, primary, nowNanos);
        }
    }

    /** A write that no confirmation can follow is better held than sent. */
    private void doubtIfTooFewAreLeft(Claim used, long nowNanos) {
        if (!shard.voted() || shard.state() != ShardState.SERVING) {
            return;
        }
        String runId = shard.claims().runId();
        int likely = identities.count(view -> view.maySupport(used, runId));
        if (likely < electorate.toConfirm() && evidenceNanos(farthest(), nowNanos) < nowNanos) {
            doubt(
                    nowNanos,
                    likely + " of " + electorate.size() + " sentinels are left to support " + used + " (expected: >= "
                            + electorate.toConfirm() + ")");
        }
    }

    /** How far what is proven in advance may reach. */
    private long farthest() {
        return shard.fence() == Fence.LEASE ? Instants.FOREVER : Instants.UNKNOWN;
    }

    /** An operator is asked no more once the sentinels agree, and anew if they say what they did not say then. */
    private void withdrawOvertaken() {
        Claim used = shard.claims().used();
        if (used != null
                && operatorsWord.standsFor(used)
                && (supporters(used, shard.claims().runId()) >= electorate.majority()
                        || !named.all().stream().allMatch(operatorsWord::knew))) {
            operatorsWord.withdraw();
        }
    }

    private void judgeConflict(Claim used, long nowNanos) {
        if (operatorsWord.standsFor(used)) {
            return;
        }
        Claim rival = named.rivalOf(used);
        int behind = identities.count(view -> view.isBehind(used));
        if (behind >= electorate.majority()) {
            conflict("the epochs of " + behind + " sentinels are below the one in use", nowNanos);
        } else if (rival != null && supporters(used, shard.claims().runId()) < electorate.majority()) {
            conflict("sentinels name both " + used + " and " + rival.primary(), nowNanos);
        }
    }

    private void conflict(String evidence, long nowNanos) {
        if (shard.state() != ShardState.SPLIT) {
            shard.doubt().ofSentinels(nowNanos);
            shard.raise(Sign.CONFLICT, evidence);
        }
    }

    private void reassure(Claim used, @Nullable NodeView primary, long nowNanos) {
        boolean saysSo = shard.doubt().deniedByNode(primary == null ? Instants.UNKNOWN : primary.saidPrimaryNanos());
        boolean agreed = shard.state() != ShardState.SPLIT
                || supporters(used, shard.claims().runId()) >= electorate.majority();
        if (saysSo && operatorsWord.standsFor(used)) {
            if (successors.settled(nowNanos) && nobodyVotesAbove(used)) {
                shard.raise(Sign.REASSURED, "an operator says that " + used.primary() + " is primary, and it does too");
            }
            return;
        }
        if (saysSo
                && agreed
                && confirmedNanos != Instants.UNKNOWN
                && shard.doubt().deniedBySentinels(confirmedNanos)
                && successors.settled(nowNanos)) {
            shard.raise(Sign.REASSURED, electorate.toConfirm() + " sentinels confirm " + used);
        }
    }

    private boolean nobodyVotesAbove(Claim used) {
        return views.values().stream().allMatch(view -> view.ballots().noneAbove(used.epoch()));
    }

    @Override
    public long evidenceNanos(long horizonNanos, long nowNanos) {
        long proven = operatorsWord.standsFor(shard.claims().used())
                ? shard.ownWordNanos(nowNanos)
                : Math.max(confirmedNanos, Math.min(leaseNanos, horizonNanos));
        for (SentinelView view : views.values()) {
            if (view.opposes()) {
                proven = Math.min(proven, view.unopposedNanos());
            }
        }
        NodeView primary = shard.primary();
        if (primary != null && primary.saidReplicaLast()) {
            proven = Math.min(proven, primary.saidPrimaryNanos());
        }
        return Math.min(proven, successors.cappedNanos(nowNanos));
    }

    @Override
    public @Nullable String whyNotReleased(NodeView node) {
        if (shard.state() != ShardState.SPLIT) {
            return unheard.whyNotReleased(node, views.values(), electorate);
        }
        boolean known = named.all().stream().anyMatch(claim -> claim.primary().equals(node.address()));
        return known ? null : "no sentinel names it";
    }

    @Override
    public void release(NodeView node, ReplicationInfo word, long askedNanos, long nowNanos) {
        if (shard.state() != ShardState.SPLIT) {
            unheard.release(views.values(), electorate, askedNanos);
            judge(nowNanos);
            return;
        }
        Claim used = shard.claims().used();
        String why = "an operator says that " + node.address() + " is primary";
        if (used != null
                && used.primary().equals(node.address())
                && word.runId().equals(shard.claims().runId())) {
            operatorsWord.given(used, named.all());
            shard.raise(Sign.REASSURED, why);
            return;
        }
        long epoch = named.all().stream()
                .filter(claim -> claim.primary().equals(node.address()))
                .mapToLong(Claim::epoch)
                .max()
                .orElse(0);
        Claim chosen = new Claim(node.address(), Math.max(epoch, shard.claims().epoch() + 1));
        operatorsWord.given(chosen, named.all());
        use(chosen, word, why);
    }
}
