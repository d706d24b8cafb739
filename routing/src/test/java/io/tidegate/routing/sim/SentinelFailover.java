package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.SentinelState;
import io.tidegate.routing.sim.SentinelInstance.Reconfiguration;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The failover of sentinel.c as one sentinel runs it: wait for the election, select, send REPLICAOF NO ONE, wait for the
 * promotion, reconfigure the others, switch. One state per tick.
 */
final class SentinelFailover {
    private static final long ELECTION_MILLIS = 10_000;
    private static final long RECONFIGURATION_MILLIS = 10_000;
    private static final long FRESH_PING_MILLIS = 5000;
    private static final long SETTLED_MILLIS = 8000;

    private final SimSentinel sentinel;
    private State state = State.NONE;
    private boolean forced;
    private long epoch;
    private long startMillis = Long.MIN_VALUE / 2;
    private long changedMillis;
    private long electedNanos;
    private @Nullable SentinelInstance promoted;

    /** With the word of the wire. */
    private enum State {
        NONE("none"),
        WAIT_START("wait_start"),
        SELECT("select_slave"),
        SEND_NO_ONE("send_slaveof_noone"),
        WAIT_PROMOTION("wait_promotion"),
        RECONFIGURE("reconf_slaves"),
        UPDATE_CONFIG("update_config");

        private final String wire;

        State(String wire) {
            this.wire = wire;
        }
    }

    SentinelFailover(SimSentinel sentinel) {
        this.sentinel = sentinel;
    }

    boolean inProgress() {
        return state != State.NONE;
    }

    /** If somebody was told to be primary, and the switch has not come yet, others may go on to name the replaced one. */
    void forgotten() {
        if (promoted != null && state.compareTo(State.WAIT_PROMOTION) >= 0) {
            sentinel.truth.lostState(sentinel);
        }
    }

    String wireState() {
        return state.wire;
    }

    /** {@code sentinelGetCurrentMasterAddress}: the promoted one as soon as it acknowledged. */
    NodeAddress currentPrimary() {
        SentinelInstance next = promoted;
        return next != null && state.compareTo(State.RECONFIGURE) >= 0 ? next.address : sentinel.primary.address;
    }

    /** Voted for somebody else: leave it a while to get on. */
    void delay() {
        startMillis = sentinel.millis() + sentinel.random.next((int) SimSentinel.DESYNC_MILLIS);
    }

    boolean startIfNeeded() {
        if (!sentinel.objectivelyDown
                || inProgress()
                || sentinel.millis() - startMillis < 2 * sentinel.settings.failoverTimeoutMillis()) {
            return false;
        }
        start();
        return true;
    }

    boolean force() {
        if (inProgress() || select() == null) {
            return false;
        }
        start();
        forced = true;
        return true;
    }

    private void start() {
        sentinel.enterEpoch(sentinel.currentEpoch + 1);
        epoch = sentinel.currentEpoch;
        forced = false;
        become(State.WAIT_START);
        startMillis = sentinel.millis() + sentinel.random.next((int) SimSentinel.DESYNC_MILLIS);
        sentinel.truth.tries(sentinel, epoch);
        sentinel.say("+try-failover", sentinel.describe(sentinel.primary));
    }

    void step() {
        switch (state) {
            case NONE, UPDATE_CONFIG -> {}
            case WAIT_START -> waitStart();
            case SELECT -> selectReplica();
            case SEND_NO_ONE -> sendNoOne();
            case WAIT_PROMOTION -> {
                if (inStateMillis() > sentinel.settings.failoverTimeoutMillis()) {
                    abort("-failover-abort-slave-timeout");
                }
            }
            case RECONFIGURE -> reconfigure();
        }
    }

    private void waitStart() {
        boolean elected = sentinel.id.equals(leader());
        if (elected || forced) {
            electedNanos = sentinel.queue.nowNanos();
            if (elected) {
                sentinel.truth.elected(sentinel, epoch);
            }
            sentinel.say("+elected-leader", sentinel.describe(sentinel.primary));
            become(State.SELECT);
            sentinel.say("+failover-state-select-slave", sentinel.describe(sentinel.primary));
        } else if (sentinel.millis() - startMillis
                > Math.min(ELECTION_MILLIS, sentinel.settings.failoverTimeoutMillis())) {
            abort("-failover-abort-not-elected");
        }
    }

    /** {@code sentinelGetLeader}: whom a majority of all, and at least a quorum, voted for in this epoch. */
    private @Nullable String leader() {
        Map<String, Integer> votes = new TreeMap<>();
        for (SentinelPeer peer : sentinel.peers.values()) {
            String voted = peer.leader;
            if (voted != null && peer.leaderEpoch == sentinel.currentEpoch) {
                votes.merge(voted, 1, Integer::sum);
            }
        }
        String favourite = mostVoted(votes);
        SentinelState.Vote own = sentinel.voteFor(favourite == null ? sentinel.id : favourite, epoch);
        if (own != null && own.epoch() == epoch) {
            votes.merge(own.leader(), 1, Integer::sum);
        }
        String winner = mostVoted(votes);
        int voters = sentinel.peers.size() + 1;
        int needed = Math.max(voters / 2 + 1, sentinel.settings.quorum());
        return winner != null && votes.getOrDefault(winner, 0) >= needed ? winner : null;
    }

    private static @Nullable String mostVoted(Map<String, Integer> votes) {
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(null);
    }

    private void selectReplica() {
        SentinelInstance selected = select();
        if (selected == null) {
            abort("-failover-abort-no-good-slave");
            return;
        }
        promoted = selected;
        sentinel.truth.chose(sentinel, epoch, selected.address);
        sentinel.say("+selected-slave", sentinel.describe(selected));
        become(State.SEND_NO_ONE);
        sentinel.say("+failover-state-send-slaveof-noone", sentinel.describe(selected));
    }

    private @Nullable SentinelInstance select() {
        long infoMillis = sentinel.primary.down ? 5000 : 30_000;
        return sentinel.replicas.values().stream()
                .filter(replica -> !replica.down && replica.link.connected())
                .filter(replica -> replica.link.sinceAvailMillis() <= FRESH_PING_MILLIS)
                .filter(replica -> replica.infoMillis != 0 && sentinel.millis() - replica.infoMillis <= infoMillis)
                .min(Comparator.<SentinelInstance>comparingLong(replica -> -replica.offset)
                        .thenComparing(replica -> replica.runId))
                .orElse(null);
    }

    private void sendNoOne() {
        SentinelInstance next = promoted;
        if (next == null) {
            return;
        }
        long ofEpoch = epoch;
        long elected = electedNanos;
        boolean byForce = forced;
        boolean sent = next.link.send(over -> {
            SimNode node = (SimNode) over.server();
            if (node.reconfigure(null, over)) {
                sentinel.truth.promoted(ofEpoch, node, elected, byForce, sentinel);
            }
        });
        if (sent) {
            sentinel.say("+failover-state-wait-promotion", sentinel.describe(next));
            become(State.WAIT_PROMOTION);
        } else if (inStateMillis() > sentinel.settings.failoverTimeoutMillis()) {
            abort("-failover-abort-slave-timeout");
        }
    }

    /** An INFO of a replica: {@code sentinelRefreshInstanceInfo}, the acting half. */
    void learned(SentinelInstance node, ReplicationInfo info) {
        if (info.primary()) {
            if (node == promoted && state == State.WAIT_PROMOTION) {
                acknowledged(node);
            } else if (node != promoted
                    && sentinel.primaryLooksSane()
                    && upFor(node, SETTLED_MILLIS)
                    && sentinel.millis() - node.roleReportedMillis > SETTLED_MILLIS) {
                redirect(node, sentinel.primary.address, "+convert-to-slave");
            }
            return;
        }
        long patience = sentinel.settings.failoverTimeoutMillis();
        if (!sentinel.primary.address.equals(node.follows)
                && sentinel.primaryLooksSane()
                && upFor(node, patience)
                && sentinel.millis() - node.followsChangedMillis > patience) {
            redirect(node, sentinel.primary.address, "+fix-slave-config");
        }
        SentinelInstance next = promoted;
        if (next != null && node.reconfiguration == Reconfiguration.SENT && next.address.equals(node.follows)) {
            node.reconfiguration = Reconfiguration.IN_PROGRESS;
            sentinel.say("+slave-reconf-inprog", sentinel.describe(node));
        }
        if (node.reconfiguration == Reconfiguration.IN_PROGRESS && info.linkUp()) {
            node.reconfiguration = Reconfiguration.DONE;
            sentinel.say("+slave-reconf-done", sentinel.describe(node));
        }
    }

    /** {@code sentinelRedisInstanceNoDownFor}: counted from when it was called down, not from when it was no more. */
    private boolean upFor(SentinelInstance node, long millis) {
        return node.downSinceMillis == 0 || sentinel.millis() - node.downSinceMillis > millis;
    }

    private void acknowledged(SentinelInstance node) {
        sentinel.configEpoch = epoch;
        sentinel.writeDown(node.address);
        sentinel.truth.acknowledged(epoch, sentinel);
        become(State.RECONFIGURE);
        sentinel.say("+promoted-slave", sentinel.describe(node));
        sentinel.say("+failover-state-reconf-slaves", sentinel.describe(sentinel.primary));
        sentinel.forceHello();
    }

    private void reconfigure() {
        SentinelInstance next = promoted;
        if (next == null) {
            return;
        }
        boolean busy = false;
        boolean all = true;
        for (SentinelInstance replica : sentinel.replicas.values()) {
            if (replica == next || replica.reconfiguration == Reconfiguration.DONE) {
                continue;
            }
            if (replica.reconfiguration != Reconfiguration.NONE) {
                boolean late = sentinel.millis() - replica.reconfigurationSentMillis > RECONFIGURATION_MILLIS;
                if (replica.reconfiguration == Reconfiguration.SENT && late) {
                    replica.reconfiguration = Reconfiguration.DONE;
                    sentinel.say("-slave-reconf-sent-timeout", sentinel.describe(replica));
                } else {
                    busy = true;
                }
            } else if (!busy && redirect(replica, next.address, "+slave-reconf-sent")) {
                busy = true;
                replica.reconfiguration = Reconfiguration.SENT;
                replica.reconfigurationSentMillis = sentinel.millis();
            }
            all &= replica.down || replica.reconfiguration == Reconfiguration.DONE;
        }
        if (next.down) {
            return;
        }
        boolean late = inStateMillis() > sentinel.settings.failoverTimeoutMillis();
        if (late) {
            sentinel.say("+failover-end-for-timeout", sentinel.describe(sentinel.primary));
        }
        if (all || late) {
            sentinel.say("+failover-end", sentinel.describe(sentinel.primary));
            become(State.UPDATE_CONFIG);
        }
        if (late) {
            redirectTheRest(next);
        }
    }

    /** "A best effort SLAVEOF command to all the slaves still not reconfigured". */
    private void redirectTheRest(SentinelInstance next) {
        for (SentinelInstance replica : sentinel.replicas.values()) {
            boolean done =
                    replica.reconfiguration == Reconfiguration.DONE || replica.reconfiguration == Reconfiguration.SENT;
            if (replica != next && !done) {
                redirect(replica, next.address, "+slave-reconf-sent-be");
            }
        }
    }

    private boolean redirect(SentinelInstance node, NodeAddress primary, String channel) {
        boolean sent = node.link.send(over -> ((SimNode) over.server()).reconfigure(primary, over));
        if (sent) {
            sentinel.say(channel, sentinel.describe(node));
        }
        return sent;
    }

    /** The shard was reset under it. */
    void end() {
        if (inProgress()) {
            sentinel.truth.gaveUp(sentinel, epoch);
        }
    }

    /** At the end of a tick, as sentinel.c does it. */
    void switchIfDone() {
        SentinelInstance next = promoted;
        if (state == State.UPDATE_CONFIG && next != null) {
            sentinel.switchTo(next.address);
        }
    }

    private void become(State next) {
        state = next;
        changedMillis = sentinel.millis();
    }

    private long inStateMillis() {
        return sentinel.millis() - changedMillis;
    }

    private void abort(String why) {
        state = State.NONE;
        promoted = null;
        forced = false;
        sentinel.truth.gaveUp(sentinel, epoch);
        sentinel.say(why, sentinel.describe(sentinel.primary));
    }
}
