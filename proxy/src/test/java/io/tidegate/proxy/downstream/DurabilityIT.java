package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an acknowledgement waits for besides the claim: replicas, of which the test says how far they are. */
class DurabilityIT {
    private static final long BEHIND = 1;
    private static final long AHEAD = Instants.FOREVER - 1;

    private final List<RedisCommandClient> clients = new ArrayList<>();
    private HandFedProxy proxy;
    private FakeRedis fake;
    private long generation;

    @BeforeEach
    void start() throws IOException {
        proxy = new HandFedProxy();
        fake = new FakeRedis();
    }

    @AfterEach
    void stop() throws Exception {
        for (RedisCommandClient client : clients) {
            client.close();
        }
        proxy.close();
        fake.close();
    }

    @Test
    void aWriteIsAcknowledgedWhenTheReplicasThatItsRuleNamesHoldIt() throws Exception {
        publish(Instants.FOREVER, BEHIND, BEHIND);
        RedisCommandClient one = connect("replicated(1)");
        RedisCommandClient all = connect("replicated(all)");
        FakeRedis.Peer peer = written(one);
        all.write("SET", "k", "v");
        peer.expect("SET");
        peer.send("+OK\r\n+OK\r\n");
        parked(2);
        assertThat(proxy.replicationWantedNanos.get()).isGreaterThan(0);

        publish(Instants.FOREVER, AHEAD, BEHIND);
        assertThat(one.read().text()).isEqualTo("OK");
        parked(1);
        publish(Instants.FOREVER, AHEAD, AHEAD);
        assertThat(all.read().text()).isEqualTo("OK");
        assertThat(proxy.counted("tidegate_replica_waits_total")).isEqualTo(2);
    }

    @Test
    void claimAndReplicasAreProvenInWhicheverOrder() throws Exception {
        publish(Instants.UNKNOWN, BEHIND);
        RedisCommandClient client = parkedWrite();
        publish(Instants.UNKNOWN, AHEAD);
        proxy.settled();
        parked(1);
        publish(Instants.FOREVER, BEHIND);
        proxy.settled();
        parkedUntilHeld();
        assertThat(client.read().text()).isEqualTo("OK");
    }

    @Test
    void readsWaitForNobodyUnlessTheyAreStrong() throws Exception {
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("replicated(all)");
        client.write("GET", "k");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("GET");
        peer.send("$1\r\nv\r\n");
        assertThat(client.read().text()).isEqualTo("v");

        client.command("PROXY", "CONSISTENCY", "strong");
        client.write("GET", "k");
        peer.expect("GET");
        peer.send("$1\r\nw\r\n");
        parkedUntilHeld();
        assertThat(client.read().text()).isEqualTo("w");
    }

    @Test
    void inTimeOrItIsSaidHowManyHaveIt() throws Exception {
        publish(Instants.FOREVER, AHEAD, BEHIND, Instants.UNKNOWN);
        impatient();
        RedisCommandClient all = connect("replicated(all)");
        FakeRedis.Peer peer = written(all);
        peer.send("+OK\r\n");
        assertThatThrownBy(all::read).hasMessage("UNDERREPLICATED executed, 1 of 3 replicas have it");

        RedisCommandClient two = connect("replicated(2)");
        two.write("SET", "k", "v");
        peer.expect("SET");
        peer.send("+OK\r\n");
        assertThatThrownBy(two::read).hasMessage("UNDERREPLICATED executed, 1 of 2 replicas have it");
    }

    @Test
    void whoseClaimIsNotProvenEitherMayHaveRun() throws Exception {
        impatient();
        publish(Instants.UNKNOWN, BEHIND);
        RedisCommandClient client = connect("replicated(all)");
        written(client).send("+OK\r\n");
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
    }

    @Test
    void anotherProcessAtItsAddressProvesNothingOfWhatTheOneBeforeWrote() throws Exception {
        impatient();
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = parkedWrite();
        publish(fake.node("after its restart"), 1, Instants.FOREVER, AHEAD);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
    }

    @Test
    void aNewClaimEndsTheWait() throws Exception {
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = parkedWrite();
        publish(fake.node(), 2, Instants.FOREVER, AHEAD);
        assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
    }

    @Test
    void anErrorOfTheServersIsPassedOnAmongWhatIsUnderreplicated() throws Exception {
        impatient();
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("replicated(all)");
        FakeRedis.Peer peer = written(client);
        client.write("INCR", "k");
        client.write("SET", "k", "w");
        peer.expect("INCR", "SET");
        peer.send("+OK\r\n-ERR value is not an integer or out of range\r\n+OK\r\n");
        assertThatThrownBy(client::read).hasMessage("UNDERREPLICATED executed, 0 of 1 replicas have it");
        assertThatThrownBy(client::read).hasMessage("ERR value is not an integer or out of range");
        assertThatThrownBy(client::read).hasMessage("UNDERREPLICATED executed, 0 of 1 replicas have it");
    }

    @Test
    void soIsWhatIsOnlyRead() throws Exception {
        assertThat(amongUnderreplicated(ReadLevel.SESSION))
                .containsExactly("a", "UNDERREPLICATED", "b", "UNDERREPLICATED");
    }

    @Test
    void butNotWhatIsToBeStrong() throws Exception {
        assertThat(amongUnderreplicated(ReadLevel.STRONG))
                .containsOnly("UNDERREPLICATED")
                .hasSize(4);
    }

    /** The replies to reads and writes of one pipeline, by turns, none of which any replica holds. */
    private List<String> amongUnderreplicated(ReadLevel level) throws Exception {
        impatient();
        publish(Instants.FOREVER, BEHIND);
        String pipeline = RawClient.command("GET", "k")
                + RawClient.command("SET", "k", "b")
                + RawClient.command("GET", "k")
                + RawClient.command("INCR", "n");
        Profile profile = new Profile(level, Durability.parse("replicated(all)"), user -> new CausalScope());
        List<String> replies = new ArrayList<>();
        try (RawClient client = new RawClient(proxy.listen(profile))) {
            client.send(pipeline);
            FakeRedis.Peer peer = fake.peer();
            peer.expect("GET", "SET", "GET", "INCR");
            peer.send("$1\r\na\r\n+OK\r\n$1\r\nb\r\n:1\r\n");
            while (replies.size() < 4) {
                String line = client.line();
                if (!line.startsWith("$")) {
                    replies.add(line.startsWith("-") ? line.substring(1, line.indexOf(' ')) : line);
                }
            }
        }
        return replies;
    }

    @Test
    void execIsWhatWaitsOfATransaction() throws Exception {
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("replicated(all)");
        client.write("MULTI");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("MULTI");
        peer.send("+OK\r\n");
        assertThat(client.read().text()).isEqualTo("OK");
        client.write("SET", "k", "v");
        peer.expect("SET");
        peer.send("+QUEUED\r\n");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        client.write("EXEC");
        peer.expect("EXEC");
        peer.send("*1\r\n+OK\r\n");
        parkedUntilHeld();
        assertThat(client.read().elements()).hasSize(1);
    }

    @Test
    void anUploadWaitsAsAnyWriteDoes() throws Exception {
        proxy.close();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.uploadBytesMin = 1_000));
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("replicated(all)");
        client.write("SET", "k", "v".repeat(1 << 20));
        FakeRedis.Peer peer = fake.peer();
        peer.expect("SET");
        assertThat(proxy.counted("tidegate_uploads_total")).isEqualTo(1);
        peer.send("+OK\r\n");
        parkedUntilHeld();
        assertThat(client.read().text()).isEqualTo("OK");
    }

    @Test
    void aCommandThatBlocksWaitsWithItsReply() throws Exception {
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("replicated(all)");
        client.write("BLPOP", "k", "0");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("BLPOP");
        peer.send("*2\r\n$1\r\nk\r\n$1\r\nv\r\n");
        parkedUntilHeld();
        assertThat(client.read().elements()).hasSize(2);
    }

    @Test
    void aConnectionMayAskForMoreThanItsListenerAndNotForLess() throws Exception {
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("replicated(1)");
        assertThat(client.command("PROXY", "DURABILITY", "replicated(all)").text())
                .isEqualTo("OK");
        assertThat(durability(client)).isEqualTo("replicated(all)");
        assertThat(client.command("PROXY", "DURABILITY", "acknowledged").text()).isEqualTo("OK");
        assertThat(durability(client)).isEqualTo("replicated(1)");
        assertThatThrownBy(() -> client.command("PROXY", "DURABILITY", "none"))
                .hasMessageContaining(Durability.EXPECTED);
        client.command("PROXY", "DURABILITY", "replicated(all)");
        client.command("RESET");
        assertThat(durability(client)).isEqualTo("replicated(1)");
        assertThat(client.command("PROXY", "EXPLAIN", "SET", "k", "v")
                        .elements()
                        .get(2)
                        .text())
                .contains("replicated(1): 1 of 1 replicas that may be promoted must hold it");
    }

    @Test
    void whatIsSentAgainWaitsForThoseWhoWereToHoldItWhenItWasSent() throws Exception {
        publish(Instants.FOREVER, BEHIND);
        RedisCommandClient client = connect("acknowledged");
        client.command("PROXY", "CONSISTENCY", "strong");
        client.command("PROXY", "DURABILITY", "replicated(all)");
        proxy.send(client, "GET k", "PROXY DURABILITY acknowledged");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("GET");
        peer.close();
        FakeRedis.Peer next = fake.peer();
        next.expect("GET");
        next.send("$1\r\nv\r\n");
        parkedUntilHeld();
        assertThat(client.read().text()).isEqualTo("v");
        assertThat(client.read().text()).isEqualTo("OK");
    }

    private static String durability(RedisCommandClient client) throws IOException {
        return client.command("PROXY", "DURABILITY").elements().get(0).text();
    }

    private void impatient() throws Exception {
        RoutingTable table = proxy.plane.table();
        proxy.close();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.parkMax = Duration.ofSeconds(3);
            options.holdMax = Duration.ofSeconds(3);
        }));
        proxy.plane.publish(table);
    }

    private RedisCommandClient connect(String rule) throws IOException {
        Profile profile = new Profile(ReadLevel.SESSION, Durability.parse(rule), user -> new CausalScope());
        RedisCommandClient client = RedisCommandClient.connect(proxy.listen(profile), Duration.ofSeconds(20));
        clients.add(client);
        return client;
    }

    /** Sends SET and waits for it to arrive. */
    private FakeRedis.Peer written(RedisCommandClient client) throws Exception {
        client.write("SET", "k", "v");
        FakeRedis.Peer peer = fake.peer();
        peer.expect("SET");
        return peer;
    }

    /** A client whose SET is answered, and waits for all replicas. */
    private RedisCommandClient parkedWrite() throws Exception {
        RedisCommandClient client = connect("replicated(all)");
        written(client).send("+OK\r\n");
        parked(1);
        return client;
    }

    private void parkedUntilHeld() {
        parked(1);
        publish(Instants.FOREVER, AHEAD);
    }

    private void parked(int replies) {
        await().until(() -> proxy.counted("tidegate_parked_replies") == replies);
    }

    private void publish(long evidenceNanos, long... asOfNanos) {
        publish(fake.node(), 1, evidenceNanos, asOfNanos);
    }

    private void publish(Node primary, long epoch, long evidenceNanos, long... asOfNanos) {
        List<Replica> replicas = new ArrayList<>();
        for (int i = 0; i < asOfNanos.length; i++) {
            // Loading: they serve no reads, and may be promoted all the same.
            Node node = new Node(20 + i, new NodeAddress("127.0.0.1", 1 + i), "replica-" + i, true);
            replicas.add(new Replica(node, asOfNanos[i], RouteReason.LOADING));
        }
        proxy.plane.publish(
                new RoutingTable(++generation, epoch, primary, WriteGate.OPEN, evidenceNanos, replicas, false));
    }
}
