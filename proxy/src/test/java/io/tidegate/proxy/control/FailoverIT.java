package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the control plane makes of failovers of real servers. */
@Tag("alone")
class FailoverIT {
    @Test
    void followsTheVotesWhenThePrimaryDies() {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start();
                Watched watched = watch(redis)) {
            RoutingTable before = watched.await("a primary and two replicas", ControlPlaneIT::complete);
            NodeAddress old = Watched.address(redis.primary());
            redis.primary().kill();
            awaitSuccessor(watched, old, before.epoch());
            RedisProcess promoted = redis.awaitFailoverFrom(redis.primary());
            assertThat(ControlPlaneIT.primary(watched.table())).isEqualTo(Watched.address(promoted));

            redis.primary().restart(); // as a primary, until the sentinels demote it
            watched.await("the old primary among the replicas, well", ControlPlaneIT::complete);
            assertHistory(watched, old);
            assertTimeline(watched, old, List.of(Phase.FENCE, Phase.PROMOTION, Phase.CUT_OVER, Phase.END));
            assertThat(watched.control.timeline().failovers().get(0).planned()).isFalse();
        }
    }

    @Test
    void followsAPlannedFailover() throws IOException {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(5_000).start();
                Watched watched = watch(redis)) {
            RoutingTable before = watched.await("a primary and two replicas", ControlPlaneIT::complete);
            NodeAddress old = Watched.address(redis.primary());
            redis.failover();
            awaitSuccessor(watched, old, before.epoch());
            watched.await("the old primary among the replicas, well", ControlPlaneIT::complete);
            assertHistory(watched, old);
            assertTimeline(watched, old, List.of(Phase.FENCE, Phase.PROMOTION, Phase.CUT_OVER, Phase.END));
            assertThat(watched.control.timeline().failovers().get(0).planned()).isTrue();
        }
    }

    @Test
    void leavesAFrozenPrimaryThatComesBack() {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start();
                Watched watched = watch(redis)) {
            RoutingTable before = watched.await("a primary and two replicas", ControlPlaneIT::complete);
            NodeAddress old = Watched.address(redis.primary());
            redis.primary().freeze();
            awaitSuccessor(watched, old, before.epoch());
            redis.primary().thaw();
            watched.await("the old primary among the replicas, well", ControlPlaneIT::complete);
            assertHistory(watched, old);
        }
    }

    @Test
    void findsThePrimaryOfPlainReplication() {
        try (LocalRedis redis = LocalRedis.builder().sentinels(0).start();
                Watched watched = Watched.fixed(Watched.addresses(redis.servers()))) {
            RoutingTable table = watched.await("a primary and two replicas", ControlPlaneIT::complete);
            assertThat(ControlPlaneIT.primary(table)).isEqualTo(Watched.address(redis.primary()));
        }
    }

    private static Watched watch(LocalRedis redis) {
        return Watched.sentinel(LocalRedis.MASTER_NAME, Watched.addresses(redis.sentinels()), null);
    }

    private static void awaitSuccessor(Watched watched, NodeAddress old, long epoch) {
        watched.await(
                "another primary at a higher epoch",
                table -> table.writes().open() && table.epoch() > epoch && !old.equals(ControlPlaneIT.primary(table)));
    }

    /** Over all tables: epochs and generations grow, an epoch has one primary, and the old one is never used again. */
    private static void assertHistory(Watched watched, NodeAddress old) {
        RoutingTable last = watched.tables.get(0);
        boolean replaced = false;
        for (RoutingTable table : watched.tables.subList(1, watched.tables.size())) {
            assertThat(table.generation()).isGreaterThan(last.generation());
            assertThat(table.epoch()).isGreaterThanOrEqualTo(last.epoch());
            if (last.primary() != null && table.epoch() == last.epoch()) {
                assertThat(ControlPlaneIT.primary(table)).isEqualTo(ControlPlaneIT.primary(last));
            }
            replaced |= last.primary() != null && table.epoch() > last.epoch();
            if (replaced) {
                assertThat(ControlPlaneIT.primary(table)).isNotEqualTo(old);
            }
            last = table;
        }
        assertThat(replaced).isTrue();
    }

    private static void assertTimeline(Watched watched, NodeAddress old, List<Phase> phases) {
        watched.awaitThat(
                "the end of the failover",
                () -> watched.control.timeline().failovers().stream()
                        .anyMatch(it -> it.instantNanos(Phase.END).isPresent()));
        assertThat(watched.control.timeline().failovers()).hasSize(1);
        Failover failover = watched.control.timeline().failovers().get(0);
        assertThat(failover.from()).isEqualTo(old);
        assertThat(failover.to()).isEqualTo(ControlPlaneIT.primary(watched.table()));
        assertThat(failover.instants().keySet()).containsAll(phases);
        assertThat(phases.stream().map(failover::instantNanos).mapToLong(OptionalLong::orElseThrow))
                .isSorted();
        assertThat(failover.beginNanos())
                .isLessThan(failover.instantNanos(Phase.END).orElseThrow());
    }
}
