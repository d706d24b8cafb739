package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.DelayingRelay;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code PROXY SWITCHOVER} where there are no sentinels, counted as in {@link SwitchoverIT}. */
@Tag("alone")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PlainSwitchoverIT {
    private static final int CLIENTS = 6;

    /** By network, each way; the primary and the one that it hands over to exchange several messages. */
    private static final Duration SLOW = Duration.ofMillis(100);

    private LocalRedis redis;
    private Stack stack;
    private Operator operator;

    @BeforeEach
    void start() throws IOException {
        redis = LocalRedis.builder().sentinels(0).start();
        begin(redis.servers().stream().map(RedisProcess::endpoint).toList());
    }

    private void begin(List<String> nodes) throws IOException {
        stack = Stack.plain(redis, nodes, "", Operator.ALLOWED);
        operator = Operator.at(stack.address(Kind.SESSION));
    }

    @AfterEach
    void stop() throws IOException {
        operator.close();
        stack.close();
    }

    @Test
    void nobodyIsToldAnErrorAndNothingIsLostOrDoneTwice() throws Exception {
        operator.awaitReady();
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            load.awaitEach(200);
            List<String> told = operator.switchOver();

            assertThat(told.get(told.size() - 1)).contains("switched to ", "uncertain 0", "not executed 0");
            assertThat(told).anyMatch(line -> line.contains("repoint done"));
            assertThat(primary()).isNotEqualTo(old);
            load.awaitEach(load.least() + 200);
            load.end();
            load.assertExact(primary());
        }
        assertFollowed();
        ToldFailover failover = operator.lastFailover();
        assertThat(failover.text("kind")).isEqualTo("planned");
        assertThat(failover.nested("phases-after-millis").facts())
                .containsKeys("held", "paused", "caught-up", "cut-over", "first-ack");
    }

    @Test
    void eachReplicaCanBeTheOneThatIsPromotedAndIsStillAfterARestart() throws Exception {
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            for (RedisProcess wanted : redis.replicas()) {
                operator.awaitReady("TO", wanted.endpoint());
                operator.switchOver("TO", wanted.endpoint());
                assertThat(primary()).isEqualTo(wanted);
                load.awaitEach(load.least() + 100);
            }
            load.end();
            load.assertExact(primary());
        }
        assertFollowed();
        for (RedisProcess server : redis.servers()) {
            if (!server.equals(primary())) {
                server.restart();
            }
        }
        assertFollowed();
    }

    @Test
    void ofTwoProxiesToldAtOnceOneSwitchesAndTheOtherChangesNothing() throws Exception {
        try (Tidegate other = Tidegate.start(Stack.parse("listeners: [{address: '127.0.0.1:0'}]\n" + Operator.ALLOWED
                        + "upstream: {static: {nodes: ["
                        + redis.servers().stream()
                                .map(RedisProcess::endpoint)
                                .collect(Collectors.joining("', '", "'", "'"))
                        + "]}}\n"));
                Operator rival = Operator.at(other.listeners().get(0).address().socketAddress())) {
            Operator.assertOneOfTwoSwitches(operator, rival, this::primary);
        }
        assertFollowed();
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        RedisProcess old = primary();
        operator.awaitReady();
        assertThat(String.join("\n", operator.switchOver("DRY", "RUN")))
                .contains("checked: primary " + old.endpoint(), "it takes FAILOVER", "nothing was changed");
        assertThat(Stack.calls(old, "client|pause")).isZero();
        assertThat(primary()).isEqualTo(old);
        assertFollowed();
    }

    @Test
    void whatSpeaksAgainstItIsSaidAndNothingChanged() throws Exception {
        RedisProcess old = primary();
        RedisProcess replica = redis.replicas().get(0);
        RedisProcess other = redis.replicas().get(1);
        operator.awaitReady();
        operator.refused("is the primary already", "TO", old.endpoint());
        operator.refused("is no node of this shard (expected: ", "TO", "127.0.0.1:1");
        replica.command("CONFIG", "SET", "replica-priority", "0");
        operator.refused("replica-priority is 0", "TO", replica.endpoint());
        replica.command("CONFIG", "SET", "replica-priority", "100");

        for (RedisProcess node : List.of(old, replica)) {
            try (RedisCommandClient rival = node.connect()) {
                rival.command("CLIENT", "SETNAME", "tidegate-switchover");
                operator.refused("another switchover ", "TO", other.endpoint());
            }
        }
        old.command("ACL", "SETUSER", "default", "-failover");
        operator.refused(
                "the primary " + old.endpoint() + " does not take FAILOVER, by which it is changed", "DRY", "RUN");
        old.command("ACL", "SETUSER", "default", "+failover");
        other.command("ACL", "SETUSER", "default", "-replicaof");
        operator.refused("replica " + other.endpoint() + " does not take REPLICAOF", "TO", replica.endpoint());
        other.command("ACL", "SETUSER", "default", "+replicaof");

        replica.freeze();
        operator.refused("replica " + replica.endpoint(), "TO", replica.endpoint());
        replica.thaw();
        assertThat(primary()).isEqualTo(old);
        assertThat(Stack.calls(old, "client|pause")).isZero();
    }

    @Test
    void aReplicaThatDoesNotLetThePrimaryFollowItEndsIt() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = redis.replicas().get(1);
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            load.awaitEach(100);
            operator.awaitReady("TO", wanted.endpoint());
            wanted.command("ACL", "SETUSER", "default", "-psync");
            assertThatThrownBy(() -> operator.switchOver("TO", wanted.endpoint()))
                    .hasMessageContaining("not switched: await-promoted: " + old.endpoint() + " has given it up")
                    .hasMessageContaining("what was changed is taken back");
            wanted.command("ACL", "SETUSER", "default", "+psync");
            assertGoesOn(load, old);
        }
        assertFollowed();
    }

    @Test
    void aReplicaThatIsSilentInTheMiddleOfItEndsIt() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            Operator.awaitHandingOver(slow.old);
            slow.relay.freeze();
            operator.assertEnded("took more than 3000 ms");
            slow.relay.thaw();
            slow.relay.delay(Duration.ZERO);
            assertGoesOn(load, slow.old);
        }
        assertFollowed();
    }

    /** It has been told to be primary, and finds that when it goes on. */
    @Test
    void aReplicaThatIsStoppedBeforeItHearsThatItIsPrimaryIsNone() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            ServerLog.awaitLine(List.of(slow.old), "Trying a partial resynchronization");
            slow.wanted.freeze();
            slow.onlooker.awaitStep("release done");
            slow.wanted.thaw();
            operator.assertEnded("took more than 3000 ms");
            ServerLog.awaitLine(List.of(slow.wanted), "MASTER MODE enabled (failover request");
            slow.relay.delay(Duration.ZERO);
            assertGoesOn(load, slow.old);
        }
        assertFollowed();
    }

    @Test
    void aPrimaryThatDiesBeforeItHandsOverIsForAnOperator() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            Operator.awaitHandingOver(slow.old);
            slow.old.kill();
            operator.assertEnded("not switched: await-promoted");
            slow.wanted.command("REPLICAOF", "NO", "ONE");
            slow.relay.delay(Duration.ZERO);
            assertGoesOn(load, slow.wanted);
        }
    }

    @Test
    void aPrimaryThatDiesWhenItHasHandedOverCostsNothing() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            ServerLog.awaitLine(List.of(slow.wanted), "MASTER MODE enabled (failover request");
            slow.old.kill();
            assertThat(operator.report()).anyMatch(line -> line.contains("switched to "));
            slow.relay.delay(Duration.ZERO);
            assertGoesOn(load, slow.wanted);
        }
    }

    private void assertGoesOn(Increments load, RedisProcess primary) throws Exception {
        load.goesOn(primary);
        assertThat(primary()).isEqualTo(primary);
    }

    /** A replica that everybody reaches by a relay, and a switchover to it that takes its time. */
    private final class Slow implements AutoCloseable {
        final RedisProcess old = primary();
        final RedisProcess wanted = redis.replicas().get(1);
        final DelayingRelay relay = DelayingRelay.to(wanted.address());
        private Operator onlooker;

        Slow() throws IOException {
            String port = Integer.toString(relay.address().getPort());
            wanted.command("CONFIG", "SET", "replica-announce-port", port);
            wanted.command("CLIENT", "KILL", "TYPE", "master");
            Stack.awaitReplica(wanted);
            operator.close();
            stack.tidegate.close();
            PlainSwitchoverIT.this.begin(
                    List.of(old.endpoint(), redis.replicas().get(0).endpoint(), "127.0.0.1:" + port));
            onlooker = operator.onlooker();
        }

        void begin(Increments load) throws Exception {
            load.awaitEach(100);
            String there = "127.0.0.1:" + relay.address().getPort();
            relay.delay(SLOW);
            operator.awaitReady("TO", there);
            operator.begin("TO", there);
        }

        @Override
        public void close() throws IOException {
            wanted.thaw();
            onlooker.close();
            relay.close();
        }
    }

    private RedisProcess primary() {
        return redis.servers().stream()
                .filter(server -> isPrimary(server))
                .reduce((one, other) -> {
                    throw new AssertionError(one + " and " + other + " say that they are primary");
                })
                .orElseThrow();
    }

    private static boolean isPrimary(RedisProcess server) {
        try {
            return server.responsive()
                    && server.command("ROLE").elements().get(0).text().equals("master");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Every other server is a replica of the one primary, has a link to it, and the proxy believes so. */
    private void assertFollowed() {
        await().atMost(Stack.PATIENCE).untilAsserted(() -> {
            RedisProcess primary = primary();
            for (RedisProcess server : redis.servers()) {
                if (!server.equals(primary)) {
                    List<RespValue> role = server.command("ROLE").elements();
                    assertThat(role.get(2).integer()).isEqualTo(primary.port());
                    assertThat(role.get(3).text()).isEqualTo("connected");
                }
            }
            assertThat(stack.tidegate.table().writes().open()).isTrue();
        });
    }
}
