package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the data plane does with a routing table, on real servers. */
@Timeout(60)
class DataPlaneIT {
    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess primary;
    private RedisProcess replica;

    @BeforeEach
    void start() {
        redis = HandFedProxy.servers(1);
        primary = redis.primary();
        replica = redis.replicas().get(0);
        proxy = new HandFedProxy();
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void writesAndReadsGoThrough() throws IOException {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
            assertThat(client.command("GET", "k").text()).isEqualTo("v");
            assertThat(client.command("PING").text()).isEqualTo("PONG");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
            assertThatThrownBy(() -> client.command("INCR", "k")).hasMessageContaining("not an integer");
        }
    }

    @Test
    void aPipelineIsAnsweredInOrderAcrossKindsOfCommands() throws IOException {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            for (int i = 0; i < 500; i++) {
                client.write("SET", "k", Integer.toString(i));
                client.write("GET", "k");
                client.write("ECHO", "e" + i);
            }
            for (int i = 0; i < 500; i++) {
                assertThat(client.read().text()).isEqualTo("OK");
                assertThat(client.read().text()).isEqualTo(Integer.toString(i));
                assertThat(client.read().text()).isEqualTo("e" + i);
            }
        }
    }

    @Test
    void eventualReadsReachAReplica() throws IOException {
        proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            for (int i = 0; i < 10; i++) {
                client.command("GET", "k");
            }
        }
        assertThat(calls(replica, "get")).isEqualTo(10);
        assertThat(calls(primary, "get")).isZero();
    }

    @Test
    void aReadDoesNotOvertakeAnEarlierWriteNorTheOtherWayRound() throws IOException {
        proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
        try (RedisCommandClient client = proxy.connect(ReadLevel.EVENTUAL)) {
            for (int i = 0; i < 200; i++) {
                client.write("GET", "order");
                client.write("SET", "order", Integer.toString(i));
                client.write("GET", "order");
            }
            for (int i = 0; i < 200; i++) {
                RespValue before = client.read();
                if (!before.isNull()) {
                    assertThat(Integer.parseInt(before.text())).isLessThan(i);
                }
                client.read();
                assertThat(client.read().text()).isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test
    void requestsAreHeldUntilThereIsAPrimary() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SET", "held", "1");
            client.write("GET", "held");
            proxy.table(1, primary, WriteGate.FENCED, Instants.UNKNOWN, List.of());
            proxy.primary(1, primary);
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().text()).isEqualTo("1");
        }
    }

    @Test
    void holdingEndsWithNoPrimaryAndTheCommandDidNotRun() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(Duration.ofMillis(200), Duration.ofSeconds(5), 1 << 30);
                RedisCommandClient client = impatient.connect(ReadLevel.SESSION)) {
            client.write("SET", "never", "1");
            client.write("SET", "never", "2");
            assertThatThrownBy(client::read).hasMessageStartingWith("NOPRIMARY not executed");
            assertThatThrownBy(client::read).hasMessageStartingWith("NOPRIMARY not executed");
            impatient.primary(1, primary);
            assertThat(HandFedProxy.served(client, "EXISTS", "never").integer()).isZero();
        }
    }

    @Test
    void aReplyIsParkedUntilEvidenceReachesIt() throws Exception {
        proxy.table(1, primary, WriteGate.OPEN, Instants.UNKNOWN, List.of());
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SET", "parked", "1");
            client.write("GET", "parked");
            // Both: the evidence of a moment reaches what was read before it.
            await().until(() -> proxy.counted("tidegate_parked_bytes") == "+OK\r\n$1\r\n1\r\n".length());
            assertThat(calls(primary, "set")).isEqualTo(1);
            proxy.table(1, primary, WriteGate.OPEN, proxy.clock.nowNanos(), List.of());
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().text()).isEqualTo("1");
        }
    }

    @Test
    void aParkedReplyOfAReplacedPrimaryIsUncertainAndReadsAreAskedAgain() throws Exception {
        proxy.table(1, primary, WriteGate.OPEN, Instants.UNKNOWN, List.of());
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("SET", "lost", "1");
            client.write("GET", "mine");
            await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
            promote(replica);
            try (RedisCommandClient direct = replica.connect()) {
                direct.command("SET", "mine", "of the new primary");
            }
            proxy.primary(2, replica);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
            assertThat(client.read().text()).isEqualTo("of the new primary");
            assertThat(client.command("SET", "after", "1").text()).isEqualTo("OK");
        }
    }

    @Test
    void aWriteInFlightWhenThePrimaryDiesIsUncertainAndReadsAreRetried() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("SET", "k", "v");
            awaitReplicated("k", "v");
            primary.freeze();
            client.write("SET", "k", "w");
            client.write("GET", "k");
            client.write("INCR", "n");
            client.write("PING");
            awaitSent(3);
            primary.kill();
            promote(replica);
            proxy.primary(2, replica);
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
            assertThat(client.read().text()).isEqualTo("v");
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
            assertThat(client.read().text()).isEqualTo("PONG");
        }
    }

    @Test
    void aFrozenPrimaryIsLeftBehindWithWhatItOwes() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("SET", "k", "v");
            awaitReplicated("k", "v");
            Replica frozen = new Replica(proxy.node(primary), Instants.UNKNOWN, RouteReason.NO_LINK);
            primary.freeze();
            client.write("SET", "k", "w");
            client.write("GET", "k");
            awaitSent(2);
            promote(replica);
            proxy.table(2, replica, WriteGate.OPEN, Instants.FOREVER, List.of(frozen));
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
            assertThat(client.read().text()).isEqualTo("v");
        } finally {
            primary.thaw();
        }
    }

    @Test
    void aRefusedTailIsReplayedOnTheNewPrimary() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("SET", "k", "v");
            promote(replica);
            try (RedisCommandClient direct = primary.connect()) {
                direct.command("REPLICAOF", "127.0.0.1", Integer.toString(replica.port()));
            }
            client.write("SET", "k", "a");
            client.write("GET", "k");
            client.write("SET", "k", "b");
            await().untilAsserted(() -> assertThat(calls(primary, "set")).isGreaterThanOrEqualTo(1));
            proxy.primary(2, replica);
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.read().text()).isEqualTo("a");
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.command("GET", "k").text()).isEqualTo("b");
        }
    }

    @Test
    void aTransactionBeforeExecIsSentAgainToTheNewPrimary() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(client.command("MULTI").text()).isEqualTo("OK");
            assertThat(client.command("INCR", "tx").text()).isEqualTo("QUEUED");
            assertThat(client.command("INCR", "tx").text()).isEqualTo("QUEUED");
            promote(replica);
            primary.kill();
            proxy.primary(2, replica);
            RespValue reply = client.command("EXEC");
            assertThat(reply.elements()).extracting(RespValue::integer).containsExactly(1L, 2L);
        }
    }

    @Test
    void aWatchedTransactionAbortsWhenThePrimaryIsReplaced() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("WATCH", "tx");
            client.command("MULTI");
            client.command("INCR", "tx");
            promote(replica);
            primary.kill();
            proxy.primary(2, replica);
            assertThat(client.command("EXEC").isNull()).isTrue();
            assertThat(client.command("INCR", "tx").integer()).isEqualTo(1);
        }
    }

    @Test
    void aBlockedPopDoesNotStopOthersAndGetsItsElement() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient waiting = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            waiting.write("BLPOP", "list", "0");
            await().until(() -> blockedClients() == 1);
            assertThat(other.command("LPUSH", "list", "x").integer()).isEqualTo(1);
            assertThat(waiting.read().elements().get(1).text()).isEqualTo("x");
        }
    }

    @Test
    void aSubscriberGetsMessagesAndItsConnectionEndsWithIt() throws Exception {
        proxy.primary(1, primary);
        try (RedisCommandClient subscriber = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient publisher = proxy.connect(ReadLevel.SESSION)) {
            subscriber.write("SUBSCRIBE", "news");
            assertThat(subscriber.read().elements().get(0).text()).isEqualTo("subscribe");
            assertThat(publisher.command("PUBLISH", "news", "hello").integer()).isEqualTo(1);
            assertThat(subscriber.read().elements().get(2).text()).isEqualTo("hello");
        }
        await().untilAsserted(() -> {
            try (RedisCommandClient direct = primary.connect()) {
                assertThat(direct.command("PUBSUB", "NUMSUB", "news")
                                .elements()
                                .get(1)
                                .integer())
                        .isZero();
            }
        });
    }

    @Test
    void bigValuesGoThroughInBothDirections() throws Exception {
        proxy.primary(1, primary);
        String big = "x".repeat(20_000_000);
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(client.command("SET", "big", big).text()).isEqualTo("OK");
            assertThat(client.command("GET", "big").text()).isEqualTo(big);
            assertThat(client.command("SET", "empty", "").text()).isEqualTo("OK");
            assertThat(client.command("GET", "empty").text()).isEmpty();
        }
    }

    private static void promote(RedisProcess process) throws IOException {
        process.command("REPLICAOF", "NO", "ONE");
    }

    private void awaitReplicated(String key, String value) {
        await().ignoreExceptions().untilAsserted(() -> {
            try (RedisCommandClient direct = replica.connect()) {
                assertThat(direct.command("GET", key).text()).isEqualTo(value);
            }
        });
    }

    /** So many writes went to the first primary, or are on their way there. */
    private void awaitSent(int writes) {
        await().until(() -> proxy.written(1).sent() == writes);
    }

    private long blockedClients() throws IOException {
        try (RedisCommandClient direct = primary.connect()) {
            return Long.parseLong(direct.info("clients").getOrDefault("blocked_clients", "0"));
        }
    }

    /** How often a server executed a command, rejected calls included. */
    private static long calls(RedisProcess process, String command) throws IOException {
        try (RedisCommandClient direct = process.connect()) {
            String stats = direct.info("commandstats").getOrDefault("cmdstat_" + command, "");
            long sum = 0;
            Matcher counter = Pattern.compile("(^|,)(rejected_)?calls=(\\d+)").matcher(stats);
            while (counter.find()) {
                sum += Long.parseLong(counter.group(3));
            }
            return sum;
        }
    }

    @Test
    void sessionsWantProbesOnlyWhenNoReplicaIsFreshEnoughForThem() throws Exception {
        ProbePacer pacer = new ProbePacer(
                Duration.ofSeconds(10).toNanos(), Duration.ofSeconds(2).toNanos());
        proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(replica)));
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("GET", "k");
            client.command("GET", "k");
            assertThat(calls(replica, "get")).isEqualTo(2);
            assertThat(proxy.plane.demand(pacer, proxy.clock.nowNanos()).lastNanos())
                    .isEqualTo(Instants.UNKNOWN);
            long beforeTheWrite = proxy.clock.nowNanos();
            client.command("SET", "k", "v");
            Replica behind = new Replica(proxy.node(replica), beforeTheWrite, RouteReason.ELIGIBLE);
            proxy.table(1, primary, WriteGate.OPEN, Instants.FOREVER, List.of(behind));
            assertThat(client.command("GET", "k").text()).isEqualTo("v");
            ProbePacer.Demand demand = proxy.plane.demand(pacer, proxy.clock.nowNanos());
            assertThat(demand.lastNanos()).isGreaterThan(beforeTheWrite);
            assertThat(demand.intervalNanos()).isEqualTo(ProbePacer.SESSION_NANOS);
        }
    }
}
