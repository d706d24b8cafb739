package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.config.TidegateConfig.Credentials;
import io.tidegate.proxy.config.TidegateConfig.Upstream;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Restart;
import io.tidegate.routing.engine.EngineSettings.Topology;
import io.tidegate.routing.engine.Event.NodeInfo;
import io.tidegate.routing.engine.Event.NodeLost;
import io.tidegate.routing.engine.Event.NodeRole;
import io.tidegate.routing.engine.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NodeLinkTest {
    private static final String RUN_ID = "dd47a361fb87e6e7418a5f3841cf8aa6ce0f266b";

    @Test
    void looksANameUpAndSpeaksResp2WhereTheServerKnowsNoBetter() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(reply(command)));
                Bench bench = new Bench()) {
            NodeLink link =
                    bench.node(new NodeAddress("localhost", server.address().port()));
            bench.await("INFO", () -> !bench.events(NodeInfo.class).isEmpty());
            assertThat(bench.events(NodeInfo.class).get(0).info().runId()).isEqualTo(RUN_ID);
            bench.onLoop(link::askRole);
            bench.await("ROLE", () -> !bench.events(NodeRole.class).isEmpty());
            assertThat(bench.events(NodeRole.class).get(0).role()).isEqualTo(new Role.Primary(7301));
        }
    }

    @Test
    void anOrderGoesOverTheVeryConnectionAtOnceOrNotAtAll() throws IOException {
        Query order = Query.of(CommandType.REPLICAOF, "h", "1");
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (command.startsWith("ROLE")) {
                        Bench.await(answer);
                    }
                    connection.send(command.startsWith("REPLICAOF") ? "-NOPERM no\r\n" : reply(command));
                });
                Bench bench = new Bench()) {
            NodeLink link = bench.node(server.address());
            bench.await("INFO", () -> !bench.events(NodeInfo.class).isEmpty());
            long number = bench.events(NodeInfo.class).get(0).link();
            bench.onLoop(() -> link.order(number + 1, order));
            bench.onLoop(link::askRole);
            bench.onLoop(() -> link.order(number, order)); // something is outstanding
            answer.countDown();
            bench.await("ROLE", () -> !bench.events(NodeRole.class).isEmpty());
            assertThat(server.received("REPLICAOF")).isZero();
            bench.onLoop(() -> link.order(number, order));
            bench.await("the refusal", () -> bench.complaints.stream().anyMatch(it -> it.contains("NOPERM")));
            assertThat(server.received("REPLICAOF")).isEqualTo(1);
        }
    }

    @Test
    void othersTimesToConnectInHoldFromTheNextAttemptOn() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
                Bench bench = new Bench()) {
            bench.onLoop(() -> bench.connector.upstream(new Upstream(
                    new Topology.Static(List.of(), Restart.ACCEPT),
                    Credentials.NONE,
                    Credentials.NONE,
                    TimeUnit.MILLISECONDS.toNanos(70),
                    Bench.REPLY_NANOS_MAX)));
            bench.node(new NodeAddress("127.0.0.1", silent.getLocalPort()));
            bench.await(
                    "the end of its patience",
                    () -> !bench.events(NodeLost.class).isEmpty());
            assertThat(bench.events(NodeLost.class).get(0).reason()).contains("70 ");
        }
    }

    @Test
    void wishesWhileAnExchangeIsOutstandingBecomeOneOfEachKind() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (command.startsWith("ROLE")) {
                        Bench.await(answer);
                    }
                    connection.send(reply(command));
                });
                Bench bench = new Bench()) {
            NodeLink link = bench.node(server.address());
            bench.await("INFO", () -> !bench.events(NodeInfo.class).isEmpty());
            bench.onLoop(link::askRole);
            bench.await("ROLE", () -> server.received("ROLE") == 1);
            bench.onLoop(() -> {
                for (int i = 0; i < 100; i++) {
                    link.askRole();
                    link.askCommands(
                            RUN_ID, replies -> assertThat(replies.get(0).list()).isEmpty());
                }
            });
            long wishNanos = bench.clock.nowNanos();
            answer.countDown();
            bench.await("ROLE again", () -> bench.events(NodeRole.class).size() >= 2);
            assertThat(bench.events(NodeRole.class).get(0).writtenNanos()).isLessThan(wishNanos);
            assertThat(bench.events(NodeRole.class).get(1).writtenNanos()).isGreaterThan(wishNanos);
            assertThat(server.received("ROLE")).isEqualTo(2);
            assertThat(server.received("COMMAND INFO")).isEqualTo(1);
        }
    }

    @Test
    void infoThatIsAskedForAllTheTimeIsStillPaced() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(reply(command)));
                Bench bench = new Bench()) {
            NodeLink link = bench.node(server.address());
            bench.await("ten INFOs", () -> {
                bench.onLoop(link::askInfo);
                return bench.events(NodeInfo.class).size() >= 10;
            });
            long firstNanos = bench.events(NodeInfo.class).get(0).writtenNanos();
            long tenthNanos = bench.events(NodeInfo.class).get(9).writtenNanos();
            // Nine intervals of 10 ms, of which the first began a little before the first was written.
            assertThat(tenthNanos - firstNanos).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(8 * 10));
        }
    }

    @Test
    void commandsAreAskedOfTheExpectedProcessOnly() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(reply(command)));
                Bench bench = new Bench()) {
            NodeLink link = bench.node(server.address());
            bench.await("INFO", () -> !bench.events(NodeInfo.class).isEmpty());
            bench.onLoop(() ->
                    assertThat(link.askCommands("another process", reply -> {})).isFalse());
            assertThat(server.received("COMMAND")).isZero();
        }
    }

    @Test
    void aReplyThatCannotBeReadLosesTheLink() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(
                        command.equals("INFO replication") ? "-NOPERM no INFO for you\r\n" : reply(command)));
                Bench bench = new Bench()) {
            bench.node(server.address());
            bench.await("two attempts", () -> bench.events(NodeLost.class).size() >= 2);
            assertThat(bench.events(NodeLost.class).get(0).reason())
                    .isEqualTo("INFO replication: NOPERM no INFO for you");
            assertThat(bench.events(NodeInfo.class)).isEmpty();
        }
    }

    /** Its waits have become as long as they get; nothing listens at its address until the news. */
    @Test
    void newsOfTheShardEndTheWaitForTheNextAttempt() throws IOException {
        NodeAddress address;
        try (ScriptedServer gone = new ScriptedServer((command, connection) -> {})) {
            address = gone.address();
        }
        // Without the news at least a second: half of the longest wait. A machine that stands still for so long does
        // not do so
        // each time.
        long limitNanos = TimeUnit.MILLISECONDS.toNanos(900);
        long leastNanos = Long.MAX_VALUE;
        for (int round = 0; round < 4 && leastNanos >= limitNanos; round++) {
            leastNanos = Math.min(leastNanos, nanosFromTheNewsToTheNextAttempt(address));
        }
        assertThat(leastNanos).isLessThan(limitNanos);
    }

    private static long nanosFromTheNewsToTheNextAttempt(NodeAddress address) {
        try (Bench bench = new Bench()) {
            NodeLink link = bench.node(address);
            bench.await(
                    "waits of more than a second",
                    () -> bench.events(NodeLost.class).size() >= 9);
            int attempts = bench.events(NodeLost.class).size();
            long newsNanos = bench.clock.nowNanos();
            bench.onLoop(link::hurry);
            bench.await("the next", () -> bench.events(NodeLost.class).size() > attempts);
            return bench.clock.nowNanos() - newsNanos;
        }
    }

    @Test
    void newsEndAnAttemptThatGetsNoAnswer() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (connection.number == 1) {
                        Bench.await(answer); // the handshake
                    }
                    connection.send(reply(command));
                });
                Bench bench = new Bench()) {
            NodeLink link = bench.node(server.address());
            bench.await("the attempt", () -> server.accepted() == 1);
            bench.await("INFO of the second", () -> {
                bench.onLoop(link::hurry); // in vain while the attempt is young
                return !bench.events(NodeInfo.class).isEmpty();
            });
            assertThat(bench.events(NodeLost.class)).hasSize(1);
            assertThat(server.accepted()).isEqualTo(2);
            answer.countDown();
        }
    }

    /** What is leaked by this and the next test is found by {@code LeakGuard}. */
    @Test
    void closingIsWellAtAnyMoment() throws IOException {
        for (int moment = 0; moment < 60; moment++) {
            try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(reply(command)));
                    Bench bench = new Bench()) {
                bench.node(server.address());
                int commands = moment % 6;
                bench.await("so many commands", () -> server.commands.size() >= commands);
            }
        }
    }

    @Test
    void anAttemptToConnectIsGivenUpWhenTheControlPlaneCloses() throws IOException {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Crowd crowd = new Crowd(full);
                Bench bench = new Bench()) {
            NodeLink link = bench.node(new NodeAddress("127.0.0.1", full.getLocalPort()));
            bench.onLoop(() -> assertThat(link.usable()).isFalse());
            assertThat(crowd.sockets).isNotEmpty();
            assertThat(bench.events).as("neither connected nor refused").isEmpty();
        }
    }

    /** So many clients that the listener's backlog is full, and the next one gets no answer. */
    private static final class Crowd implements AutoCloseable {
        final List<Socket> sockets = new ArrayList<>();

        Crowd(ServerSocket listener) throws IOException {
            boolean full = false;
            while (!full) {
                Socket socket = new Socket();
                sockets.add(socket);
                try {
                    socket.connect(listener.getLocalSocketAddress(), 200);
                } catch (SocketTimeoutException e) {
                    full = true;
                }
            }
        }

        @Override
        public void close() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static String reply(String command) {
        if (command.startsWith("HELLO")) {
            return "-ERR unknown command `HELLO`, with args beginning with: `3`\r\n";
        } else if (command.startsWith("INFO")) {
            String[] sections = Texts.info("primary").split("(?=# )", -1);
            int section = command.endsWith("server") ? 0 : command.endsWith("replication") ? 1 : 2;
            return ScriptedServer.bulk(sections[section]);
        } else if (command.startsWith("ROLE")) {
            return "*3\r\n$6\r\nmaster\r\n:7301\r\n*0\r\n";
        } else if (command.startsWith("COMMAND")) {
            return "*0\r\n";
        }
        return "+PONG\r\n";
    }
}
