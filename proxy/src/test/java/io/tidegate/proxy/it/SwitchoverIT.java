package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
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

    private static final String ALLOWED = """
            admin: {address: "127.0.0.1:0"}
            commands: {allow: ['proxy|switchover', 'proxy|fence']}
            """;

    private Stack stack;
    private RedisCommandClient operator;

    @BeforeEach
    void start() throws IOException {
        stack = Stack.before(
                LocalRedis.builder()
                        .downAfterMillis(2_000)
                        .failoverTimeoutMillis(FAILOVER_TIMEOUT_MILLIS)
                        .start(),
                ALLOWED);
        operator = stack.connect(Kind.EVENTUAL);
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
            List<String> told = lines(operator.command("PROXY", "SWITCHOVER"));

            assertThat(told.get(told.size() - 1)).contains("switched to ", "uncertain 0", "not executed 0");
            RedisProcess primary = primary();
            assertThat(primary).isNotEqualTo(old);
            load.awaitEach(200);
            load.end();
            load.assertExact(primary);
        }
        assertThat(old.command("ROLE").elements().get(0).text()).isEqualTo("slave");
        ToldFailover failover = ToldFailover.of(last(operator.command("PROXY", "FAILOVERS")));
        assertThat(failover.text("kind")).isEqualTo("planned");
        assertThat(failover.nested("phases-after-millis").facts())
                .containsKeys("held", "paused", "caught-up", "promotion", "cut-over", "first-ack");
        assertThat(Stack.get(stack.tidegate, "/metrics"))
                .contains("tidegate_switchovers_total{outcome=\"switched\"} 1.0");
        assertThat(lines(operator.command("PROXY", "SWITCHOVER", "STATUS")))
                .anyMatch(line -> line.contains("pause done"));
    }

    @Test
    void eachReplicaCanBeTheOneThatIsPromoted() throws Exception {
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION))) {
            for (RedisProcess wanted : stack.redis.replicas()) {
                awaitReadyFor(wanted);
                operator.command("PROXY", "SWITCHOVER", "TO", wanted.endpoint());
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
        try (Tidegate other = Tidegate.start(Stack.config(stack.redis, "commands: {allow: ['proxy|switchover']}"))) {
            InetSocketAddress there = other.listeners().get(2).address().socketAddress();
            try (RedisCommandClient rival = RedisCommandClient.connect(there, Stack.PATIENCE);
                    Increments ours = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                    Increments theirs = Increments.begin(CLIENTS, there)) {
                ours.awaitEach(200);
                theirs.awaitEach(200);
                await().atMost(Stack.PATIENCE).ignoreExceptions().until(() -> {
                    rival.command("PROXY", "SWITCHOVER", "DRY", "RUN");
                    return true;
                });
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
    }

    private void begin() {
        try {
            operator.write("PROXY", "SWITCHOVER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String told(RedisCommandClient client) throws IOException {
        try {
            return String.join("\n", lines(client.read()));
        } catch (RedisErrorException e) {
            return e.getMessage();
        }
    }

    @Test
    void aDryRunChangesNothing() throws Exception {
        RedisProcess old = primary();
        RedisProcess replica = stack.redis.replicas().get(1);
        List<String> told = lines(operator.command("PROXY", "SWITCHOVER", "TO", replica.endpoint(), "DRY", "RUN"));

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
        refused("is the primary already", "TO", old.endpoint());
        refused("is no node of this shard (expected: ", "TO", "127.0.0.1:1");
        refused("ERR node: ", "TO", "nonsense");
        refused("ERR expected: PROXY SWITCHOVER", "NOW");
        replica.command("CONFIG", "SET", "replica-priority", "0");
        refused("replica-priority is 0", "TO", replica.endpoint());
        replica.command("CONFIG", "SET", "replica-priority", "100");

        try (RedisCommandClient rival = old.connect()) {
            rival.command("CLIENT", "SETNAME", "tidegate-switchover");
            refused("another switchover of " + old.endpoint() + " is under way: the connection from 127.0.0.1:");
            refused("another switchover of " + old.endpoint(), "DRY", "RUN");
        }

        replica.freeze();
        refused("replica " + replica.endpoint(), "TO", replica.endpoint());
        replica.thaw();

        for (RedisProcess sentinel : stack.redis.sentinels()) {
            sentinel.command("SENTINEL", "SET", LocalRedis.MASTER_NAME, "quorum", "4");
        }
        refused("NOQUORUM");
        assertThat(primary()).isEqualTo(old);
        assertThat(Stack.calls(old, "client|pause")).isZero();
    }

    @Test
    void aReplicaThatStopsInBetweenEndsIt() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = stack.redis.replicas().get(1);
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                RedisCommandClient onlooker = stack.connect(Kind.EVENTUAL)) {
            load.awaitEach(100);
            operator.write("PROXY", "SWITCHOVER", "TO", wanted.endpoint());
            awaitStep(onlooker, "steer done");
            wanted.freeze();
            awaitStep(onlooker, "failed: ");
            wanted.thaw();

            assertThatThrownBy(() -> operator.read()).hasMessageContaining("not switched: await-");
            assertThat(priority(wanted)).isEqualTo("100");
            assertThat(primary()).isEqualTo(old);
            load.awaitEach(load.least() + 100);
            load.end();
            load.assertExact(old);
        }
    }

    @Test
    void aSentinelThatDiesInBetweenEndsIt() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = stack.redis.replicas().get(1);
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                RedisCommandClient onlooker = stack.connect(Kind.EVENTUAL)) {
            load.awaitEach(100);
            operator.write("PROXY", "SWITCHOVER", "TO", wanted.endpoint());
            String checked = awaitStep(onlooker, "steer done").get(0);
            for (RedisProcess sentinel : stack.redis.sentinels()) {
                if (checked.contains("sentinel " + sentinel.endpoint() + " ")) {
                    sentinel.kill();
                }
            }
            assertThatThrownBy(() -> operator.read()).hasMessageContaining("not switched: await-steered");
            assertThat(priority(wanted)).isEqualTo("100");
            assertThat(primary()).isEqualTo(old);
            load.awaitEach(load.least() + 100);
            load.end();
            load.assertExact(old);
        }
    }

    @Test
    void aPrimaryThatDiesBeforeIsFailedOverAsEver() throws Exception {
        RedisProcess old = primary();
        RedisProcess wanted = stack.redis.replicas().get(1);
        try (RedisCommandClient client = stack.connect(Kind.SESSION);
                RedisCommandClient onlooker = stack.connect(Kind.EVENTUAL)) {
            operator.write("PROXY", "SWITCHOVER", "TO", wanted.endpoint());
            awaitStep(onlooker, "steer done");
            old.kill();
            assertThatThrownBy(() -> operator.read())
                    .hasMessageContaining("not switched: await-steered: another failover");
            assertThat(priority(wanted)).isEqualTo("100");
            client.command("SET", "k", "after");
            assertThat(primary().command("GET", "k").text()).isEqualTo("after");
        }
    }

    @Test
    void aPrimaryThatDiesOnceTheSentinelsAreAtItCostsNothing() throws Exception {
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                RedisCommandClient onlooker = stack.connect(Kind.EVENTUAL)) {
            load.awaitEach(100);
            operator.write("PROXY", "SWITCHOVER");
            awaitStep(onlooker, "fail-over done");
            old.kill();
            List<String> told = lines(operator.read());
            assertThat(told).anyMatch(line -> line.contains("switched to "));
            load.awaitEach(load.least() + 100);
            load.end();
            load.assertExact(primary());
        }
    }

    @Test
    void replicasThatStopOnceTheSentinelsAreAtItEndIt() throws Exception {
        RedisProcess old = primary();
        try (Increments load = Increments.begin(CLIENTS, stack.address(Kind.SESSION));
                RedisCommandClient onlooker = stack.connect(Kind.EVENTUAL)) {
            load.awaitEach(100);
            operator.write("PROXY", "SWITCHOVER");
            awaitStep(onlooker, "fail-over done");
            stack.redis.replicas().forEach(RedisProcess::freeze);
            assertThatThrownBy(() -> operator.read())
                    .hasMessageContaining("not switched: await-promoted took more than 1000 ms")
                    .hasMessageContaining("what was changed is taken back");
            load.awaitEach(load.least() + 100);
            load.end();
            load.assertExact(old);
            for (RedisProcess sentinel : stack.redis.sentinels()) {
                List<String> fields = lines(sentinel.command("SENTINEL", "MASTER", LocalRedis.MASTER_NAME));
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
            assertThatThrownBy(() -> operator.read())
                    .hasMessageContaining("not switched: await-promoted")
                    .hasMessageContaining("may still do so: PROXY FENCE");
            if (!stack.tidegate.table().writes().open()) { // it was heard to begin before it died
                operator.command("PROXY", "FENCE", "RELEASE", old.endpoint());
            }
            load.awaitEach(load.least() + 100);
            load.end();
            load.assertExact(old);
        }
    }

    private RedisProcess primary() {
        return Objects.requireNonNull(stack.primary());
    }

    private static List<String> awaitStep(RedisCommandClient onlooker, String what) {
        return await().atMost(Stack.PATIENCE)
                .pollInterval(Duration.ofMillis(5))
                .until(
                        () -> lines(onlooker.command("PROXY", "SWITCHOVER", "STATUS")),
                        steps -> steps.stream().anyMatch(step -> step.contains(what)));
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

    private void refused(String why, String... arguments) {
        assertThatThrownBy(() -> operator.command(Stream.concat(Stream.of("PROXY", "SWITCHOVER"), Stream.of(arguments))
                        .toArray(String[]::new)))
                .isInstanceOf(RedisErrorException.class)
                .hasMessageContaining(why);
    }

    /** The sentinels and the proxy know it as a replica that may be promoted, of the present primary. */
    private void awaitReadyFor(RedisProcess wanted) {
        await().atMost(Stack.PATIENCE).ignoreExceptions().until(() -> {
            operator.command("PROXY", "SWITCHOVER", "TO", wanted.endpoint(), "DRY", "RUN");
            return true;
        });
    }

    private static List<String> lines(RespValue reply) {
        return reply.elements().stream().map(RespValue::text).collect(Collectors.toList());
    }

    private static RespValue last(RespValue array) {
        return array.elements().get(array.elements().size() - 1);
    }
}
