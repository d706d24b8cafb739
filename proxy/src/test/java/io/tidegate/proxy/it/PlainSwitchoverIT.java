package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.DelayingRelay;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private static final String ALLOWED = "commands: {allow: ['proxy|switchover', 'proxy|fence']}\n";

    /** By network, each way; the primary and the one that it hands over to exchange several messages. */
    private static final Duration SLOW = Duration.ofMillis(100);

    private LocalRedis redis;
    private Stack stack;
    private RedisCommandClient operator;

    @BeforeEach
    void start() throws IOException {
        redis = LocalRedis.builder().sentinels(0).start();
        begin(redis.servers().stream().map(RedisProcess::endpoint).toList());
    }

    private void begin(List<String> nodes) throws IOException {
        stack = Stack.plain(redis, nodes, "", ALLOWED);
        operator = stack.connect(Kind.SESSION);
    }

    @AfterEach
    void stop() throws IOException {
        operator.close();
        stack.close();
    }

    @Test
    void nobodyIsToldAnErrorAndNothingIsLostOrDoneTwice() throws Exception {
        awaitReady(operator);
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            load.awaitEach(200);
            List<String> told = lines(operator.command("PROXY", "SWITCHOVER"));

            assertThat(told.get(told.size() - 1)).contains("switched to ", "uncertain 0", "not executed 0");
            assertThat(told).anyMatch(line -> line.contains("repoint done"));
            assertThat(primary()).isNotEqualTo(old);
            load.awaitEach(load.least() + 200);
            load.end();
            load.assertExact(primary());
        }
        assertFollowed();
        ToldFailover failover = ToldFailover.of(last(operator.command("PROXY", "FAILOVERS")));
        assertThat(failover.text("kind")).isEqualTo("planned");
        assertThat(failover.nested("phases-after-millis").facts())
                .containsKeys("held", "paused", "caught-up", "cut-over", "first-ack");
    }

    @Test
    void eachReplicaCanBeTheOneThatIsPromotedAndIsStillAfterARestart() throws Exception {
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            for (RedisProcess wanted : redis.replicas()) {
                awaitReady(operator, "TO", wanted.endpoint());
                operator.command("PROXY", "SWITCHOVER", "TO", wanted.endpoint());
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
        try (Tidegate other = Tidegate.start(Stack.parse("listeners: [{address: '127.0.0.1:0'}]\n" + ALLOWED
                + "upstream: {static: {nodes: ["
                + redis.servers().stream().map(RedisProcess::endpoint).collect(Collectors.joining("', '", "'", "'"))
                + "]}}\n"))) {
            InetSocketAddress there = other.listeners().get(0).address().socketAddress();
            try (RedisCommandClient rival = RedisCommandClient.connect(there, Stack.PATIENCE);
                    Increments ours = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                    Increments theirs = Increments.begin(CLIENTS, there)) {
                ours.awaitEach(200);
                theirs.awaitEach(200);
                awaitReady(operator);
                awaitReady(rival);
                operator.write("PROXY", "SWITCHOVER");
                rival.write("PROXY", "SWITCHOVER");
                List<String> told = List.of(told(operator), told(rival));

                assertThat(told)
                        .filteredOn(each -> each.contains("switched to "))
                        .hasSize(1);
                assertThat(told)
                        .filteredOn(each -> each.contains("not switched, nothing was changed: "))
                        .hasSize(1);
                ours.awaitEach(ours.least() + 100);
                theirs.awaitEach(theirs.least() + 100);
                ours.end();
                theirs.end();
                ours.assertExact(primary());
                theirs.assertExact(primary());
            }
        }
        assertFollowed();
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        RedisProcess old = primary();
        awaitReady(operator);
        assertThat(String.join("\n", lines(operator.command("PROXY", "SWITCHOVER", "DRY", "RUN"))))
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
        awaitReady(operator);
        refused("is the primary already", "TO", old.endpoint());
        refused("is no node of this shard (expected: ", "TO", "127.0.0.1:1");
        replica.command("CONFIG", "SET", "replica-priority", "0");
        refused("replica-priority is 0", "TO", replica.endpoint());
        replica.command("CONFIG", "SET", "replica-priority", "100");

        for (RedisProcess node : List.of(old, replica)) {
            try (RedisCommandClient rival = node.connect()) {
                rival.command("CLIENT", "SETNAME", "tidegate-switchover");
                refused("another switchover ", "TO", other.endpoint());
            }
        }
        old.command("ACL", "SETUSER", "default", "-failover");
        refused("the primary " + old.endpoint() + " does not take FAILOVER, by which it is changed", "DRY", "RUN");
        old.command("ACL", "SETUSER", "default", "+failover");
        other.command("ACL", "SETUSER", "default", "-replicaof");
        refused("replica " + other.endpoint() + " does not take REPLICAOF", "TO", replica.endpoint());
        other.command("ACL", "SETUSER", "default", "+replicaof");

        replica.freeze();
        refused("replica " + replica.endpoint(), "TO", replica.endpoint());
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
            awaitReady(operator, "TO", wanted.endpoint());
            wanted.command("ACL", "SETUSER", "default", "-psync");
            assertThatThrownBy(() -> operator.command("PROXY", "SWITCHOVER", "TO", wanted.endpoint()))
                    .hasMessageContaining("not switched: await-promoted: " + old.endpoint() + " has given it up")
                    .hasMessageContaining("what was changed is taken back");
            wanted.command("ACL", "SETUSER", "default", "+psync");
            goesOn(load, old);
        }
        assertFollowed();
    }

    @Test
    void aReplicaThatIsSilentInTheMiddleOfItEndsIt() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            slow.awaitHandingOver();
            slow.relay.freeze();
            slow.assertEnded("took more than 3000 ms");
            slow.relay.thaw();
            slow.relay.delay(Duration.ZERO);
            goesOn(load, slow.old);
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
            slow.awaitStep("release done");
            slow.wanted.thaw();
            slow.assertEnded("took more than 3000 ms");
            ServerLog.awaitLine(List.of(slow.wanted), "MASTER MODE enabled (failover request");
            slow.relay.delay(Duration.ZERO);
            goesOn(load, slow.old);
        }
        assertFollowed();
    }

    @Test
    void aPrimaryThatDiesBeforeItHandsOverIsForAnOperator() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            slow.awaitHandingOver();
            slow.old.kill();
            assertThatThrownBy(() -> operator.read()).hasMessageContaining("not switched: await-promoted");
            slow.wanted.command("REPLICAOF", "NO", "ONE");
            slow.relay.delay(Duration.ZERO);
            goesOn(load, slow.wanted);
        }
    }

    @Test
    void aPrimaryThatDiesWhenItHasHandedOverCostsNothing() throws Exception {
        try (Slow slow = new Slow();
                Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            slow.begin(load);
            ServerLog.awaitLine(List.of(slow.wanted), "MASTER MODE enabled (failover request");
            slow.old.kill();
            assertThat(lines(operator.read())).anyMatch(line -> line.contains("switched to "));
            slow.relay.delay(Duration.ZERO);
            goesOn(load, slow.wanted);
        }
    }

    private void goesOn(Increments load, RedisProcess primary) throws Exception {
        load.awaitEach(load.least() + 100);
        load.end();
        load.assertExact(primary);
        assertThat(primary()).isEqualTo(primary);
    }

    /** A replica that everybody reaches by a relay, and a switchover to it that takes its time. */
    private final class Slow implements AutoCloseable {
        final RedisProcess old = primary();
        final RedisProcess wanted = redis.replicas().get(1);
        final DelayingRelay relay = DelayingRelay.to(wanted.address());
        private RedisCommandClient onlooker;

        Slow() throws IOException {
            String port = Integer.toString(relay.address().getPort());
            wanted.command("CONFIG", "SET", "replica-announce-port", port);
            wanted.command("CLIENT", "KILL", "TYPE", "master");
            Stack.awaitReplica(wanted);
            operator.close();
            stack.tidegate.close();
            PlainSwitchoverIT.this.begin(
                    List.of(old.endpoint(), redis.replicas().get(0).endpoint(), "127.0.0.1:" + port));
            onlooker = stack.connect(Kind.SESSION);
        }

        void begin(Increments load) throws Exception {
            load.awaitEach(100);
            String there = "127.0.0.1:" + relay.address().getPort();
            relay.delay(SLOW);
            awaitReady(operator, "TO", there);
            operator.write("PROXY", "SWITCHOVER", "TO", there);
        }

        void awaitHandingOver() {
            await().atMost(Stack.PATIENCE).pollInterval(Duration.ofMillis(5)).until(() -> {
                try (RedisCommandClient client = old.connect()) {
                    return "failover-in-progress"
                            .equals(client.info("replication").get("master_failover_state"));
                }
            });
        }

        void awaitStep(String what) {
            await().atMost(Stack.PATIENCE)
                    .pollInterval(Duration.ofMillis(5))
                    .until(
                            () -> lines(onlooker.command("PROXY", "SWITCHOVER", "STATUS")),
                            steps -> steps.stream().anyMatch(step -> step.contains(what)));
        }

        void assertEnded(String why) {
            assertThatThrownBy(() -> operator.read()).hasMessageContaining(why);
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

    private static String told(RedisCommandClient client) throws IOException {
        try {
            return String.join("\n", lines(client.read()));
        } catch (RedisErrorException e) {
            return e.getMessage();
        }
    }

    private void refused(String why, String... arguments) {
        assertThatThrownBy(() -> operator.command(words(arguments)))
                .isInstanceOf(RedisErrorException.class)
                .hasMessageContaining(why);
    }

    private static void awaitReady(RedisCommandClient operator, String... arguments) {
        await().atMost(Stack.PATIENCE).ignoreExceptions().until(() -> {
            operator.command(Stream.concat(Stream.of(words(arguments)), Stream.of("DRY", "RUN"))
                    .toArray(String[]::new));
            return true;
        });
    }

    private static String[] words(String... arguments) {
        return Stream.concat(Stream.of("PROXY", "SWITCHOVER"), Stream.of(arguments))
                .toArray(String[]::new);
    }

    private static List<String> lines(RespValue reply) {
        return reply.elements().stream().map(RespValue::text).collect(Collectors.toList());
    }

    private static RespValue last(RespValue array) {
        return Objects.requireNonNull(array.elements().get(array.elements().size() - 1));
    }
}
