package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a primary had kept back unexecuted, its clients being paused, when another one came in its place. */
@Timeout(90)
class LateRefusalsIT {
    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess old;
    private RedisProcess promoted;
    private RedisCommandClient client;
    private RedisCommandClient other;

    @BeforeEach
    void start() throws Exception {
        redis = HandFedProxy.servers(1);
        old = redis.primary();
        promoted = redis.replicas().get(0);
        begin(new HandFedProxy());
    }

    private void begin(HandFedProxy begun) throws Exception {
        proxy = begun;
        proxy.primary(1, old);
        client = proxy.connect(ReadLevel.SESSION);
        other = proxy.connect(ReadLevel.SESSION);
        client.command("SET", "warm", "1");
        other.command("SET", "warm", "1");
        await().until(() -> promoted.command("EXISTS", "warm").integer() == 1);
    }

    @AfterEach
    void stop() throws Exception {
        end();
        redis.close();
    }

    private void end() throws IOException {
        client.close();
        other.close();
        proxy.close();
    }

    /** The server has read the command, and keeps it back. */
    private void park(RedisCommandClient from, String... command) throws Exception {
        if (pausedClients() == 0) {
            old.command("CLIENT", "PAUSE", "60000", "WRITE");
        }
        from.write(command);
        await().until(() -> pausedClients() == 1);
    }

    private long pausedClients() throws IOException {
        try (RedisCommandClient direct = old.connect()) {
            return Long.parseLong(direct.info("clients").getOrDefault("blocked_clients", "0"));
        }
    }

    private void promote() throws Exception {
        promoted.command("REPLICAOF", "NO", "ONE");
        claim(2, promoted, new Replica(proxy.node(old), Instants.UNKNOWN, RouteReason.NOT_A_REPLICA));
    }

    private void claim(long epoch, RedisProcess primary, Replica beside) throws Exception {
        proxy.table(epoch, primary, WriteGate.OPEN, Instants.FOREVER, List.of(beside));
        proxy.settled();
    }

    private void demote() throws IOException {
        old.command("REPLICAOF", "127.0.0.1", Integer.toString(promoted.port()));
        old.command("CLIENT", "UNPAUSE");
    }

    @Test
    void aRefusedWriteIsSentToTheNewPrimary() throws Exception {
        park(client, "APPEND", "k", "x");
        promote();
        await().until(() -> !proxy.refusalsWanted.isEmpty());
        assertThat(proxy.refusalsWanted).containsOnly(proxy.node(old).address());
        demote();
        assertThat(client.read().integer()).isEqualTo(1);
        assertThat(promoted.command("GET", "k").text()).isEqualTo("x");
    }

    @Test
    void nobodyElseWaitsForIt() throws Exception {
        park(client, "APPEND", "k", "x");
        other.write("GET", "warm");
        proxy.settled();
        promote();
        assertThat(other.read().text()).isEqualTo("1");
        assertThat(other.command("APPEND", "k", "y").integer()).isEqualTo(1);
        demote();
        assertThat(client.read().integer()).isEqualTo(2);
    }

    /** The read is executed, by a replica of which nothing is known. */
    @Test
    void aReadBeforeARefusedWriteIsAskedAgain() throws Exception {
        park(client, "APPEND", "k", "x");
        other.write("GET", "warm");
        other.write("APPEND", "k", "y");
        proxy.settled();
        promote();
        promoted.command("SET", "warm", "2");
        demote();
        assertThat(other.read().text()).isEqualTo("2");
        other.read();
        client.read();
        assertThat(promoted.command("STRLEN", "k").integer()).isEqualTo(2);
    }

    @Test
    void whatRanAfterAllIsUncertain() throws Exception {
        park(client, "APPEND", "k", "x");
        promote();
        old.command("CLIENT", "UNPAUSE");
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN ");
        assertThat(old.command("GET", "k").text()).isEqualTo("x");
        assertThat(promoted.command("EXISTS", "k").integer()).isZero();
        assertThat(client.command("APPEND", "k", "y").integer()).isEqualTo(1);
    }

    @Test
    void aRefusalOfAScriptProvesNothing() throws Exception {
        park(client, "EVAL", "return redis.call('APPEND', 'k', 'x')", "1", "k");
        promote();
        demote();
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN ");
    }

    @Test
    void aTransactionIsToldThatNothingOfItRan() throws Exception {
        client.command("MULTI");
        client.command("APPEND", "k", "x");
        park(client, "EXEC");
        promote();
        demote();
        assertThatThrownBy(client::read).hasMessageStartingWith("EXECABORT ").hasMessageContaining("READONLY");
        assertThat(client.command("APPEND", "k", "y").integer()).isEqualTo(1);
    }

    @Test
    void aPrimaryThatDoesNotAnswerIsNotWaitedFor() throws Exception {
        park(client, "APPEND", "k", "x");
        promoted.command("REPLICAOF", "NO", "ONE");
        claim(2, promoted, new Replica(proxy.node(old), Instants.UNKNOWN, RouteReason.NO_LINK));
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN ");
    }

    @Test
    void oneThatStopsAnsweringIsWaitedForNoMore() throws Exception {
        park(client, "APPEND", "k", "x");
        promote();
        claim(2, promoted, new Replica(proxy.node(old), Instants.UNKNOWN, RouteReason.NO_LINK));
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN ");
    }

    @Test
    void itIsWaitedForNoLongerThanForAPrimary() throws Exception {
        end();
        begin(new HandFedProxy(HandFedProxy.Options.with(options -> options.holdMax = Duration.ofSeconds(1))));
        park(client, "APPEND", "k", "x");
        promote();
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN ");
        demote();
        assertThat(promoted.command("EXISTS", "k").integer()).isZero();
    }
}
