package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No replica is fresh enough, and of the reads that go to the primary instead one may be there at a time. */
@Timeout(60)
class SpillIT {
    private FakeRedis fake;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeRedis();
        proxy = proxy(Duration.ofSeconds(10));
    }

    @AfterEach
    void stop() throws Exception {
        proxy.close();
        fake.close();
    }

    private HandFedProxy proxy(Duration holdMax) {
        HandFedProxy made = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.spillMax = 1;
            options.holdMax = holdMax;
        }));
        Node lagging = new Node(8, new NodeAddress("127.0.0.1", 1), "lagging", true);
        List<Replica> replicas = List.of(new Replica(lagging, Instants.UNKNOWN, RouteReason.ELIGIBLE));
        made.plane.publish(new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, replicas, false));
        return made;
    }

    @Test
    void aFurtherReadWaitsForItsTurnAndNobodyElseDoes() throws Exception {
        try (RedisCommandClient first = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient second = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient third = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient strong = proxy.connect(ReadLevel.STRONG)) {
            first.write("GET", "k");
            FakeRedis.Peer primary = fake.peer();
            primary.expect("GET");
            second.write("EXISTS", "k");
            await().until(() -> lines(strong, "PROXY", "INFO").contains("waiting_sessions_of_this_loop:1"));
            assertThat(lines(strong, "PROXY", "EXPLAIN", "GET", "k")).contains("level_strong");
            assertThat(lines(third, "PROXY", "EXPLAIN", "GET", "k")).contains("is held (held_spill");
            strong.write("SET", "k", "v");
            primary.expect("SET");
            strong.write("STRLEN", "k");
            primary.expect("STRLEN");
            primary.send("$-1\r\n");
            primary.expect("EXISTS");
            primary.send("+OK\r\n:1\r\n:1\r\n");
            assertThat(first.read().isNull()).isTrue();
            assertThat(strong.read().text()).isEqualTo("OK");
            assertThat(strong.read().integer()).isEqualTo(1);
            assertThat(second.read().integer()).isEqualTo(1);
        }
    }

    @Test
    void strongReadsBehindAWriteTakeNobodysTurn() throws Exception {
        try (RedisCommandClient strong = proxy.connect(ReadLevel.STRONG);
                RedisCommandClient other = proxy.connect(ReadLevel.EVENTUAL)) {
            strong.write("SET", "k", "v");
            FakeRedis.Peer primary = fake.peer();
            primary.expect("SET");
            strong.write("GET", "k");
            primary.expect("GET");
            other.write("EXISTS", "k");
            primary.expect("EXISTS");
            primary.send("+OK\r\n$1\r\nv\r\n:1\r\n");
            assertThat(strong.read().text()).isEqualTo("OK");
            assertThat(strong.read().text()).isEqualTo("v");
            assertThat(other.read().integer()).isEqualTo(1);
        }
    }

    /** One run, and it is there for the write's sake; its read is there for want of a replica all the same. */
    @Test
    void aReadBehindAWriteOfItsPipelineTakesATurn() throws Exception {
        InetSocketAddress address = proxy.listen(ReadLevel.EVENTUAL);
        try (Socket writer = new Socket(address.getAddress(), address.getPort());
                RedisCommandClient other = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient third = proxy.connect(ReadLevel.EVENTUAL)) {
            String pipeline = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n";
            writer.getOutputStream().write(pipeline.getBytes(ISO_8859_1));
            FakeRedis.Peer primary = fake.peer();
            primary.expect("SET", "GET");
            other.write("EXISTS", "k");
            await().until(() -> lines(third, "PROXY", "INFO").contains("waiting_sessions_of_this_loop:1"));
            String replies = "+OK\r\n$1\r\nv\r\n";
            primary.send(replies);
            assertThat(writer.getInputStream().readNBytes(replies.length())).isEqualTo(replies.getBytes(ISO_8859_1));
            primary.expect("EXISTS");
            primary.send(":1\r\n");
            assertThat(other.read().integer()).isEqualTo(1);
        }
    }

    @Test
    void aSessionThatReadsOnAndOnDoesNotKeepItsPlace() throws Exception {
        try (RedisCommandClient greedy = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient other = proxy.connect(ReadLevel.EVENTUAL);
                RedisCommandClient third = proxy.connect(ReadLevel.EVENTUAL)) {
            greedy.write("GET", "k");
            FakeRedis.Peer primary = fake.peer();
            primary.expect("GET");
            other.write("EXISTS", "k");
            await().until(() -> lines(third, "PROXY", "INFO").contains("waiting_sessions_of_this_loop:1"));
            greedy.write("STRLEN", "k");
            primary.send("$-1\r\n");
            assertThat(greedy.read().isNull()).isTrue();
            // The two that waited, one after the other.
            for (int i = 0; i < 2; i++) {
                assertThat(primary.next()).isIn("EXISTS", "STRLEN");
                primary.send(":1\r\n");
            }
            assertThat(greedy.read().integer()).isEqualTo(1);
            assertThat(other.read().integer()).isEqualTo(1);
        }
    }

    @Test
    void whoWaitsTooLongIsToldWhy() throws Exception {
        try (HandFedProxy impatient = proxy(Duration.ofSeconds(3));
                RedisCommandClient first = impatient.connect(ReadLevel.EVENTUAL);
                RedisCommandClient second = impatient.connect(ReadLevel.EVENTUAL)) {
            first.write("GET", "k");
            FakeRedis.Peer primary = fake.peer();
            primary.expect("GET");
            assertThatThrownBy(() -> second.command("GET", "k"))
                    .hasMessageStartingWith("OVERLOADED not executed: no replica is fresh enough");
            primary.close();
            FakeRedis.Peer next = fake.peer();
            next.expect("GET");
            next.send("$-1\r\n");
            assertThat(first.read().isNull()).isTrue();
            second.write("GET", "k");
            next.expect("GET");
            next.send("$-1\r\n");
            assertThat(second.read().isNull()).isTrue();
        }
    }

    private static String lines(RedisCommandClient client, String... command) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (RespValue line : client.command(command).elements()) {
            lines.append(line.text()).append('\n');
        }
        return lines.toString();
    }
}
