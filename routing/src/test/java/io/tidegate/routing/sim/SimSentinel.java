package io.tidegate.routing.sim;

import static io.tidegate.routing.sim.EventQueue.MILLIS;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RandomSource;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.SentinelState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sentinel for one shard, after sentinel.c of Redis 7: pings and INFO, subjectively and objectively down, votes, epochs
 * spread by hello messages, tilt. Its clock is its own: it starts anywhere and drifts. The failover itself is {@link
 * SentinelFailover}.
 */
final class SimSentinel extends SimProcess {
    static final String SHARD = "mymaster";

    private static final long PING_MILLIS = 1000;
    private static final long INFO_MILLIS = 10_000;
    private static final long INFO_RETRY_MILLIS = 300;
    private static final long PUBLISH_MILLIS = 2000;
    private static final long ASK_MILLIS = 1000;
    static final long DESYNC_MILLIS = 1000;

    String id;
    SentinelSettings settings;
    final Truth truth;
    final RandomSource random;

    private final SimNetwork network;
    final SentinelClock clock;
    private final NodeAddress firstPrimary;
    private final List<SimConnection> subscribers = new ArrayList<>();

    // What survives a restart: it is in the configuration file, written before anybody hears of a change.
    private NodeAddress configuredPrimary;
    private final Set<NodeAddress> knownNodes = new LinkedHashSet<>();
    private final Set<NodeAddress> knownPeers = new LinkedHashSet<>();
    long configEpoch;
    long currentEpoch;
    private long leaderEpoch;

    // What does not.
    private @Nullable String leader;
    SentinelInstance primary;
    final Map<NodeAddress, SentinelInstance> replicas = new LinkedHashMap<>();
    final Map<NodeAddress, SentinelPeer> peers = new LinkedHashMap<>();
    SentinelFailover failover;
    boolean objectivelyDown;

    /** How many others it said that it knows when it was asked last. */
    int toldOthers;

    /** What {@code SENTINEL MONITOR} and {@code SENTINEL SET} would say. */
    record SentinelSettings(int quorum, long downAfterMillis, long failoverTimeoutMillis) {
        SentinelSettings withQuorum(int other) {
            return new SentinelSettings(other, downAfterMillis, failoverTimeoutMillis);
        }

        SentinelSettings withDownAfter(long otherMillis) {
            return new SentinelSettings(quorum, otherMillis, failoverTimeoutMillis);
        }
    }

    /** What sentinels tell one another of a shard. */
    record Hello(NodeAddress sentinel, long currentEpoch, NodeAddress primary, long configEpoch) {}

    SimSentinel(
            NodeAddress address,
            List<NodeAddress> nodes,
            List<NodeAddress> sentinels,
            SentinelSettings settings,
            SimNetwork network,
            RandomSource random,
            Truth truth) {
        super(address, network.queue());
        this.id = "id-of-" + address.host();
        firstPrimary = nodes.get(0);
        knownNodes.addAll(nodes);
        knownPeers.addAll(sentinels);
        knownPeers.remove(address);
        this.settings = settings;
        this.network = network;
        this.random = random;
        this.truth = truth;
        clock = new SentinelClock(queue, random);
        configuredPrimary = firstPrimary;
        primary = instance(configuredPrimary, true);
        failover = new SentinelFailover(this);
        monitor(configuredPrimary);
        later(0, this::tick);
    }

    /** This sentinel's own clock. */
    long millis() {
        return clock.millis();
    }

    @Override
    void crash() {
        failover.end();
        super.crash();
        network.endConnectionsOf(this);
        subscribers.clear();
    }

    @Override
    void restart() {
        super.restart();
        leader = null;
        clock.restart();
        peers.clear();
        failover = new SentinelFailover(this);
        primary = instance(configuredPrimary, true);
        monitor(configuredPrimary);
        later(0, this::tick);
    }

    // Instances.

    private SentinelInstance instance(NodeAddress address, boolean isPrimary) {
        return new SentinelInstance(address, new SentinelLink(this, network, address), isPrimary, millis());
    }

    /** {@code sentinelResetMasterAndChangeAddress}: everything known of the nodes is forgotten, but not that they are. */
    private void monitor(NodeAddress address) {
        knownNodes.add(configuredPrimary);
        knownNodes.add(address);
        configuredPrimary = address;
        SentinelInstance before = primary;
        before.link.close();
        replicas.values().forEach(replica -> replica.link.close());
        replicas.clear();
        primary = instance(address, true);
        primary.follow(before);
        for (NodeAddress node : knownNodes) {
            if (!node.equals(address)) {
                replicas.put(node, instance(node, false));
            }
        }
        knownPeers.forEach(this::know);
        objectivelyDown = false;
        leader = null;
    }

    /**
     * {@code sentinelFlushConfig} as a promotion is acknowledged: the file names the promoted node, so that is what a
     * restart begins with, while this process still watches the one replaced.
     */
    void writeDown(NodeAddress promoted) {
        configuredPrimary = promoted;
    }

    private void know(NodeAddress sentinel) {
        peers.computeIfAbsent(sentinel, to -> new SentinelPeer(to, new SentinelLink(this, network, to), millis()));
    }

    private void forgetPeers() {
        knownPeers.clear();
        peers.values().forEach(peer -> peer.link.close());
        peers.clear();
    }

    void switchTo(NodeAddress promoted) {
        say("+switch-master", SHARD + " " + hostPort(primary.address) + " " + hostPort(promoted));
        failover.end();
        failover = new SentinelFailover(this);
        monitor(promoted);
        replicas.values().forEach(replica -> say("+slave", describe(replica)));
    }

    // The timer.

    private void tick() {
        clock.tick(change -> say(change ? "+tilt" : "-tilt", "#tilt mode " + (change ? "entered" : "exited")));
        handle(primary, true);
        if (!clock.tilt()) {
            checkObjectivelyDown();
            if (failover.startIfNeeded()) {
                askPeers(true);
            }
            failover.step();
            askPeers(false);
        }
        for (SentinelInstance replica : List.copyOf(replicas.values())) {
            handle(replica, false);
        }
        for (SentinelPeer peer : peers.values()) {
            peer.link.reconnectIfDue();
            peer.link.pingIfDue(pingPeriod());
            if (millis() - peer.publishedMillis > PUBLISH_MILLIS) {
                Hello hello = hello();
                if (peer.link.send(over -> ((SimSentinel) over.server()).hear(hello))) {
                    peer.publishedMillis = millis();
                }
            }
            if (!clock.tilt()) {
                peer.link.killIfStuck(settings.downAfterMillis());
            }
        }
        failover.switchIfDone();
        later((50 + random.next(50)) * MILLIS, this::tick);
    }

    private long pingPeriod() {
        return Math.min(PING_MILLIS, settings.downAfterMillis());
    }

    private void handle(SentinelInstance node, boolean isPrimary) {
        node.link.reconnectIfDue();
        boolean close = !isPrimary && (objectivelyDown || failover.inProgress() || node.cutOff);
        if (millis() - node.infoMillis > (close ? 1000 : INFO_MILLIS) || node.infoMillis == 0) {
            askInfo(node);
        }
        node.link.pingIfDue(pingPeriod());
        if (millis() - node.publishedMillis > PUBLISH_MILLIS) {
            Hello hello = hello();
            if (node.link.send(over -> ((SimNode) over.server()).relay(hello))) {
                node.publishedMillis = millis();
            }
        }
        if (!clock.tilt()) {
            checkSubjectivelyDown(node, isPrimary);
        }
    }

    private void askInfo(SentinelInstance node) {
        if (millis() - node.infoAskedMillis < INFO_RETRY_MILLIS) {
            return;
        }
        boolean asked = node.link.send(over -> {
            ReplicationInfo info = ((SimNode) over.server()).info();
            over.toClient(() -> refresh(node, info));
        });
        if (asked) {
            node.infoAskedMillis = millis();
        }
    }

    private void refresh(SentinelInstance node, ReplicationInfo info) {
        if (node.isReboot(info)) {
            say("+reboot", describe(node));
        }
        boolean changed = node.refresh(info, millis());
        if (node == primary && info.primary()) {
            info.replicas().forEach(this::discover);
        }
        if (changed) {
            boolean expected = (node == primary) == info.primary();
            String role = info.primary() ? "master" : "slave";
            say(expected ? "+role-change" : "-role-change", describe(node) + " new reported role is " + role);
        }
        if (!clock.tilt() && node != primary && replicas.get(node.address) == node) {
            failover.learned(node, info);
        }
    }

    /** The primary names its replicas. */
    private void discover(NodeAddress replica) {
        if (!replica.equals(primary.address) && !replicas.containsKey(replica)) {
            knownNodes.add(replica);
            SentinelInstance found = instance(replica, false);
            replicas.put(replica, found);
            say("+slave", describe(found));
        }
    }

    private void checkSubjectivelyDown(SentinelInstance node, boolean isPrimary) {
        node.link.killIfStuck(settings.downAfterMillis());
        boolean silent = node.link.silentMillis() > settings.downAfterMillis();
        boolean demoted = isPrimary
                && !node.primaryReported
                && millis() - node.roleReportedMillis > settings.downAfterMillis() + 2 * INFO_MILLIS;
        boolean down = silent || demoted;
        if (down != node.down) {
            node.down = down;
            if (down) {
                node.downSinceMillis = millis();
            }
            say(down ? "+sdown" : "-sdown", describe(node));
        }
    }

    private void checkObjectivelyDown() {
        int down = 0;
        if (primary.down) {
            down = 1
                    + (int) peers.values().stream()
                            .filter(peer -> peer.saysDown)
                            .count();
        }
        boolean agreed = primary.down && down >= settings.quorum();
        if (agreed != objectivelyDown) {
            objectivelyDown = agreed;
            String votes = agreed ? " #quorum " + down + "/" + settings.quorum() : "";
            say(agreed ? "+odown" : "-odown", describe(primary) + votes);
        }
    }

    boolean primaryLooksSane() {
        return primary.primaryReported
                && !primary.down
                && !objectivelyDown
                && millis() - primary.infoMillis < 2 * INFO_MILLIS;
    }

    // Votes.

    private void askPeers(boolean forced) {
        for (SentinelPeer peer : peers.values()) {
            long since = millis() - peer.answeredMillis;
            if (since > 5 * ASK_MILLIS) {
                peer.saysDown = false;
                peer.leader = null;
            }
            if (!primary.down || (!forced && since < ASK_MILLIS)) {
                continue;
            }
            NodeAddress about = primary.address;
            long epoch = currentEpoch;
            String candidate = failover.inProgress() ? id : "*";
            peer.link.send(over -> {
                SimSentinel asked = (SimSentinel) over.server();
                boolean down = asked.saysDown(about);
                SentinelState.Vote vote = asked.vote(about, epoch, candidate);
                over.toClient(() -> answered(peer, down, vote));
            });
        }
    }

    private void answered(SentinelPeer peer, boolean down, SentinelState.@Nullable Vote vote) {
        peer.answeredMillis = millis();
        peer.saysDown = down;
        if (vote != null) {
            peer.leader = vote.leader();
            peer.leaderEpoch = vote.epoch();
        }
    }

    private boolean saysDown(NodeAddress about) {
        return !clock.tilt() && about.equals(primary.address) && primary.down;
    }

    private SentinelState.@Nullable Vote vote(NodeAddress about, long epoch, String candidate) {
        if (!about.equals(primary.address) || candidate.equals("*")) {
            return null;
        }
        return voteFor(candidate, epoch);
    }

    /** {@code sentinelVoteLeader}: one vote per epoch, and the last one is told to whoever asks. */
    SentinelState.@Nullable Vote voteFor(String candidate, long epoch) {
        if (epoch > currentEpoch) {
            enterEpoch(epoch);
        }
        if (leaderEpoch < epoch && currentEpoch <= epoch) {
            leader = candidate;
            leaderEpoch = currentEpoch;
            say("+vote-for-leader", candidate + " " + leaderEpoch);
            if (!candidate.equals(id)) {
                failover.delay();
            }
        }
        return leader == null ? null : new SentinelState.Vote(leader, leaderEpoch);
    }

    void enterEpoch(long epoch) {
        currentEpoch = epoch;
        say("+new-epoch", Long.toString(epoch));
    }

    // Hello.

    private Hello hello() {
        return new Hello(address, currentEpoch, failover.currentPrimary(), configEpoch);
    }

    /** {@code sentinelForceHelloUpdateForMaster}. */
    void forceHello() {
        primary.publishedMillis = 0;
        replicas.values().forEach(replica -> replica.publishedMillis = 0);
        peers.values().forEach(peer -> peer.publishedMillis = 0);
    }

    void hear(Hello hello) {
        if (hello.sentinel().equals(address)) {
            return;
        }
        if (knownPeers.add(hello.sentinel())) {
            know(hello.sentinel());
            say(
                    "+sentinel",
                    "sentinel id " + hostPort(hello.sentinel()) + " @ " + SHARD + " " + hostPort(primary.address));
        }
        if (hello.currentEpoch() > currentEpoch) {
            enterEpoch(hello.currentEpoch());
        }
        if (hello.configEpoch() > configEpoch) {
            configEpoch = hello.configEpoch();
            if (!hello.primary().equals(primary.address)) {
                say(
                        "+config-update-from",
                        "sentinel id " + hostPort(hello.sentinel()) + " @ " + SHARD + " " + hostPort(primary.address));
                switchTo(hello.primary());
            }
        }
    }

    // What a client may ask.

    /** {@code SENTINEL FAILOVER}: no votes, no quorum. */
    boolean forceFailover() {
        return failover.force();
    }

    /** {@code SENTINEL RESET}: the nodes but the primary, the other sentinels and what was under way are forgotten. */
    void reset() {
        truth.reconfigured(this);
        failover.forgotten();
        failover.end();
        failover = new SentinelFailover(this);
        forgetPeers();
        knownNodes.clear();
        configuredPrimary = primary.address; // in mid-failover of the replaced one, though the epoch is the new one's
        monitor(configuredPrimary);
        say("+reset-master", describe(primary));
    }

    /** {@code SENTINEL SET}. */
    void set(SentinelSettings changed) {
        truth.reconfigured(this);
        settings = changed;
        say("+set", describe(primary) + " quorum " + changed.quorum());
    }

    /** The configuration file is gone, and another one, as on the first day, takes its place. Between two lives. */
    void loseState() {
        id = truth.newId("id-of-" + address.host());
        configEpoch = 0;
        currentEpoch = 0;
        leaderEpoch = 0;
        forgetPeers();
        knownNodes.clear();
        configuredPrimary = firstPrimary;
    }

    void subscribe(SimConnection connection) {
        subscribers.removeIf(SimConnection::over);
        subscribers.add(connection);
    }

    /** The pipeline of {@link SentinelState}, with the address that SENTINEL MASTER has in IS-MASTER-DOWN-BY-ADDR. */
    SentinelState report(boolean lists) {
        return SentinelReports.of(this, lists);
    }

    /** The epoch of a vote outlives whom it was for. */
    SentinelState.@Nullable Vote lastVote() {
        SentinelState.Vote vote = vote(primary.address, 0, "tidegate");
        return vote == null && leaderEpoch > 0 ? new SentinelState.Vote("*", leaderEpoch) : vote;
    }

    boolean knows(NodeAddress replica) {
        return replicas.containsKey(replica);
    }

    NodeAddress currentPrimary() {
        return failover.currentPrimary();
    }

    boolean failoverInProgress() {
        return failover.inProgress();
    }

    void say(String channel, String payload) {
        truth.said(this, channel, payload);
        for (SimConnection subscriber : subscribers) {
            subscriber.toClient(() -> ((SimProxy) subscriber.client()).hear(subscriber, channel, payload));
        }
    }

    String describe(SentinelInstance node) {
        return node == primary
                ? "master " + SHARD + " " + hostPort(node.address)
                : "slave " + node.address + " " + hostPort(node.address) + " @ " + SHARD + " "
                        + hostPort(primary.address);
    }

    static String hostPort(NodeAddress address) {
        return address.host() + " " + address.port();
    }
}
