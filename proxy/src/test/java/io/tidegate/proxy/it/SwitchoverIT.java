package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * {@code PROXY SWITCHOVER} under load. What it promises is counted: every client increments a key of its own, so an answer
 * that is an error, a count that is missing and one that is there twice all show.
 */
@Tag("alone")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SwitchoverIT {
    private static final int CLIENTS = 6;
    /** Longer than writes are held. */
    private static final int FAILOVER_TIMEOUT_MILLIS = 60_000;

    private static final String ALLOWED = "admin: {address: '127.0.0.1:0'}\n" + Operator.ALLOWED;

    private Stack stack;
    private Operator operator;

    @BeforeEach
    void start() throws IOException {
        stack = Stack.before(
                LocalRedis.builder()
                        .downAfterMillis(2_000)
                        .failoverTimeoutMillis(FAILOVER_TIMEOUT_MILLIS)
                        .start(),
                ALLOWED);
        operator = Operator.at(stack.address(Kind.EVENTUAL));
    }

    @AfterEach
    void stop() throws IOException {
        operator.close();
        stack.close();
    }

    @Test
    void nobodyIsToldAnErrorAndNothingIsLostOrDoneTwice() throws Exception {
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            load.awaitEach(200);
            List<String> told = operator.switchOver();

            assertThat(told.get(told.size() - 1)).contains("switched to ", "uncertain 0", "not executed 0");
            RedisProcess primary = primary();
            assertThat(primary).isNotEqualTo(old);
            load.awaitEach(200);
            load.end();
            load.assertExact(primary);
        }
        assertThat(old.command("ROLE").elements().get(0).text()).isEqualTo("slave");
        ToldFailover failover = operator.lastFailover();
        assertThat(failover.text("kind")).isEqualTo("planned");
        assertThat(failover.nested("phases-after-millis").facts())
                .containsKeys("held", "paused", "caught-up", "promotion", "cut-over", "first-ack");
        assertThat(Stack.get(stack.tidegate, "/metrics"))
                .contains("tidegate_switchovers_total{outcome=\"switched\"} 1.0");
        operator.awaitStep("pause done");
    }

    @Test
    void eachReplicaCanBeTheOneThatIsPromoted() throws Exception {
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            for (RedisProcess wanted : stack.redis.replicas()) {
                operator.awaitReady("TO", wanted.endpoint());
                operator.switchOver("TO", wanted.endpoint());
                assertThat(primary()).isEqualTo(wanted);
                assertThat(priority(wanted)).isEqualTo("100");
                load.awaitEach(load.least() + 100);
            }
            load.end();
            load.assertExact(primary());
        }
    }

    @Test
    void ofTwoProxiesToldAtOnceOneSwitchesAndTheOtherChangesNothing() throws Exception {
        try (Tidegate other = Tidegate.start(Stack.config(stack.redis, Operator.ALLOWED));
                Operator rival = Operator.at(other.listeners().get(2).address().socketAddress());
                Operator ours = Operator.at(stack.address(Kind.SESSION))) {
            Operator.assertOneOfTwoSwitches(ours, rival, this::primary);
        }
    }

    private void begin() {
        try {
            operator.begin();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        RedisProcess old = primary();
        RedisProcess replica = stack.redis.replicas().get(1);
        List<String> told = operator.switchOver("TO", replica.endpoint(), "DRY", "RUN");

        assertThat(String.join("\n", told))
                .contains("checked: primary " + old.endpoint(), "would set replica-priority", "nothing was changed");
        assertThat(primary()).isEqualTo(old);
        assertThat(Stack.calls(old, "client|pause")).isZero();
        assertThat(Stack.calls(replica, "config|set")).isZero();
    }

    @Test
    void whatSpeaksAgainstItIsSaidAndNothingChanged() throws Exception {
        RedisProcess old = primary();
        RedisProcess replica = stack.redis.replicas().get(0);
        operator.refused("is the primary already", "TO", old.endpoint());
        operator.refused("is no node of this shard (expected: ", "TO", "127.0.0.1:1");
        operator.refused("ERR node: ", "TO", "nonsense");
        operator.refused("ERR expected: PROXY SWITCHOVER", "NOW");
        replica.command("CONFIG", "SET", "replica-priority", "0");
        operator.refused("replica-priority is 0", "TO", replica.endpoint());
        replica.command("CONFIG", "SET", "replica-priority", "100");

        try (RedisCommandClient rival = old.connect()) {
            rival.command("CLIENT", "SETNAME", "tidegate-switchover");
            operator.refused(
                    "another switchover of " + old.endpoint() + " is under way: the connection from 127.0.0.1:");
            operator.refused("another switchover of " + old.endpoint(), "DRY", "RUN");
        }

        replica.freeze();
        operator.refused("replica " + replica.endpoint(), "TO", replica.endpoint());
        replica.thaw();

        for (RedisProcess sentinel : stack.redis.sentinels()) {
            sentinel.command("SENTINEL", "SET", LocalRedis.MASTER_NAME, "quorum", "4");
        }
        operator.refused("NOQUORUM");
        assertThat(primary()).isEqualTo(old);
        assertThat(Stack.calls(old, "client|pause")).isZero();
    }

    @Test
    void aReplicaThatStopsInBetweenEndsIt() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = stack.redis.replicas().get(1);
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                Operator onlooker = operator.onlooker()) {
            load.awaitEach(100);
            operator.begin("TO", wanted.endpoint());
            onlooker.awaitStep("steer done");
            wanted.freeze();
            onlooker.awaitStep("failed: ");
            wanted.thaw();

            operator.assertEnded("not switched: await-");
            assertThat(priority(wanted)).isEqualTo("100");
            assertThat(primary()).isEqualTo(old);
            load.goesOn(old);
        }
    }

    @Test
    void aSentinelThatDiesInBetweenEndsIt() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = stack.redis.replicas().get(1);
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                Operator onlooker = operator.onlooker()) {
            load.awaitEach(100);
            operator.begin("TO", wanted.endpoint());
            String checked = onlooker.awaitStep("steer done").get(0);
            for (RedisProcess sentinel : stack.redis.sentinels()) {
                if (checked.contains("sentinel " + sentinel.endpoint() + " ")) {
                    sentinel.kill();
                }
            }
            operator.assertEnded("not switched: await-steered");
            assertThat(priority(wanted)).isEqualTo("100");
            assertThat(primary()).isEqualTo(old);
            load.goesOn(old);
        }
    }

    @Test
    void aPrimaryThatDiesBeforeIsFailedOverAsEver() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = stack.redis.replicas().get(1);
        try (RedisCommandClient client = stack.connect(Kind.SESSION);
                Operator onlooker = operator.onlooker()) {
            operator.begin("TO", wanted.endpoint());
            onlooker.awaitStep("steer done");
            old.kill();
            operator.assertEnded("not switched: await-steered: another failover");
            assertThat(priority(wanted)).isEqualTo("100");
            client.command("SET", "k", "after");
            assertThat(primary().command("GET", "k").text()).isEqualTo("after");
        }
    }

    @Test
    void aPrimaryThatDiesOnceTheSentinelsAreAtItCostsNothing() throws Exception {
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                Operator onlooker = operator.onlooker()) {
            load.awaitEach(100);
            operator.begin();
            onlooker.awaitStep("fail-over done");
            old.kill();
            List<String> told = operator.report();
            assertThat(told).anyMatch(line -> line.contains("switched to "));
            load.goesOn(primary());
        }
    }

    @Test
    void replicasThatStopOnceTheSentinelsAreAtItEndIt() throws Exception {
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                Operator onlooker = operator.onlooker()) {
            load.awaitEach(100);
            operator.begin();
            onlooker.awaitStep("fail-over done");
            stack.redis.replicas().forEach(RedisProcess::freeze);
            operator.assertEnded(
                    "not switched: await-promoted took more than 1000 ms", "what was changed is taken back");
            load.goesOn(old);
            for (RedisProcess sentinel : stack.redis.sentinels()) {
                List<String> fields = Operator.lines(sentinel.command("SENTINEL", "MASTER", LocalRedis.MASTER_NAME));
                assertThat(fields).containsSequence("failover-timeout", Integer.toString(FAILOVER_TIMEOUT_MILLIS));
            }
        }
    }

    @Test
    void aLeaderThatDiesWithoutHavingPromotedAnybodyEndsItAndWritesGoOnAtAWord() throws Exception {
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            load.awaitEach(100);
            Fault.awaitDeadLeader(stack.redis.sentinels(), "crash-after-election", this::begin);
            operator.assertEnded("not switched: await-promoted", "may still do so: PROXY FENCE");
            if (!stack.tidegate.table().writes().open()) { // it was heard to begin before it died
                operator.command("PROXY", "FENCE", "RELEASE", old.endpoint());
            }
            load.goesOn(old);
        }
    }

    private RedisProcess primary() {
        return Objects.requireNonNull(stack.primary());
    }

    private static String priority(RedisProcess server) throws IOException {
        return server.command("CONFIG", "GET", "replica-priority")
                .elements()
                .get(1)
                .text();
    }

    @Test
    void whoMayNotIsRefused() throws Exception {
        try (Tidegate other = Tidegate.start(Stack.config(stack.redis, ""));
                RedisCommandClient stranger = RedisCommandClient.connect(
                        other.listeners().get(2).address().socketAddress(), Stack.PATIENCE)) {
            assertThatThrownBy(() -> stranger.command("PROXY", "SWITCHOVER"))
                    .isInstanceOf(RedisErrorException.class)
                    .hasMessageContaining("proxy|switchover");
        }
    }
}
