package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reply bytes that cannot go out yet: who keeps too many of them pays, and nobody else. */
@Timeout(60)
class OutputLimitsIT {
    private static final int LIMIT = 1 << 20;

    /** Their replies are more than the sockets of both sides hold. */
    private static final int COMMANDS = 8_000;

    @Test
    void oneHugeUnprovenReplyCostsNobodyElseTheirs() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy proxy =
                        new HandFedProxy(HandFedProxy.Options.with(options -> options.parkedBytesMax = LIMIT));
                RedisCommandClient small = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient huge = proxy.connect(ReadLevel.STRONG);
                RedisCommandClient third = proxy.connect(ReadLevel.SESSION)) {
            publish(proxy, fake, Instants.UNKNOWN);
            small.write("SET", "k", "v");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SET");
            peer.send("+OK\r\n");
            await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
            huge.write("GET", "huge");
            peer.expect("GET");
            peer.send("$" + 8 * LIMIT + "\r\n" + "x".repeat(8 * LIMIT) + "\r\n");
            // The others' connection from now on.
            FakeRedis.Peer second = fake.peer();
            third.write("GET", "other");
            second.expect("GET");
            second.send("$-1\r\n");
            assertThat(third.read().isNull()).isTrue();
            await().until(() -> third.command("PROXY", "INFO").elements().stream()
                    .anyMatch(line -> line.text().equals("parked_bytes_of_this_loop:5")));
            publish(proxy, fake, Instants.FOREVER);
            assertThat(small.read().text()).isEqualTo("OK");
            assertThatThrownBy(huge::read).hasMessageStartingWith("UNCERTAIN may have run: too many bytes");
            huge.write("GET", "after");
            peer.expect("GET");
            peer.send("$-1\r\n");
            assertThat(huge.read().isNull()).isTrue();
        }
    }

    @Test
    void theRestOfAHugePipelineBehindItIsAnsweredInOrder() throws Exception {
        try (FakeRedis fake = new FakeRedis();
                HandFedProxy proxy =
                        new HandFedProxy(HandFedProxy.Options.with(options -> options.parkedBytesMax = LIMIT));
                RedisCommandClient client = proxy.connect(ReadLevel.STRONG)) {
            publish(proxy, fake, Instants.UNKNOWN);
            client.write("SET", "first", "1");
            FakeRedis.Peer peer = fake.peer();
            peer.expect("SET");
            peer.send("+OK\r\n");
            await().until(() -> proxy.evidenceWantedNanos.get() != Instants.UNKNOWN);
            client.write("GET", "huge");
            peer.expect("GET");
            client.write("ECHO", "last");
            peer.send("$" + 8 * LIMIT + "\r\n" + "x".repeat(8 * LIMIT) + "\r\n");
            await().until(() -> proxy.counted("tidegate_upstream_received_bytes_total") > 8 * LIMIT);
            try (RedisCommandClient other = proxy.connect(ReadLevel.STRONG)) {
                await().until(() -> other.command("PROXY", "INFO").elements().stream()
                        .anyMatch(line -> line.text().equals("parked_bytes_of_this_loop:5")));
            }
            publish(proxy, fake, Instants.FOREVER);
            assertThat(client.read().text()).isEqualTo("OK");
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN");
            assertThat(client.read().text()).isEqualTo("last");
        }
    }

    /** Neither is the client taken for one that does not read, nor does it stand still once its socket was full. */
    @Test
    void aLongPipelineOfTheProxysOwnAnswersWaitsForItsReader() throws Exception {
        try (HandFedProxy proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
                    options.outputBytesHigh = 64 << 10;
                    options.outputBytesMax = 256 << 10;
                }));
                RawClient client = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            String help = RawClient.command("PROXY", "HELP");
            client.send(help);
            String reply = array(client);
            client.send(help.repeat(COMMANDS));
            for (int i = 0; i < COMMANDS; i++) {
                assertThat(client.bytes(reply.length())).isEqualTo(reply);
            }
        }
    }

    /** The bytes of a reply that is an array of strings. */
    private static String array(RawClient client) throws IOException {
        String header = client.line();
        StringBuilder reply = new StringBuilder(header).append("\r\n");
        for (int strings = Integer.parseInt(header.substring(1)); strings > 0; strings--) {
            String length = client.line();
            reply.append(length).append("\r\n");
            reply.append(client.bytes(Integer.parseInt(length.substring(1)) + "\r\n".length()));
        }
        return reply.toString();
    }

    private static void publish(HandFedProxy proxy, FakeRedis fake, long evidenceNanos) {
        long generation = proxy.plane.table().generation() + 1;
        proxy.plane.publish(
                new RoutingTable(generation, 1, fake.node(), WriteGate.OPEN, evidenceNanos, List.of(), false));
    }
}
