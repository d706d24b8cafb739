package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.SwitchoverSignals;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.engine.Notice;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the control plane makes of one shard of real servers that nothing happens to but what each test undoes. */
@SuppressWarnings("NullAway.Init")
class ControlPlaneIT {
    private static final String PASSWORD = "s3cret-of-this-test";
    private static LocalRedis redis;

    @BeforeAll
    static void startServers() {
        redis = LocalRedis.builder()
                .downAfterMillis(5_000)
                .password(PASSWORD)
                .sentinelPassword(PASSWORD)
                .start();
    }

    @AfterAll
    static void stopServers() {
        redis.close();
    }

    @Test
    void aTableAppearsAndItsReplicasStayFresh() {
        try (Watched watched = watchAll()) {
            RoutingTable table = watched.await("a primary and two replicas", ControlPlaneIT::complete);
            assertThat(primary(table)).isEqualTo(Watched.address(redis.primary()));
            assertThat(table.replicas())
                    .extracting(each -> each.node().address())
                    .containsExactlyInAnyOrderElementsOf(Watched.addresses(redis.replicas()));
            for (RedisProcess replica : redis.replicas()) {
                long wantedNanos = watched.clock.nowNanos();
                watched.control.freshnessWanted(wantedNanos);
                watched.awaitThat(replica + " to be fresh", () -> watched.asOfNanos(replica) >= wantedNanos);
            }
            for (RedisProcess replica : redis.replicas()) {
                long asOfNanos = watched.asOfNanos(replica);
                watched.awaitThat(replica + " to get fresher unasked", () -> watched.asOfNanos(replica) > asOfNanos);
            }
        }
    }

    @Test
    void theConnectedServersCommandsArePublishedOnce() {
        try (Watched watched = watchAll()) {
            watched.awaitThat("a command table", () -> !watched.commands.isEmpty());
            assertThat(facts(watched.commands.get(0)))
                    .as("this server says of its commands what the built-in table knows of it")
                    .isEqualTo(facts(CommandTable.builtin()));
            long generation = watched.table().generation();
            watched.await("more tables", table -> table.generation() > generation + 3);
            assertThat(watched.commands).hasSize(1);
        }
    }

    @Test
    void evidenceComesWhenItIsWanted() {
        try (Watched watched = watchAll()) {
            watched.await("a primary", table -> table.writes().open());
            long readNanos = watched.clock.nowNanos();
            watched.control.evidenceWanted(readNanos);
            watched.await("evidence for that instant", table -> table.evidenceNanos() >= readNanos);
        }
    }

    @Test
    void aFrozenReplicaIsLeftOutUntilItThaws() throws IOException {
        RedisProcess replica = redis.replicas().get(0);
        RedisProcess other = redis.replicas().get(1);
        try (Watched watched = watchAll()) {
            watched.await("a primary and two replicas", ControlPlaneIT::complete);
            replica.freeze();
            // Without a write a frozen replica would still hold everything.
            redis.primary().command("SET", "key", "that only the other replica gets");
            long writtenNanos = watched.clock.nowNanos();
            watched.awaitThat(
                    "it to be left out", () -> watched.replica(replica).health() != RouteReason.ELIGIBLE);
            assertThat(watched.asOfNanos(replica)).isLessThan(writtenNanos);
            watched.awaitThat("the other to go on", () -> watched.asOfNanos(other) > writtenNanos);
            watched.awaitThat("the other to serve", () -> watched.replica(other).health() == RouteReason.ELIGIBLE);

            long thawedNanos = watched.clock.nowNanos();
            replica.thaw();
            watched.awaitThat(
                    "it to serve again", () -> watched.replica(replica).health() == RouteReason.ELIGIBLE);
            assertThat(watched.asOfNanos(replica)).isGreaterThanOrEqualTo(thawedNanos);
            watched.await("writes", table -> table.writes() == WriteGate.OPEN);
        } finally {
            replica.thaw();
        }
    }

    @Test
    void anUnreachableSentinelIsPickedUpLater() {
        RedisProcess late = redis.sentinels().get(0);
        late.kill();
        try (Watched watched = watchAll()) {
            watched.await("a primary and two replicas", ControlPlaneIT::complete);
            assertThat(watched.notices).noneMatch(notice -> isUp(notice, late));
            late.restart();
            watched.awaitThat("its link", () -> watched.notices.stream().anyMatch(notice -> isUp(notice, late)));
        } finally {
            late.restart();
            redis.awaitAgreement();
        }
    }

    @Test
    void anUnknownShardAndAWrongPasswordAreComplainedOfAndNothingIsOpened() {
        try (Watched unknown = Watched.sentinel("nosuch", Watched.addresses(redis.sentinels()), PASSWORD);
                Watched wrong = Watched.sentinel(
                        LocalRedis.MASTER_NAME, Watched.addresses(redis.sentinels()), "wrong-" + PASSWORD);
                Watched none = Watched.sentinel(LocalRedis.MASTER_NAME, Watched.addresses(redis.sentinels()), null)) {
            awaitComplaint(unknown, "watches no primary under the name 'nosuch'");
            awaitComplaint(unknown, "0 of 3 answer for this shard");
            assertThat(unknown.log)
                    .as("how a shard is set up that nobody watches")
                    .noneMatch(line -> line.contains("quorum") || line.contains("down-after"));
            awaitComplaint(wrong, "WRONGPASS");
            awaitComplaint(none, "NOAUTH");
            for (Watched each : List.of(unknown, wrong, none)) {
                assertThat(each.table().primary()).isNull();
                assertThat(each.table().writes()).isEqualTo(WriteGate.NO_CLAIM);
                assertThat(each.log).noneMatch(line -> line.contains(PASSWORD));
            }
        }
    }

    /** As for a process that was stopped there and goes on, its clock is 5 s ahead when everybody holds what the primary has. */
    @Test
    void whoWasStoppedWhileThePrimaryWasPausedTellsNoSentinel() throws Exception {
        Clock real = Clock.start();
        AtomicReference<SwitchoverSignals> switchover = new AtomicReference<>();
        Clock clock = () -> {
            SwitchoverSignals signals = switchover.get();
            boolean stopped =
                    signals != null && signals.steps().stream().anyMatch(step -> step.contains("await-offsets done"));
            return real.nowNanos() + (stopped ? TimeUnit.SECONDS.toNanos(5) : 0);
        };
        try (Watched watched =
                Watched.sentinel(LocalRedis.MASTER_NAME, Watched.addresses(redis.sentinels()), PASSWORD, clock)) {
            watched.await("a primary and two replicas", ControlPlaneIT::complete);
            switchover.set(watched.control.switchover());
            CompletableFuture<OperatorAnswer> told = new CompletableFuture<>();
            watched.control.switchover().ask(null, false, told::complete);
            OperatorAnswer answer = told.get(30, TimeUnit.SECONDS);

            assertThat(answer.done()).isFalse();
            assertThat(String.join("\n", answer.lines()))
                    .contains("fail-over: the pause of " + redis.primary().endpoint() + " may have ended")
                    .contains("what was changed is taken back");
            assertThat(watched.control.switchover().steps()).anyMatch(step -> step.contains("unpause done"));
            redis.primary().command("SET", "key", "let through");
            assertThat(redis.sentinels()).noneMatch(sentinel -> logged(sentinel, "+try-failover"));
        }
    }

    private static boolean logged(RedisProcess process, String text) {
        try {
            return Files.readString(process.logFile()).contains(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void closingFreesTheThread() {
        Bench.await(
                "threads of tests before to end",
                () -> "",
                () -> controlThreads().isEmpty());
        Watched watched = watchAll();
        watched.await("a primary", table -> table.writes().open());
        assertThat(controlThreads()).hasSize(1);
        watched.close();
        watched.awaitThat("its thread to end", () -> controlThreads().isEmpty());
        int tables = watched.tables.size();
        watched.control.freshnessWanted(watched.clock.nowNanos()); // nobody is left to hear it
        assertThat(watched.tables).hasSize(tables);
    }

    private static List<String> facts(CommandTable table) {
        return table.all().stream()
                .map(it -> it.name() + " " + it.arity() + " " + it.flags() + " " + it.keySpecs())
                .toList();
    }

    private static void awaitComplaint(Watched watched, String text) {
        watched.awaitThat(text, () -> watched.log.stream().anyMatch(line -> line.contains(text)));
    }

    private static Watched watchAll() {
        return Watched.sentinel(LocalRedis.MASTER_NAME, Watched.addresses(redis.sentinels()), PASSWORD);
    }

    private static boolean isUp(Notice notice, RedisProcess sentinel) {
        return notice instanceof Notice.SentinelLinkChanged change
                && change.up()
                && change.sentinel().equals(Watched.address(sentinel));
    }

    private static List<Thread> controlThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("tidegate-control"))
                .toList();
    }

    static boolean complete(RoutingTable table) {
        return table.writes() == WriteGate.OPEN
                && table.replicas().size() == 2
                && table.replicas().stream().allMatch(each -> each.health() == RouteReason.ELIGIBLE);
    }

    static @Nullable NodeAddress primary(RoutingTable table) {
        Node primary = table.primary();
        return primary == null ? null : primary.address();
    }
}
