package io.tidegate.routing;

import static io.tidegate.routing.Instants.FOREVER;
import static io.tidegate.routing.Instants.UNKNOWN;
import static io.tidegate.routing.RouteReason.BECAME_HOME;
import static io.tidegate.routing.RouteReason.CHOSEN_OTHER;
import static io.tidegate.routing.RouteReason.CURSOR;
import static io.tidegate.routing.RouteReason.ELIGIBLE;
import static io.tidegate.routing.RouteReason.FAILED_JUST_NOW;
import static io.tidegate.routing.RouteReason.FLOOR;
import static io.tidegate.routing.RouteReason.FRESH;
import static io.tidegate.routing.RouteReason.HELD_CUT_OVER;
import static io.tidegate.routing.RouteReason.HELD_FENCED;
import static io.tidegate.routing.RouteReason.HELD_NO_PRIMARY;
import static io.tidegate.routing.RouteReason.HELD_SPILL;
import static io.tidegate.routing.RouteReason.HELD_SPLIT;
import static io.tidegate.routing.RouteReason.HOME;
import static io.tidegate.routing.RouteReason.LEVEL_STRONG;
import static io.tidegate.routing.RouteReason.NOT_REPLICA_SAFE;
import static io.tidegate.routing.RouteReason.NO_FRESH_REPLICA;
import static io.tidegate.routing.RouteReason.READ_INDEX;
import static io.tidegate.routing.RouteReason.SETTLING;
import static io.tidegate.routing.RouteReason.SPARED;
import static io.tidegate.routing.RouteReason.STALE;
import static io.tidegate.routing.RouteReason.UNKNOWN_LAG;
import static io.tidegate.routing.RouteReason.WRITE;
import static io.tidegate.routing.RouteReason.WRITE_AHEAD;

import io.tidegate.routing.Explanation.Verdict;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import java.util.ArrayList;
import java.util.List;

/**
 * Decides where a request goes: one per event loop, not thread-safe, allocates nothing while it decides.
 *
 * <p>Every level comes down to one comparison per replica, {@code asOf >= required}, and to a single one where the oldest
 * as-of of all reaches it; what differs is the instant that is required:
 *
 * <table>
 * <caption>What a replica must hold</caption>
 * <tr><th>level<th>required<th>no replica reaches it
 * <tr><td>eventual<td>now - {@code max-lag}; while no primary answers, any known instant (the floor)<td>primary
 * <tr><td>bounded(d)<td>arrival of the request - d<td>primary
 * <tr><td>session, at home<td>the last acknowledged write of the causal scope<td>primary
 * <tr><td>session, elsewhere<td>that, and the session's last reply
 *     <td>{@link #SETTLE} if only the second forbids it, then the primary
 * <tr><td>strong<td>more than any replica has<td>primary
 * <tr><td>strong, by read-index<td>arrival of the request<td>{@link #SETTLE} for a sample taken since, then the primary
 * </table>
 *
 * <p>Of the reads that go to the primary only because no replica reaches it, {@link RouterSettings#spillMax} may be there
 * at a time. Others are held, and those for which no primary answers. Its replies may have to wait: the data plane's part.
 *
 * <p>Among several replicas that may serve, a session stays at home; otherwise two are drawn at random and the one with
 * less expected wait is taken, by lot on a tie: (outstanding + 1) x latency, or fewer outstanding while a latency is
 * unknown (<a href="https://doi.org/10.1109/71.963420">Mitzenmacher 2001</a>). Replicas of the own zone go first. Only if
 * the one there has {@link RouterSettings#spillOutstanding()} outstanding, the best of two others that waits less has it.
 */
public final class Router {
    /** No node may have the request now: keep it until the table changes. */
    public static final int HOLD = -1;

    /** A replica lacks a moment: ask again when the table changes, and with {@code settleOver} when the time is up. */
    public static final int SETTLE = -2;

    /** Required of a replica where any freshness will do, if only it is known. */
    private static final long EARLIEST_KNOWN = UNKNOWN + 1;

    private final NodeLoad load;
    private RouterSettings settings;
    private final RandomSource random;

    // The request being decided: fields, because a decision has several parts and must not allocate a result.
    private long required;
    private long requiredAtHome;
    /** The place of the replica that serves, if one does. */
    private int chosen;

    private RouteReason reason = HELD_NO_PRIMARY;

    /** Places of the replicas that may serve, own zone first. Grows with the shard only. */
    private int[] candidates = new int[8];

    private long epochChanges;

    public Router(NodeLoad load, RouterSettings settings, RandomSource random) {
        this.load = load;
        this.settings = settings;
        this.random = random;
    }

    /** What holds from the next decision on. */
    public void settings(RouterSettings newSettings) {
        settings = newSettings;
    }

    /**
     * Where a read goes that any node may serve. A session's commands in flight elsewhere are the caller's business.
     *
     * @param settleOver the request has waited after {@link #SETTLE} for as long as it may
     * @param arrivalNanos when the request was read from the client
     * @return node id, {@link #HOLD} or {@link #SETTLE}; {@link #reason()} tells why
     */
    public int read(
            RoutingTable table,
            ReadLevel level,
            Causality session,
            boolean settleOver,
            long arrivalNanos,
            long nowNanos) {
        if (session.enter(table.epoch())) {
            epochChanges++;
        }
        int target = decide(table, level, session, settleOver, arrivalNanos, nowNanos);
        if (reason == BECAME_HOME) {
            session.moveTo(table.lineup().node(chosen), table.lineup().dataSet(chosen));
        }
        return target;
    }

    /**
     * Where a read goes that {@code process}, a replica, has begun and alone can go on with: there, if its level lets this
     * very process serve. Else the read begins anew: at the primary, which need not be left again for its lag, so that this
     * happens once and not each time that two replicas take turns in being late; or, while no primary answers, where any
     * read goes.
     *
     * @return as {@link #read}
     */
    public int readOn(
            RoutingTable table,
            Node process,
            ReadLevel level,
            Causality session,
            boolean settleOver,
            long arrivalNanos,
            long nowNanos) {
        if (session.enter(table.epoch())) {
            epochChanges++;
        }
        boolean mayWait = requireOf(table, level, session, arrivalNanos, nowNanos);
        int place = table.lineup().place(process);
        if (place >= 0 && !session.avoids(process.id())) {
            long asOfNanos = table.lineup().asOfNanos(place);
            int dataSet = table.lineup().dataSet(place);
            if (asOfNanos >= (session.isHome(process, dataSet, table.epoch()) ? requiredAtHome : required)) {
                if (level.kind() == ReadLevel.Kind.SESSION) {
                    session.moveTo(process, dataSet);
                }
                reason = CURSOR;
                return process.id();
            }
            boolean settles = mayWait && !settleOver && asOfNanos != UNKNOWN;
            if (settles && primaryAnswers(table) && session.maySettle(nowNanos)) {
                reason = SETTLING;
                return SETTLE;
            }
        }
        if (!primaryAnswers(table)) {
            return read(table, level, session, settleOver, arrivalNanos, nowNanos);
        }
        return level.kind() == ReadLevel.Kind.STRONG ? primary(table, LEVEL_STRONG) : spill(table);
    }

    /**
     * Where a command goes that only the primary may serve: to the primary if its gate is open, to its successor if one is
     * known, else {@link #HOLD}.
     */
    public int write(RoutingTable table) {
        Node target = table.writable();
        if (target == null) {
            return hold(table);
        }
        reason = table.writes().open() ? WRITE : WRITE_AHEAD;
        return target.id();
    }

    /** Why the last answer was what it was. */
    public RouteReason reason() {
        return reason;
    }

    /** How often a session read on after the primary had changed: its guarantees began anew. */
    public long epochChanges() {
        return epochChanges;
    }

    /**
     * Where a request would go and why every other node would not serve it. Changes nothing of the session.
     *
     * @param replicaMayServe whether the command is a read that replicas may serve
     */
    public Explanation explain(
            RoutingTable table,
            ReadLevel level,
            Causality session,
            boolean replicaMayServe,
            boolean settleOver,
            long arrivalNanos,
            long nowNanos) {
        int target;
        if (replicaMayServe) {
            target = decide(table, level, session, settleOver, arrivalNanos, nowNanos);
        } else {
            require(FOREVER, FOREVER);
            target = write(table);
        }
        List<Verdict> verdicts = new ArrayList<>();
        Node primary = table.primary();
        if (primary != null) {
            boolean spared = target >= 0 && target != primary.id();
            verdicts.add(new Verdict(primary, spared ? SPARED : reason, UNKNOWN, UNKNOWN));
        }
        for (Replica replica : table.replicas()) {
            long needed = session.isHome(replica.node(), replica.dataSet(), table.epoch()) ? requiredAtHome : required;
            RouteReason why;
            if (replica.node().id() == target) {
                why = reason;
            } else if (needed == FOREVER) {
                why = replicaMayServe ? LEVEL_STRONG : NOT_REPLICA_SAFE;
            } else {
                RouteReason found = verdict(replica, session, needed);
                why = found == ELIGIBLE ? CHOSEN_OTHER : found;
            }
            verdicts.add(new Verdict(replica.node(), why, replica.asOfNanos(), needed));
        }
        return new Explanation(target, reason, verdicts);
    }

    private int decide(
            RoutingTable table,
            ReadLevel level,
            Causality session,
            boolean settleOver,
            long arrivalNanos,
            long nowNanos) {
        return switch (level.kind()) {
            case EVENTUAL -> {
                requireEventual(table, nowNanos);
                yield choose(table, session, table.primaryLost() ? FLOOR : FRESH) ? chosenId(table) : spill(table);
            }
            case BOUNDED -> {
                requireBounded(level, arrivalNanos);
                yield choose(table, session, FRESH) ? chosenId(table) : spill(table);
            }
            case SESSION -> decideSession(table, session, settleOver, nowNanos);
            case STRONG -> decideStrong(table, session, settleOver, arrivalNanos, nowNanos);
        };
    }

    /**
     * By read-index: as-of at the arrival comes from an offset that the primary, proven to be that, gave after the request
     * had arrived. A replica that has reached it answers as the primary would have then, or later.
     */
    private int decideStrong(
            RoutingTable table, Causality session, boolean settleOver, long arrivalNanos, long nowNanos) {
        boolean byIndex = requireStrong(arrivalNanos);
        if (choose(table, session, READ_INDEX)) {
            return chosenId(table);
        }
        boolean someMayReachIt = byIndex && table.lineup().places() > 0 && primaryAnswers(table);
        if (!settleOver && someMayReachIt && session.maySettle(nowNanos)) {
            reason = SETTLING;
            return SETTLE;
        }
        return primary(table, LEVEL_STRONG);
    }

    private int decideSession(RoutingTable table, Causality session, boolean settleOver, long nowNanos) {
        requireSession(session);
        if (atHome(table, session) || choose(table, session, BECAME_HOME)) {
            return chosenId(table);
        }
        // Without a primary no as-of advances, so there is nothing to settle for.
        if (!settleOver && primaryAnswers(table) && session.maySettle(nowNanos) && lacksAMoment(table, session)) {
            reason = SETTLING;
            return SETTLE;
        }
        return spill(table);
    }

    /** Sets what a replica must hold for a read of this level. Whether one that does not may come to hold it in a moment. */
    private boolean requireOf(
            RoutingTable table, ReadLevel level, Causality session, long arrivalNanos, long nowNanos) {
        switch (level.kind()) {
            case EVENTUAL -> requireEventual(table, nowNanos);
            case BOUNDED -> requireBounded(level, arrivalNanos);
            case SESSION -> {
                requireSession(session);
                return true;
            }
            case STRONG -> {
                return requireStrong(arrivalNanos);
            }
        }
        return false;
    }

    private void requireEventual(RoutingTable table, long nowNanos) {
        long bound = table.primaryLost() ? EARLIEST_KNOWN : nowNanos - settings.lagNanosMax();
        require(bound, bound);
    }

    private void requireBounded(ReadLevel level, long arrivalNanos) {
        long bound = arrivalNanos - level.boundNanos();
        require(bound, bound);
    }

    private void requireSession(Causality session) {
        long lastWrite = Math.max(session.lastWriteNanos(), EARLIEST_KNOWN);
        require(Math.max(lastWrite, session.lastReplyNanos()), lastWrite);
    }

    /** Whether a replica may reach it at all. */
    private boolean requireStrong(long arrivalNanos) {
        long index = settings.strongByReplica() ? arrivalNanos : FOREVER;
        require(index, index);
        return index != FOREVER;
    }

    private void require(long anywhere, long atHome) {
        required = anywhere;
        requiredAtHome = atHome;
    }

    /** Why a replica may serve what requires this instant, {@link RouteReason#ELIGIBLE}, or why not. */
    private static RouteReason verdict(Replica replica, Causality session, long requiredNanos) {
        if (replica.health() != ELIGIBLE) {
            return replica.health();
        }
        if (session.avoids(replica.node().id())) {
            return FAILED_JUST_NOW;
        }
        if (replica.asOfNanos() >= requiredNanos) {
            return ELIGIBLE;
        }
        return replica.asOfNanos() == UNKNOWN ? UNKNOWN_LAG : STALE;
    }

    /** Whether the {@link #verdict} on the replica at this place, which health has given it, is that it may serve. */
    private static boolean mayServe(Lineup lineup, int place, Causality session, long requiredNanos) {
        return lineup.asOfNanos(place) >= requiredNanos && !session.avoids(lineup.id(place));
    }

    /** Sets {@link #chosen} and {@link #reason} if the session has a home and it may serve. */
    private boolean atHome(RoutingTable table, Causality session) {
        Lineup lineup = table.lineup();
        int place = session.homeIn(lineup, table.epoch());
        if (place < 0 || !mayServe(lineup, place, session, requiredAtHome)) {
            return false;
        }
        chosen = place;
        reason = HOME;
        return true;
    }

    /** Sets {@link #chosen} and {@link #reason} if some replica may serve, be it home or not. */
    private boolean choose(RoutingTable table, Causality session, RouteReason why) {
        Lineup lineup = table.lineup();
        int[] among = lineup.everyPlace();
        int near = lineup.near();
        int all = lineup.places();
        if (lineup.oldestNanos() < required || !session.avoidsNone()) {
            among = candidates(all);
            near = gather(lineup, session, 0, near, 0);
            all = gather(lineup, session, lineup.near(), all, near);
        }
        if (all == 0) {
            return false;
        }
        chosen = near == all || near == 0 ? betterOfTwo(lineup, among, 0, all) : nearOrFar(lineup, among, near, all);
        reason = why;
        return true;
    }

    private int[] candidates(int places) {
        if (candidates.length < places) {
            candidates = new int[places];
        }
        return candidates;
    }

    /** Puts the places of [from, to) that may serve behind the {@code count} candidates; returns how many there are then. */
    private int gather(Lineup lineup, Causality session, int from, int to, int count) {
        int behind = count;
        for (int place = from; place < to; place++) {
            if (mayServe(lineup, place, session, required)) {
                candidates[behind++] = place;
            }
        }
        return behind;
    }

    /** Whether a replica that may not serve would do but for the change of home. */
    private boolean lacksAMoment(RoutingTable table, Causality session) {
        Lineup lineup = table.lineup();
        for (int place = 0; place < lineup.places(); place++) {
            if (mayServe(lineup, place, session, requiredAtHome)) {
                return true;
            }
        }
        return false;
    }

    private int nearOrFar(Lineup lineup, int[] among, int near, int all) {
        int best = betterOfTwo(lineup, among, 0, near);
        if (load.outstanding(lineup.id(best)) < settings.spillOutstanding()) {
            return best;
        }
        int other = betterOfTwo(lineup, among, near, all);
        return waitsLonger(lineup, best, other) > 0 ? other : best;
    }

    /** Two different candidates of [from, to) by lot, the better of them; either, by lot again, on a tie. */
    private int betterOfTwo(Lineup lineup, int[] among, int from, int to) {
        int count = to - from;
        if (count == 1) {
            return among[from];
        }
        int first = 0;
        int second = 1;
        if (count > 2) {
            long lot = random.next();
            first = RandomSource.scaled(lot >>> Integer.SIZE, count);
            second = RandomSource.scaled(lot & 0xFFFF_FFFFL, count - 1);
            // Behind the first they are one further on.
            second += 1 + ((second - first) >> (Integer.SIZE - 1));
        }
        int a = among[from + first];
        int b = among[from + second];
        long longer = waitsLonger(lineup, a, b);
        if (longer == 0) {
            longer = random.next();
        }
        // A branch would be mispredicted every other time: which of the two is drawn first is as random as can be.
        return b ^ ((a ^ b) & (int) (longer >> (Long.SIZE - 1)));
    }

    /** By how much a request is expected to wait longer at place a than at b: below zero if less long, zero on a tie. */
    private long waitsLonger(Lineup lineup, int a, int b) {
        int idA = lineup.id(a);
        int idB = lineup.id(b);
        long latencyA = load.latencyNanos(idA);
        long latencyB = load.latencyNanos(idB);
        long outstandingA = load.outstanding(idA);
        long outstandingB = load.outstanding(idB);
        return latencyA == 0 || latencyB == 0
                ? outstandingA - outstandingB
                : (outstandingA + 1) * latencyA - (outstandingB + 1) * latencyB;
    }

    private int chosenId(RoutingTable table) {
        return table.lineup().id(chosen);
    }

    private static boolean primaryAnswers(RoutingTable table) {
        return table.primary() != null && !table.primaryLost();
    }

    private int primary(RoutingTable table, RouteReason why) {
        Node primary = table.primary();
        if (primary == null || table.primaryLost()) {
            return hold(table);
        }
        reason = why;
        return primary.id();
    }

    /**
     * The primary, for want of a replica that may serve: only so many reads at a time, or it would drown in what replicas
     * should have served. A shard without replicas has nowhere else to read.
     */
    private int spill(RoutingTable table) {
        int target = primary(table, NO_FRESH_REPLICA);
        if (target != HOLD && spillFull() && !table.replicas().isEmpty()) {
            reason = HELD_SPILL;
            return HOLD;
        }
        return target;
    }

    /** Whether no further read may go to the primary only for want of a replica. */
    public boolean spillFull() {
        return load.spilled() >= settings.spillMax();
    }

    private int hold(RoutingTable table) {
        reason = switch (table.writes()) {
            case NO_CLAIM, OPEN -> HELD_NO_PRIMARY;
            case FENCED -> HELD_FENCED;
            case CUTTING_OVER -> HELD_CUT_OVER;
            case SPLIT -> HELD_SPLIT;
        };
        return HOLD;
    }
}
