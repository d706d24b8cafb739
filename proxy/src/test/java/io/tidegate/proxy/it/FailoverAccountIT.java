package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.control.Failover.Phase;
import io.tidegate.proxy.it.StampedLoad.Write;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What PROXY FAILOVERS tells, beside what clients saw and what the servers say. */
@Tag("alone")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class FailoverAccountIT {
    private static final int CONNECTIONS = 6;
    private static final String ADMIN = "admin: {address: \"127.0.0.1:0\"}";

    @Test
    void thePrimaryIsKilledUnderLoad() throws Exception {
        try (Stack stack = Stack.start(ADMIN);
                StampedLoad load = load("killed", stack)) {
            load.awaitProgress(200);
            RedisProcess old = stack.redis.primary();
            old.kill();
            long killedNanos = stack.tidegate.clock().nowNanos();
            ToldFailover told = awaitEnd(stack);
            load.awaitProgress(50);
            load.stop();

            assertThat(told.text("kind")).isEqualTo("unplanned");
            checkSwitch(stack, load, told, old);
            assertThat(told.number("held"))
                    .as("each connection's next write, and before that what was out, if it may turn out to be gone")
                    .isBetween((long) CONNECTIONS, 2L * CONNECTIONS);
            assertThat(told.millis("longest-wait-millis"))
                    .as("nobody waited for anything else")
                    .isLessThanOrEqualTo(load.longestWaitNanos() / 1e6)
                    .isGreaterThan(load.longestWaitNanos() / 2e6);
            assertThat(load.writes(write -> write.acknowledged() && write.sentNanos() > killedNanos))
                    .as("acknowledged by the new primary")
                    .allMatch(write -> write.toldNanos() >= endOf(stack, Phase.FIRST_ACK));
            checkElsewhere(stack, told);
        }
    }

    /** The replicas are cut off for a while first, so that what follows dies with the primary: both bounds count it. */
    @Test
    void whatNoReplicaHasIsLost() throws Exception {
        try (Stack stack = Stack.start(ADMIN);
                StampedLoad load = load("lost", stack)) {
            load.awaitProgress(100);
            RedisProcess old = stack.redis.primary();
            old.command("ACL", "SETUSER", "default", "-psync", "-sync");
            old.command("CLIENT", "KILL", "TYPE", "replica");
            double rounds = Stack.probeRounds(stack.tidegate);
            await().atMost(Stack.PATIENCE).until(() -> Stack.probeRounds(stack.tidegate) >= rounds + 2);
            load.awaitProgress(100);
            old.kill();
            ToldFailover told = awaitEnd(stack);
            load.stop();

            assertThat(told.text("kind")).isEqualTo("unplanned");
            checkSwitch(stack, load, told, old);
            ToldFailover risk = told.nested("at-risk");
            assertThat(risk.number("writes-at-least"))
                    .as("sent after a probe had found the primary where no replica was")
                    .isGreaterThanOrEqualTo(CONNECTIONS * 99L);
            assertThat(risk.number("known-lost-bytes")).isPositive();
        }
    }

    @Test
    void anOperatorFailsOver() throws Exception {
        try (Stack stack = Stack.start(ADMIN);
                StampedLoad load = load("planned", stack)) {
            load.awaitProgress(200);
            RedisProcess old = stack.redis.primary();
            stack.redis.failover();
            ToldFailover told = awaitEnd(stack);
            load.awaitProgress(50);
            load.stop();

            assertThat(told.text("kind")).isEqualTo("planned");
            assertThat(told.text("evidence")).contains("said +");
            checkSwitch(stack, load, told, old);
            ToldFailover phases = told.nested("phases-after-millis");
            assertThat(phases.millis("fence"))
                    .as("writes stop before there are two primaries")
                    .isLessThan(phases.millis("promotion"));
            checkElsewhere(stack, told);
        }
    }

    /** No replica may be promoted, so the failover that the sentinels begin comes to nothing. */
    @Test
    void thePrimaryIsSuspectedAndStays() throws Exception {
        LocalRedis servers = LocalRedis.builder()
                .downAfterMillis(2_000)
                .serverConfig("replica-priority 0")
                .start();
        try (Stack stack = Stack.before(servers, ADMIN);
                StampedLoad load = load("kept", stack)) {
            load.awaitProgress(200);
            RedisProcess primary = stack.redis.primary();
            primary.freeze();
            await().atMost(Stack.PATIENCE)
                    .until(() -> stack.tidegate.timeline().failovers().stream()
                            .anyMatch(it -> it.instantNanos(Phase.FENCE).isPresent()));
            primary.thaw();
            ToldFailover told = awaitEnd(stack);
            load.awaitProgress(50);
            load.stop();

            assertThat(told.text("outcome")).isEqualTo("kept");
            assertThat(told.text("kind")).isEqualTo("unplanned");
            assertThat(told.text("from")).isEqualTo(primary.endpoint());
            assertThat(told.text("to")).isNull();
            assertThat(told.text("at-risk"))
                    .as("nothing is lost where nobody took over")
                    .isNull();
            assertThat(told.nested("phases-after-millis").facts()).containsKeys("fence", "kept", "end");
            assertThat(told.number("uncertain"))
                    .isEqualTo(load.writes(Write::uncertain).size());
            assertThat(told.number("held") + told.number("parked")).isPositive();
            assertThat(told.millis("longest-wait-millis")).isLessThanOrEqualTo(load.longestWaitNanos() / 1e6);
            try (RedisCommandClient direct = primary.connect()) {
                assertThat(load.lost(direct)).isEmpty();
            }
            checkElsewhere(stack, told);
        }
    }

    private static StampedLoad load(String name, Stack stack) {
        return new StampedLoad(name, stack.address(Kind.SESSION), stack.tidegate.clock(), CONNECTIONS);
    }

    /** What a client is told once the one failover is over: the same in both protocols. */
    private static ToldFailover awaitEnd(Stack stack) throws IOException {
        await().atMost(Stack.PATIENCE)
                .until(() -> stack.tidegate.timeline().failovers().stream()
                        .anyMatch(it -> it.instantNanos(Phase.END).isPresent()));
        try (RedisCommandClient client = stack.connect(Kind.EVENTUAL)) {
            RespValue resp2 = client.command("PROXY", "FAILOVERS");
            assertThat(resp2.elements()).hasSize(1).allMatch(RespValue.Array.class::isInstance);
            client.command("HELLO", "3");
            RespValue resp3 = client.command("PROXY", "FAILOVERS");
            assertThat(resp3.elements()).hasSize(1).allMatch(RespValue.Map.class::isInstance);
            ToldFailover told = ToldFailover.of(resp3.elements().get(0));
            ToldFailover same = ToldFailover.of(resp2.elements().get(0));
            assertThat(same.facts().keySet())
                    .containsExactlyElementsOf(told.facts().keySet());
            assertThat(same.millis("longest-wait-millis")).isEqualTo(told.millis("longest-wait-millis"));
            return told;
        }
    }

    private static void checkSwitch(Stack stack, StampedLoad load, ToldFailover told, RedisProcess old)
            throws IOException {
        RedisProcess survivor = stack.primary();
        assertThat(survivor).isNotNull();
        assertThat(told.text("outcome")).isEqualTo("switched");
        assertThat(told.text("from")).isEqualTo(old.endpoint());
        assertThat(told.text("to")).isEqualTo(survivor.endpoint());
        assertThat(told.number("epoch")).isEqualTo(stack.tidegate.table().epoch());
        List<Write> uncertain = load.writes(Write::uncertain);
        assertThat(told.number("uncertain")).isEqualTo(uncertain.size());
        assertThat(load.writes(write -> !write.acknowledged() && !write.uncertain()))
                .as("no other error")
                .isEmpty();
        assertThat(told.number("not-executed")).isZero();
        ToldFailover phases = told.nested("phases-after-millis");
        assertThat(List.of(
                        phases.millis("fence"),
                        phases.millis("cut-over"),
                        phases.millis("first-ack"),
                        phases.millis("end")))
                .isSorted();
        try (RedisCommandClient direct = survivor.connect()) {
            checkRisk(stack, load, told, direct);
        }
    }

    /** The interval has the truth in it, and the offsets are the server's own. */
    private static void checkRisk(Stack stack, StampedLoad load, ToldFailover told, RedisCommandClient survivor)
            throws IOException {
        ToldFailover risk = told.nested("at-risk");
        long shared = Long.parseLong(survivor.info("replication").getOrDefault("second_repl_offset", "")) - 1;
        assertThat(risk.number("shared-to-offset")).isEqualTo(shared);
        assertThat(risk.number("known-lost-bytes")).isEqualTo(Math.max(0, risk.number("seen-to-offset") - shared));
        List<Write> lost = load.lost(survivor);
        assertThat((long) lost.size()).isBetween(risk.number("writes-at-least"), risk.number("writes-at-most"));
        long beginNanos = stack.tidegate.timeline().failovers().get(0).beginNanos();
        assertThat(lost)
                .as("in the span of acknowledgements that is told")
                .allMatch(write -> write.toldNanos() - beginNanos >= 1e6 * risk.millis("acknowledged-after-millis")
                        && write.sentNanos() - beginNanos <= 1e6 * risk.millis("acknowledged-before-millis"));
        long counted = load.writes(Write::acknowledged).size();
        assertThat(risk.number("writes-at-most"))
                .as("not simply all that there were")
                .isLessThan(counted);
    }

    /** The admin port tells the same. */
    private static void checkElsewhere(Stack stack, ToldFailover told) throws IOException, InterruptedException {
        String outcome = told.text("outcome");
        assertThat(Stack.get(stack.tidegate, "/topology"))
                .contains("\"outcome\" : \"" + outcome + "\"", "\"held\" : " + told.number("held"));
        assertThat(Stack.get(stack.tidegate, "/metrics"))
                .contains(
                        "tidegate_failovers_total{kind=\"" + told.text("kind") + "\",outcome=\"" + outcome + "\"} 1.0");
    }

    private static long endOf(Stack stack, Phase phase) {
        return stack.tidegate.timeline().failovers().get(0).instantNanos(phase).orElseThrow();
    }
}
