package io.tidegate.routing;

import static io.tidegate.routing.Instants.UNKNOWN;
import static io.tidegate.routing.RouteReason.ELIGIBLE;
import static io.tidegate.routing.RouteReason.FLOOR;
import static io.tidegate.routing.RouteReason.LOADING;
import static io.tidegate.routing.TableFixture.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The promises of the levels on a small model: one register that only grows, a primary that executes writes, replicas
 * that are behind by what was applied, and sessions that pipeline writes and reads of mixed levels through the real
 * router. One step is one nanosecond. What a replica holds is known exactly here; its as-of in the table may be older or
 * unknown, as evidence is.
 */
class RouterModelTest {
    private static final int SEEDS = 400;
    private static final int STEPS = 600;
    private static final long LAG_NANOS_MAX = 60;

    @Test
    void everyLevelKeepsItsPromise() {
        int replicaReads = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            replicaReads += new Model(seed).run();
        }
        // Else the promises would be kept by never using a replica.
        assertThat(replicaReads).isGreaterThan(SEEDS * STEPS / 20);
    }

    /** A replica process: everything executed before {@code appliedNanos} is in it. */
    private static final class ModelReplica {
        private Node node;
        private long appliedNanos;
        private long asOfNanos = UNKNOWN;
        private RouteReason health = ELIGIBLE;
        private int restarts;
        private int dataSet;

        ModelReplica(int id) {
            node = TableFixture.node(id, true);
        }

        void restart(RandomSource random) {
            restarts++;
            node = TableFixture.node(node.id(), "run-" + node.id() + "-" + restarts, true);
            appliedNanos -= Math.min(appliedNanos, random.next(80));
            asOfNanos = UNKNOWN;
        }

        /** The process stays, and is given older data than it had. */
        void giveOlderData(RandomSource random) {
            appliedNanos -= Math.min(appliedNanos, random.next(80));
            asOfNanos = UNKNOWN;
            dataSet++;
        }
    }

    /** A request sent and not yet answered. {@code floorValue}: the least value that its level allows it to see. */
    private record InFlight(Node node, int dataSet, boolean write, ReadLevel level, long floorValue) {}

    private static final class ModelSession {
        private final Causality causality;
        private final List<ModelSession> scope;
        private final Deque<InFlight> inFlight = new ArrayDeque<>();
        private long seen;
        private long acknowledged;

        ModelSession(CausalScope causalScope, List<ModelSession> scope) {
            causality = new Causality(causalScope);
            this.scope = scope;
            scope.add(this);
        }

        long acknowledgedInScope() {
            return scope.stream()
                    .mapToLong(session -> session.acknowledged)
                    .max()
                    .orElse(0);
        }
    }

    private static final class Model {
        private final long seed;
        private final RandomSource random;
        private final Router router;
        private final List<ModelReplica> replicas = new ArrayList<>();
        private final List<ModelSession> sessions = new ArrayList<>();
        private final Node primary = TableFixture.node(PRIMARY, true);
        /** Value of the register by instant: the primary's history. */
        private final long[] timeline = new long[STEPS + 2];

        private long now = 1;
        private boolean primaryLost;
        private int replicaReads;

        Model(long seed) {
            this.seed = seed;
            random = new RandomSource(seed);
            router = new Router(new FakeLoad(), new RouterSettings(LAG_NANOS_MAX, 5, 4, 8), new RandomSource(seed));
            for (int id = 1; id <= 3; id++) {
                replicas.add(new ModelReplica(id));
            }
            CausalScope shared = new CausalScope();
            List<ModelSession> sharing = new ArrayList<>();
            sessions.add(new ModelSession(shared, sharing));
            sessions.add(new ModelSession(shared, sharing));
            sessions.add(new ModelSession(new CausalScope(), new ArrayList<>()));
        }

        int run() {
            for (; now <= STEPS; now++) {
                timeline[(int) now] = timeline[(int) now - 1];
                primaryLost = primaryLost ? random.next(10) > 0 : random.next(80) == 0;
                for (ModelReplica replica : replicas) {
                    live(replica);
                }
                for (ModelSession session : sessions) {
                    if (session.inFlight.isEmpty() || random.next(2) == 0) {
                        send(session);
                    } else {
                        answer(session);
                    }
                }
            }
            return replicaReads;
        }

        private void live(ModelReplica replica) {
            switch (random.next(6)) {
                case 0, 1 -> {
                    if (!primaryLost) {
                        replica.appliedNanos += random.next((int) (now - replica.appliedNanos) + 1);
                    }
                }
                case 2, 3 -> replica.asOfNanos = Math.max(replica.asOfNanos, replica.appliedNanos - random.next(3));
                case 4 -> replica.health = random.next(5) == 0 ? LOADING : ELIGIBLE;
                default -> {
                    switch (random.next(24)) {
                        case 0 -> replica.restart(random);
                        case 1 -> replica.giveOlderData(random);
                        default -> {}
                    }
                }
            }
        }

        private RoutingTable table() {
            List<Replica> rows = new ArrayList<>();
            for (ModelReplica replica : replicas) {
                rows.add(new Replica(
                        replica.node, replica.asOfNanos, replica.health, true, false, null, replica.dataSet));
            }
            return new RoutingTable(now, 1, primary, RoutingTable.WriteGate.OPEN, Instants.FOREVER, rows, primaryLost);
        }

        /** What the dispatcher does: asks the router, and waits while the session has commands in flight elsewhere. */
        private void send(ModelSession session) {
            RoutingTable table = table();
            if (random.next(4) == 0) {
                if (!primaryLost && mayGo(session, primary)) {
                    session.inFlight.add(new InFlight(primary, 0, true, ReadLevel.STRONG, 0));
                }
                return;
            }
            ReadLevel level = level();
            long arrival = now - random.next(4);
            int target = router.read(table, level, session.causality, random.next(2) == 0, arrival, now);
            Node node = target == PRIMARY ? primary : null;
            int dataSet = 0;
            for (Replica row : table.replicas()) {
                if (row.node().id() == target) {
                    assertFreshEnough(row, level, arrival);
                    node = row.node();
                    dataSet = row.dataSet();
                }
            }
            if (node != null && mayGo(session, node)) {
                session.inFlight.add(new InFlight(node, dataSet, false, level, floorValue(session, level, arrival)));
            }
        }

        private void assertFreshEnough(Replica row, ReadLevel level, long arrival) {
            replicaReads++;
            assertThat(row.health()).as("seed %d", seed).isEqualTo(ELIGIBLE);
            assertThat(row.asOfNanos())
                    .as("seed %d, unknown is never fresh", seed)
                    .isNotEqualTo(UNKNOWN);
            assertThat(level.kind()).as("seed %d", seed).isNotEqualTo(ReadLevel.Kind.STRONG);
            if (level.kind() == ReadLevel.Kind.EVENTUAL && router.reason() != FLOOR) {
                assertThat(row.asOfNanos()).as("seed %d", seed).isGreaterThanOrEqualTo(now - LAG_NANOS_MAX);
            }
            if (level.kind() == ReadLevel.Kind.BOUNDED) {
                assertThat(row.asOfNanos()).as("seed %d", seed).isGreaterThanOrEqualTo(arrival - level.boundNanos());
            }
        }

        private ReadLevel level() {
            return switch (random.next(10)) {
                case 0 -> ReadLevel.EVENTUAL;
                case 1 -> ReadLevel.bounded(1 + random.next(50));
                case 2 -> ReadLevel.STRONG;
                default -> ReadLevel.SESSION;
            };
        }

        /** The least value that may be seen: acknowledged writes of the scope; of d ago; of now. */
        private long floorValue(ModelSession session, ReadLevel level, long arrival) {
            return switch (level.kind()) {
                case EVENTUAL -> 0;
                case BOUNDED -> timeline[(int) Math.max(0, arrival - level.boundNanos() - 1)];
                case SESSION -> session.acknowledgedInScope();
                case STRONG -> timeline[(int) now];
            };
        }

        private static boolean mayGo(ModelSession session, Node node) {
            @Nullable InFlight last = session.inFlight.peekLast();
            return last == null || last.node().equals(node);
        }

        private void answer(ModelSession session) {
            InFlight oldest = session.inFlight.remove();
            if (oldest.node().id() == PRIMARY) {
                answerFromPrimary(session, oldest);
                return;
            }
            for (ModelReplica replica : replicas) {
                // A process that is gone, or loads its data, answers nothing: the read is lost, and the session has
                // seen nothing.
                if (replica.node.equals(oldest.node()) && replica.dataSet == oldest.dataSet()) {
                    see(session, oldest, timeline[(int) Math.max(0, replica.appliedNanos - 1)]);
                }
            }
        }

        private void answerFromPrimary(ModelSession session, InFlight oldest) {
            if (!oldest.write()) {
                see(session, oldest, timeline[(int) now]);
                return;
            }
            timeline[(int) now]++;
            session.acknowledged = timeline[(int) now];
            session.seen = timeline[(int) now];
            session.causality.acknowledged(now + 1);
        }

        private void see(ModelSession session, InFlight read, long value) {
            assertThat(value).as("seed %d at %d: %s", seed, now, read).isGreaterThanOrEqualTo(read.floorValue());
            if (read.level().kind() == ReadLevel.Kind.SESSION) {
                assertThat(value).as("seed %d at %d: monotonic", seed, now).isGreaterThanOrEqualTo(session.seen);
            }
            session.seen = Math.max(session.seen, value);
            session.causality.read(read.node(), now + 1);
        }
    }
}
