package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Transactions that the server does not begin, or not as a whole, and what a lost connection then makes of them. */
@Timeout(60)
class TransactionFaultsIT {
    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess primary;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true));
        proxy.primary(1, primary);
        primary.command("ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-multi");
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void withoutTheRightToMultiNothingIsQueuedAndNothingRunsTwice() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("AUTH", "plain", "pw");
            assertThatThrownBy(() -> client.command("MULTI")).hasMessageStartingWith("NOPERM");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
            primary.command("CLIENT", "KILL", "TYPE", "normal");
            assertThat(client.command("GET", "n").text()).isEqualTo("1");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(2);
            assertThatThrownBy(() -> client.command("EXEC")).hasMessage("ERR EXEC without MULTI");
        }
    }

    @Test
    void theSameInOnePipelineGetsWhatTheServerSays() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("AUTH", "plain", "pw");
            client.write("MULTI");
            client.write("INCR", "n");
            client.write("EXEC");
            assertThatThrownBy(client::read).hasMessageStartingWith("NOPERM");
            assertThat(client.read().integer()).isEqualTo(1);
            assertThatThrownBy(client::read).hasMessage("ERR EXEC without MULTI");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(2);
        }
    }

    /** Redis discards a transaction at an EXEC that it rejects, be it for its arguments. */
    @Test
    void anExecThatIsRejectedEndsTheTransactionSoThatNothingBehindItRunsTwice() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("AUTH", "default", "any");
            client.command("MULTI");
            client.command("INCR", "n");
            assertThatThrownBy(() -> client.command("EXEC", "x"))
                    .hasMessageStartingWith("EXECABORT Transaction discarded");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
            primary.command("CLIENT", "KILL", "TYPE", "normal");
            assertThat(client.command("GET", "n").text()).isEqualTo("1");
            assertThatThrownBy(() -> client.command("EXEC")).hasMessage("ERR EXEC without MULTI");
        }
    }

    @Test
    void whatRunsBehindARefusedMultiIsProvenLikeAnyWrite() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            publish(before, fake, Instants.UNKNOWN);
            client.write("MULTI");
            client.write("INCR", "n");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MULTI", "INCR");
            peer.send("-NOPERM this user has no permissions to run the 'multi' command\r\n:1\r\n");
            await().until(() -> before.evidenceWantedNanos.get() != Instants.UNKNOWN);
            publish(before, fake, Instants.FOREVER);
            assertThatThrownBy(client::read).hasMessageStartingWith("NOPERM");
            assertThat(client.read().integer()).isEqualTo(1);
        }
    }

    @Test
    void whatMayHaveRunBehindARefusedMultiIsNotSentAgain() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            publish(before, fake, Instants.FOREVER);
            client.write("MULTI");
            client.write("INCR", "n");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("MULTI", "INCR");
            peer.close();
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            // The rest of the transaction, which must not run without its beginning.
            assertThatThrownBy(() -> client.command("INCR", "n")).hasMessageStartingWith("EXECABORT not executed");
            assertThatThrownBy(() -> client.command("WATCH", "n")).hasMessageStartingWith("EXECABORT not executed");
            assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT Transaction discarded");
            client.write("SET", "k", "v");
            FakeRedis.Peer second = fake.peer();
            second.expect("SET");
            second.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");
        }
    }

    @Test
    void nothingIsSentBehindAMultiThatMustBeSentAgainBeforeItSucceeded() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            publish(before, fake, Instants.FOREVER);
            FakeRedis.Peer peer = begin(client, fake, "+QUEUED\r\n");
            assertThat(client.read().text()).isEqualTo("QUEUED");
            peer.close();
            FakeRedis.Peer second = fake.peer();
            second.expect("MULTI");
            second.send("-NOPERM this user has no permissions to run the 'multi' command\r\n");
            second.expectEnd();
            assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT");
        }
    }

    @Test
    void whatTheFirstServerDidNotQueueDoesNotRunOnTheSecond() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            publish(before, fake, Instants.FOREVER);
            FakeRedis.Peer peer = begin(client, fake, "-OOM command not allowed\r\n");
            assertThatThrownBy(client::read).hasMessageStartingWith("OOM");
            peer.close();
            FakeRedis.Peer second = fake.peer();
            second.expect("MULTI");
            second.send("+OK\r\n");
            second.expect("INCR");
            second.send("+QUEUED\r\n");
            client.write("EXEC");
            second.expectEnd();
            assertThatThrownBy(client::read).hasMessageStartingWith("EXECABORT");
        }
    }

    @Test
    void aRefusedCommandInAPipelinedTransactionHarmsNobody() throws Exception {
        try (HandFedProxy open = new HandFedProxy();
                RedisCommandClient other = open.connect(ReadLevel.SESSION);
                RedisCommandClient next = open.connect(ReadLevel.SESSION);
                RedisCommandClient refused = open.connect(ReadLevel.SESSION)) {
            open.primary(1, primary);
            for (int round = 1; round <= 20; round++) {
                // All three on one loop and one shared connection; the transactions on one of the pool.
                for (int i = 0; i < 50; i++) {
                    other.write("INCR", "other");
                }
                refused.write("MULTI");
                refused.write("INCR", "never");
                refused.write("CONFIG", "SET", "maxmemory", "1");
                refused.write("INCR", "never");
                refused.write("EXEC");
                refused.write("GET", "never");
                next.write("MULTI");
                next.write("INCR", "next");
                next.write("EXEC");
                assertThat(refused.read().text()).isEqualTo("OK");
                assertThat(refused.read().text()).isEqualTo("QUEUED");
                assertThatThrownBy(refused::read).hasMessageStartingWith("ERR not executed: Tidegate refuses");
                assertThat(refused.read().text()).isEqualTo("QUEUED");
                assertThatThrownBy(refused::read).hasMessageStartingWith("EXECABORT");
                assertThat(refused.read().isNull()).isTrue();
                assertThat(next.read().text()).isEqualTo("OK");
                assertThat(next.read().text()).isEqualTo("QUEUED");
                assertThat(next.read().elements().get(0).integer()).isEqualTo(round);
                for (int i = 1; i <= 50; i++) {
                    assertThat(other.read().integer()).isEqualTo(50L * (round - 1) + i);
                }
            }
        }
    }

    @Test
    void whatWasParkedWhenTheConnectionWasLostIsNotTakenForDelivered() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            parkAndLose(before, fake, client);
            before.plane.publish(
                    new RoutingTable(3, 2, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            FakeRedis.Peer second = fake.peer();
            again(client, second);
        }
    }

    @Test
    void whatWasParkedWhenTheConnectionWasLostMayBeProvenLater() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            parkAndLose(before, fake, client);
            publish(before, fake, Instants.FOREVER);
            again(client, fake.peer());
        }
    }

    /** MULTI and SET in one go, whose replies cannot be proven before their connection is lost. */
    private static void parkAndLose(HandFedProxy proxy, FakeRedis fake, RedisCommandClient client) throws Exception {
        publish(proxy, fake, Instants.UNKNOWN);
        client.write("MULTI");
        client.write("SET", "k", "v");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("MULTI", "SET");
        peer.send("+OK\r\n+QUEUED\r\n");
        await().until(() -> info(proxy, "parked_bytes_of_this_loop") == "+OK\r\n+QUEUED\r\n".length());
        peer.close();
        await().until(() -> info(proxy, "upstream_connections_of_this_loop") == 0);
    }

    private static void again(RedisCommandClient client, FakeRedis.Peer peer) throws Exception {
        peer.expect("MULTI");
        peer.send("+OK\r\n");
        peer.expect("SET");
        peer.send("+QUEUED\r\n");
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        client.write("EXEC");
        peer.expect("EXEC");
        peer.send("*1\r\n+OK\r\n");
        assertThat(client.read().elements()).hasSize(1);
    }

    @Test
    void whatWasOnItsWayToTheQueueOfAWatchingTransactionHasNotRun() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            FakeRedis.Peer peer = watch(before, fake, client);
            client.write("MULTI");
            peer.expect("MULTI");
            peer.send("+OK\r\n");
            assertThat(client.read().text()).isEqualTo("OK");
            client.write("SET", "k", "v");
            peer.expect("SET");
            peer.close();
            assertThat(client.read().text()).isEqualTo("QUEUED");
            assertThat(client.command("EXEC").isNull()).isTrue();
        }
    }

    @Test
    void whatEndsNoTransactionDoesNotEndABrokenOne() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy before = new HandFedProxy();
                RedisCommandClient client = before.connect(ReadLevel.SESSION)) {
            watch(before, fake, client).close();
            await().until(() -> info(before, "upstream_connections_of_this_loop") == 0);
            assertThatThrownBy(() -> client.command("EXEC")).hasMessage("ERR EXEC without MULTI");
            assertThatThrownBy(() -> client.command("DISCARD")).hasMessage("ERR DISCARD without MULTI");
            assertThat(client.command("MULTI").text()).isEqualTo("OK");
            assertThat(client.command("UNWATCH").text()).isEqualTo("QUEUED");
            assertThat(client.command("SET", "k", "v").text()).isEqualTo("QUEUED");
            assertThat(client.command("EXEC").isNull()).isTrue();
        }
    }

    private static FakeRedis.Peer watch(HandFedProxy proxy, FakeRedis fake, RedisCommandClient client)
            throws Exception {
        publish(proxy, fake, Instants.FOREVER);
        client.write("WATCH", "k");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("WATCH");
        peer.send("+OK\r\n");
        assertThat(client.read().text()).isEqualTo("OK");
        return peer;
    }

    @Test
    void whoMayNotEndATransactionLeavesItToNobody() throws Exception {
        primary.command("ACL", "SETUSER", "stuck", "on", ">pw", "~*", "&*", "+@all", "-discard", "-unwatch");
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("AUTH", "stuck", "pw");
            client.command("MULTI");
            assertThatThrownBy(() -> client.command("DISCARD")).hasMessageStartingWith("NOPERM");
            assertThat(client.command("MULTI").text()).isEqualTo("OK");
            assertThat(client.command("INCR", "n").text()).isEqualTo("QUEUED");
            assertThat(client.command("EXEC").elements()).hasSize(1);
            client.command("WATCH", "k");
            assertThatThrownBy(() -> client.command("UNWATCH")).hasMessageStartingWith("NOPERM");
            client.command("SET", "k", "v");
            client.command("MULTI");
            client.command("GET", "k");
            assertThat(client.command("EXEC").elements()).hasSize(1);
        }
    }

    @Test
    void aNameThatIsRefusedForItsNulAbortsTheTransaction() throws Exception {
        try (HandFedProxy open = new HandFedProxy();
                RedisCommandClient client = open.connect(ReadLevel.SESSION)) {
            open.primary(1, primary);
            client.command("MULTI");
            client.command("INCR", "n");
            assertThatThrownBy(() -> client.command("SET\0", "k", "v")).hasMessageContaining("NUL");
            assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT");
            assertThat(client.command("GET", "n").isNull()).isTrue();
        }
    }

    /** A number that the proxy tells of itself. */
    private static long info(HandFedProxy proxy, String name) throws Exception {
        try (RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            return other.command("PROXY", "INFO").elements().stream()
                    .map(line -> line.text())
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                    .sum();
        }
    }

    private static FakeRedis.Peer begin(RedisCommandClient client, FakeRedis fake, String queued) throws Exception {
        client.write("MULTI");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("MULTI");
        peer.send("+OK\r\n");
        assertThat(client.read().text()).isEqualTo("OK");
        client.write("INCR", "n");
        peer.expect("INCR");
        peer.send(queued);
        return peer;
    }

    private static void publish(HandFedProxy proxy, FakeRedis fake, long evidenceNanos) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(
                new RoutingTable(generation, 1, fake.node(), WriteGate.OPEN, evidenceNanos, List.of(), false));
    }
}
