package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.Event.SentinelLost;
import io.tidegate.routing.engine.Event.SentinelMessage;
import io.tidegate.routing.engine.Event.SentinelReport;
import io.tidegate.routing.engine.Fault;
import io.tidegate.routing.engine.SentinelState.Vote;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a link makes of a sentinel that does what a real one hardly can be made to do. */
class SentinelLinkTest {
    private static final String HELLO = "%2\r\n$5\r\nproto\r\n:3\r\n$4\r\nmode\r\n$8\r\nsentinel\r\n";
    private static final String SUBSCRIBED = ">3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n";
    private static final String INFO = "=35\r\ntxt:# Sentinel\r\nsentinel_tilt:0\r\n\r\n\r\n";

    @Test
    void reportsAndMessagesKeepTheirOrderHoweverTheyAreCut() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (command.startsWith("SENTINEL GET-MASTER")) {
                        connection.sendInPieces(ScriptedServer.message("+before", "1"));
                        connection.sendInPieces(reply(command));
                        connection.sendInPieces(ScriptedServer.message("+amid", "2"));
                    } else if (command.equals("SENTINEL MYID")) {
                        connection.sendInPieces(reply(command));
                        connection.sendInPieces(ScriptedServer.message("+after", "3"));
                    } else {
                        connection.sendInPieces(reply(command));
                    }
                });
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await(
                    "three reports", () -> bench.events(SentinelReport.class).size() >= 3);
            // The first pipeline learns the primary's address and is no report; the census of the second is behind
            // MYID.
            List<String> heard = bench.events.stream()
                    .map(event -> event instanceof SentinelMessage message ? message.channel() : "report")
                    .toList();
            assertThat(heard.subList(0, 11))
                    .containsExactly(
                            "+before", "+amid", "+after", "+before", "+amid", "+after", "report", "+before", "+amid",
                            "report", "+after");
            assertInstants(bench.events);
        }
    }

    /** A server that is no sentinel, as on whose channel for that real sentinels greet each other. */
    @Test
    void whatIsNoEventOfASentinelIsNotHeard() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (command.startsWith("SENTINEL")) {
                        connection.send(ScriptedServer.message("__sentinel__:hello", "10.0.0.1,26379"));
                        connection.send("-ERR unknown command 'SENTINEL'\r\n");
                    } else {
                        connection.send(reply(command));
                    }
                });
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("two losses", () -> bench.events(SentinelLost.class).size() >= 2);
            assertThat(bench.events(SentinelMessage.class)).isEmpty();
        }
    }

    @Test
    void anInstantRoundsAgainstUs() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    Bench.await(answer);
                    connection.send(reply(command));
                });
                Bench bench = new Bench()) {
            long beforeNanos = bench.clock.nowNanos();
            bench.sentinel(server);
            bench.await("a query", () -> server.accepted() == 1);
            answer.countDown();
            bench.await("a report", () -> !bench.events(SentinelReport.class).isEmpty());
            SentinelReport report = bench.events(SentinelReport.class).get(0);
            assertThat(report.writtenNanos()).isGreaterThan(beforeNanos);
            assertThat(report.readNanos()).isGreaterThan(report.writtenNanos());
            assertThat(report.readNanos()).isLessThan(bench.clock.nowNanos());
            assertThat(report.state().vote()).isEqualTo(new Vote("leader", 3));
        }
    }

    @Test
    void theVoteIsAskedForUnderTheAddressThatTheSentinelGives() throws IOException {
        AtomicInteger port = new AtomicInteger(1_000);
        try (ScriptedServer server =
                        new ScriptedServer((command, connection) -> connection.send(reply(command, port.toString())));
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("a report", () -> !bench.events(SentinelReport.class).isEmpty());
            port.set(2_000);
            bench.await(
                    "a report of the new primary",
                    () -> bench.events(SentinelReport.class).stream()
                            .anyMatch(report -> new NodeAddress("127.0.0.1", 2000)
                                    .equals(report.state().primary())));
            int asked = server.commands.indexOf("SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 2000 0 tidegate");
            assertThat(server.commands.subList(0, asked))
                    .contains("SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 1000 0 tidegate");
        }
    }

    /** Requests wait for the answer: a question under the address before would be asked in vain. */
    @Test
    void afterASwitchTheVoteIsAskedForUnderTheAddressThatWasAnnounced() throws IOException {
        AtomicInteger port = new AtomicInteger(1_000);
        AtomicInteger reports = new AtomicInteger();
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    connection.send(reply(command, port.toString()));
                    if (command.equals("SENTINEL MYID") && reports.incrementAndGet() == 3) {
                        port.set(2_000);
                        connection.send(
                                ScriptedServer.message("+switch-master", "mymaster 127.0.0.1 1000 127.0.0.1 2000"));
                    }
                });
                Bench bench = new Bench()) {
            SentinelLink link = bench.sentinel(server);
            bench.await("the switch", () -> !bench.events(SentinelMessage.class).isEmpty());
            bench.onLoop(link::askNow);
            bench.await(
                    "a vote under the new address",
                    () -> server.received("SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 2000") > 0);
            List<String> votes = server.commands.stream()
                    .filter(command -> command.startsWith("SENTINEL IS-MASTER-DOWN"))
                    .toList();
            assertThat(votes.stream()
                            .filter(command -> command.contains(" 1000 "))
                            .count())
                    .as("asked before the switch: " + votes)
                    .isEqualTo(2);
        }
    }

    @Test
    void wishesWhileAPipelineIsOutstandingBecomeOne() throws IOException {
        CountDownLatch answer = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (command.startsWith("SENTINEL IS-MASTER-DOWN")) {
                        Bench.await(answer);
                    }
                    connection.send(reply(command));
                });
                Bench bench = new Bench()) {
            SentinelLink link = bench.sentinel(server);
            bench.await("the pipeline", () -> server.received("SENTINEL IS-MASTER-DOWN") == 1);
            for (int i = 0; i < 100; i++) {
                bench.onLoop(link::askNow);
            }
            long wishNanos = bench.clock.nowNanos();
            answer.countDown();
            bench.await("two reports", () -> bench.events(SentinelReport.class).size() >= 2);
            List<SentinelReport> reports = bench.events(SentinelReport.class);
            assertThat(reports.get(0).writtenNanos()).isLessThan(wishNanos);
            assertThat(reports.get(1).writtenNanos()).isGreaterThan(wishNanos);
            assertThat(server.received("SENTINEL IS-MASTER-DOWN")).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void silenceLosesTheLinkAndANewOneHasAHigherNumber() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (connection.number > 1 || !command.startsWith("SENTINEL IS-MASTER-DOWN")) {
                        connection.send(reply(command));
                    }
                });
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("a report", () -> !bench.events(SentinelReport.class).isEmpty());
            assertThat(bench.events(SentinelLost.class)).hasSize(1);
            SentinelLost lost = bench.events(SentinelLost.class).get(0);
            assertThat(lost.reason()).isEqualTo("no reply to SENTINEL GET-MASTER-ADDR-BY-NAME mymaster within 2000 ms");
            assertThat(bench.events(SentinelReport.class).get(0).link()).isGreaterThan(lost.link());
            assertThat(lost.fault()).isEqualTo(Fault.UNREACHABLE);
        }
    }

    @Test
    void aClosedConnectionIsLostOnceAndNothingComesAfterIt() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> {
                    if (connection.number == 1 && command.startsWith("SENTINEL IS-MASTER-DOWN")) {
                        connection.send(ScriptedServer.message("+last", "word"));
                        connection.close();
                    } else {
                        connection.send(reply(command));
                    }
                });
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("a report", () -> !bench.events(SentinelReport.class).isEmpty());
            assertThat(bench.events.get(0)).isInstanceOf(SentinelMessage.class);
            assertThat(bench.events.get(1)).isInstanceOf(SentinelLost.class);
            assertThat(bench.events(SentinelLost.class)).hasSize(1);
            long first = bench.events(SentinelLost.class).get(0).link();
            assertThat(bench.events(SentinelMessage.class).get(0).link()).isEqualTo(first);
            assertThat(bench.events(SentinelReport.class)).noneMatch(report -> report.link() == first);
        }
    }

    @Test
    void aSentinelWithoutResp3IsComplainedOf() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) ->
                        connection.send("-ERR unknown command `HELLO`, with args beginning with: `3`\r\n"));
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("two attempts", () -> bench.events(SentinelLost.class).size() >= 2);
            assertThat(bench.events(SentinelLost.class)).allSatisfy(lost -> {
                assertThat(lost.fault()).isEqualTo(Fault.NO_RESP3);
                assertThat(lost.reason()).startsWith("it does not speak RESP3");
            });
        }
    }

    @Test
    void whatIsNoRespLosesTheLink() throws IOException {
        for (String garbage : List.of(
                "?\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n", "*x\r\n", "$1\r\nabc\r\n", INFO.replace("=35", "=37"))) {
            try (ScriptedServer server = new ScriptedServer((command, connection) ->
                            connection.send(command.startsWith("INFO") ? garbage : reply(command)));
                    Bench bench = new Bench()) {
                bench.sentinel(server);
                bench.await(
                        "two attempts", () -> bench.events(SentinelLost.class).size() >= 2);
                assertThat(bench.events(SentinelReport.class)).isEmpty();
            }
        }
    }

    @Test
    void anAbsurdNumberLosesOneLinkAndNothingElse() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(
                        connection.number == 1 && command.startsWith("SENTINEL MASTER")
                                ? reply(command).replace("$1\r\n2\r\n", ScriptedServer.bulk("99999999999"))
                                : reply(command)));
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("a report", () -> !bench.events(SentinelReport.class).isEmpty());
            assertThat(bench.events(SentinelLost.class)).hasSize(1);
            assertThat(bench.events(SentinelLost.class).get(0).reason()).contains("99999999999");
        }
    }

    @Test
    void aRefusedSubscriptionLosesTheLink() throws IOException {
        try (ScriptedServer server = new ScriptedServer((command, connection) -> connection.send(
                        command.startsWith("PSUBSCRIBE") ? "-NOPERM no channels for you\r\n" : reply(command)));
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await("a loss", () -> !bench.events(SentinelLost.class).isEmpty());
            assertThat(bench.events(SentinelLost.class).get(0).reason())
                    .isEqualTo("PSUBSCRIBE: NOPERM no channels for you");
            assertThat(bench.events(SentinelReport.class)).isEmpty();
        }
    }

    @Test
    void aPasswordThatASentinelTellsIsNotRepeated() throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                        (command, connection) -> connection.send((command.startsWith("SENTINEL IS-MASTER-DOWN")
                                        ? ScriptedServer.message("+set", "master m 127.0.0.1 1000 auth-pass hunter2")
                                        : "")
                                + reply(command)));
                Bench bench = new Bench()) {
            bench.sentinel(server);
            bench.await(
                    "the message", () -> !bench.events(SentinelMessage.class).isEmpty());
            assertThat(bench.events(SentinelMessage.class).get(0).payload())
                    .isEqualTo("master m 127.0.0.1 1000 auth-pass ******");
        }
    }

    private static void assertInstants(List<Event> events) {
        long last = 0;
        for (Event event : events) {
            if (event instanceof SentinelMessage message) {
                assertThat(message.readNanos()).isGreaterThan(last);
                last = message.readNanos();
            } else if (event instanceof SentinelReport report) {
                assertThat(report.readNanos()).isGreaterThan(last);
                assertThat(report.writtenNanos()).isLessThan(last);
                last = report.readNanos();
            }
        }
    }

    private static String reply(String command) {
        return reply(command, "1000");
    }

    private static String reply(String command, String port) {
        if (command.startsWith("HELLO")) {
            return HELLO;
        } else if (command.startsWith("PSUBSCRIBE")) {
            return SUBSCRIBED;
        } else if (command.startsWith("INFO")) {
            return INFO;
        } else if (command.startsWith("SENTINEL GET-MASTER")) {
            return ScriptedServer.array("127.0.0.1", port);
        } else if (command.startsWith("SENTINEL MASTER")) {
            return ScriptedServer.array(("name mymaster ip 127.0.0.1 port " + port + " runid abc flags master"
                            + " last-ok-ping-reply 39 down-after-milliseconds 1000 failover-timeout 10000 role-reported master"
                            + " config-epoch 3 num-other-sentinels 2 quorum 2")
                    .split(" ", -1));
        } else if (command.startsWith("SENTINEL IS-MASTER-DOWN")) {
            return "*3\r\n:0\r\n$6\r\nleader\r\n:3\r\n";
        } else if (command.startsWith("SENTINEL MYID")) {
            return ScriptedServer.bulk("me");
        } else if (command.startsWith("SENTINEL")) {
            return "*0\r\n";
        }
        return "-ERR unknown subcommand\r\n"; // CLIENT SETINFO, as 7.0
    }
}
