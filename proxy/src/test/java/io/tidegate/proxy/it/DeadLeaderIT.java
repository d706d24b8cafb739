package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The leader of a failover dies right after its election, and the primary, which was only stopped for a moment, goes on. No
 * other sentinel begins a failover: they voted, and there is nothing to fail over from. From here a dead leader looks like
 * one that is cut off and about to promote a replica, for as long as its {@code failover-timeout} lets it.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DeadLeaderIT {
    private static final int FAILOVER_TIMEOUT_MILLIS = 200_000;
    /** The write is held for longer than a sentinel takes that wanted to lead, too, and gives up after 10 s. */
    private static final String MORE = """
            hold: {time-max: 60s}
            admin: {address: "127.0.0.1:0"}
            commands: {allow: ['proxy|fence']}
            """;

    @Test
    void writesWaitForItUntilAnOperatorSaysThatItIsGone() throws Exception {
        LocalRedis redis = LocalRedis.builder()
                .replicas(1)
                .downAfterMillis(1_000)
                .failoverTimeoutMillis(FAILOVER_TIMEOUT_MILLIS)
                .start();
        try (Stack stack = Stack.before(redis, MORE);
                RedisCommandClient client = stack.connect(Kind.SESSION);
                RedisCommandClient operator = stack.connect(Kind.EVENTUAL)) {
            RedisProcess primary = redis.primary();
            Fault.awaitDeadLeader(redis.sentinels(), "crash-after-election", primary::freeze);
            primary.thaw();
            await().atMost(Stack.PATIENCE).until(() -> stack.tidegate.table().writes() == WriteGate.FENCED);
            client.write("SET", "k", "held");

            String remedy = "PROXY FENCE RELEASE " + primary.endpoint();
            await("who is waited for is told, how long at the most, and what ends it")
                    .atMost(Stack.PATIENCE)
                    .until(
                            () -> Stack.get(stack.tidegate, "/topology"),
                            topology -> topology.contains("leader_unheard")
                                    && topology.contains(remedy)
                                    && topology.contains("after 215 s"));
            assertThat(primary.command("EXISTS", "k").integer()).isZero();

            RedisProcess replica = redis.replicas().get(0);
            assertThatThrownBy(() -> operator.command("PROXY", "FENCE", "RELEASE", replica.endpoint()))
                    .hasMessageContaining("the sentinels decide");
            await("nobody that can be asked goes on with a failover of its own")
                    .atMost(Stack.PATIENCE)
                    .ignoreExceptionsInstanceOf(RedisErrorException.class)
                    .until(() -> {
                        operator.command("PROXY", "FENCE", "RELEASE", primary.endpoint());
                        return true;
                    });
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(primary.command("GET", "k").text()).isEqualTo("held");
        }
    }
}
