package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.dispatch.Entrance;
import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.dispatch.Rights;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** With {@code auth: passthrough}, whoever has not said who he is gets what the server itself would give him. */
@Timeout(60)
class StrangersIT {
    private static final String NOAUTH = "-NOAUTH Authentication required.";
    private static final Profile USUAL =
            new Profile(ReadLevel.SESSION, Durability.ACKNOWLEDGED, user -> new CausalScope());

    private LocalRedis servers;
    private RedisProcess primary;
    /** Of the default user, and connected before it has a password. */
    private RedisCommandClient operator;

    private HandFedProxy proxy;
    private InetSocketAddress port;

    @BeforeEach
    void start() throws Exception {
        servers = LocalRedis.builder()
                .replicas(1)
                .sentinels(0)
                .serverConfig("user tidegate on >own ~* &* +@all", "user app on >pw ~* &* +@all")
                .start();
        primary = servers.primary();
        operator = primary.connect();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.passthrough = true;
            options.service = Identity.of("tidegate", "own");
        }));
        proxy.primary(1, primary);
        port = proxy.listen(USUAL);
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        operator.close();
        servers.close();
    }

    private static String said(RedisCommandClient client, String command) throws IOException {
        try {
            return client.command(command.split(" ")).toString();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    private static RedisCommandClient to(InetSocketAddress address) throws IOException {
        return RedisCommandClient.connect(address, Duration.ofSeconds(20));
    }

    /** What both answer to one command after the other, each to a client that has just come. */
    private void assertAlike(String... commands) throws IOException {
        try (RedisCommandClient here = to(port);
                RedisCommandClient there = to(primary.address())) {
            for (String command : commands) {
                assertThat(said(here, command)).as(command).isEqualTo(said(there, command));
            }
        }
    }

    private long opened() {
        return proxy.counted("tidegate_upstream_connections_opened_total");
    }

    @Test
    void whoSaysNothingIsTheDefaultUser() throws Exception {
        String[] commands = {
            "ACL WHOAMI",
            "SET k v",
            "GET k",
            "SELECT 3",
            "SET k three",
            "GET k",
            "NOSUCHCOMMAND",
            "RESET",
            "ACL WHOAMI",
            "GET k",
            "MULTI",
            "ACL WHOAMI",
            "EXEC",
            "AUTH app pw",
            "ACL WHOAMI",
            "AUTH app wrong",
            "ACL WHOAMI",
            "RESET",
            "ACL WHOAMI"
        };
        assertAlike(commands);
        operator.command("ACL", "SETUSER", "default", "-set");
        assertAlike(commands);
        try (RedisCommandClient client = to(port)) {
            assertThat(client.command("HELLO", "3").toString()).contains("proto");
            assertThat(client.command("CLIENT", "INFO").toString()).contains("user=default");
            assertThat(said(client, "ACL WHOAMI")).contains("default");
        }
    }

    @Test
    void thePasswordOfTheMomentCountsForWhoComesAndNotForWhoWasThere() throws Exception {
        try (RedisCommandClient before = to(port);
                RedisCommandClient beforeThere = to(primary.address())) {
            assertThat(said(before, "SET k v")).isEqualTo(said(beforeThere, "SET k v"));
            operator.command("CONFIG", "SET", "requirepass", "secret");
            assertAlike(
                    "PING",
                    "GET k",
                    "HELLO 2 SETNAME x",
                    "MULTI",
                    "AUTH wrong",
                    "AUTH secret",
                    "GET k",
                    "RESET",
                    "GET k");
            assertThat(said(before, "GET k")).isEqualTo(said(beforeThere, "GET k"));
            try (RedisCommandClient stranger = to(port)) {
                assertThat(said(stranger, "GET k")).isEqualTo(NOAUTH);
                assertThat(said(stranger, "HELLO 3"))
                        .startsWith("-NOAUTH HELLO must be called with the client already");
                operator.command("ACL", "SETUSER", "default", "nopass");
                assertThat(said(stranger, "GET k")).isEqualTo(said(beforeThere, "GET k"));
            }
            operator.command("ACL", "SETUSER", "default", "off");
            assertAlike("GET k", "AUTH default any", "AUTH app pw", "GET k");
            assertThat(said(before, "GET k")).isEqualTo(said(beforeThere, "GET k"));
        }
    }

    /** A server looks at a command's name and at the number of its arguments before it asks who has sent it. */
    @Test
    void whatIsWrongWithACommandIsToldToAnybody() throws Exception {
        operator.command("CONFIG", "SET", "requirepass", "secret");
        String[] commands = {
            "NOSUCH",
            "NOSUCH a b",
            "NOSUCH " + "x".repeat(60) + " " + "y".repeat(60) + " " + "z".repeat(60),
            "N".repeat(150) + " " + "x".repeat(150),
            "NOSUCH a\r\nb c\0d",
            "GET",
            "GET k",
            "SET k",
            "PING a b",
            "EXEC",
            "EXEC x",
            "MULTI",
            "MULTI x",
            "DISCARD",
            "WATCH",
            "CONFIG",
            "CONFIG GET",
            "CONFIG NOSUCH x",
            "CLIENT",
            "CLIENT ID",
            "CLIENT ID x",
            "CLIENT NOSUCH x y",
            "CLIENT " + "x".repeat(150),
            "COMMAND",
            "COMMAND NOSUCH",
            "SUBSCRIBE",
            "SUBSCRIBE c",
            "BLPOP l",
            "EVAL x",
            "AUTH",
            "AUTH wrong",
            "AUTH nobody x",
            "AUTH a b c",
            "RESET x",
            "EXEC",
            "AUTH app pw",
            "NOSUCH a b",
            "CLIENT " + "x".repeat(150),
            "MULTI",
            "NOSUCH a",
            "EXEC x",
            "EXEC",
            "GET k",
            "MULTI",
            "RESET",
            "EXEC",
            "GET k"
        };
        for (boolean atOnce : new boolean[] {true, false}) {
            assertThat(lines(port, commands, atOnce)).isEqualTo(lines(primary.address(), commands, atOnce));
        }
    }

    /** What comes back, one line for each command. */
    private static List<String> lines(InetSocketAddress to, String[] commands, boolean atOnce) throws IOException {
        List<String> lines = new ArrayList<>();
        try (RawClient client = new RawClient(to)) {
            if (atOnce) {
                client.send(Streams.commands(commands));
            }
            for (String command : commands) {
                if (!atOnce) {
                    client.send(Streams.commands(command));
                }
                lines.add(command + ": " + client.line());
            }
        }
        return lines;
    }

    /** As with a server, whose clients would have to connect again as well. */
    @Test
    void whoeverNeedsANewConnectionNeedsThePasswordToo() throws Exception {
        try (RedisCommandClient client = to(port)) {
            client.command("SET", "k", "v");
            operator.command("CONFIG", "SET", "requirepass", "secret");
            operator.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            assertThat(said(client, "GET k")).isEqualTo(NOAUTH);
            assertThatThrownBy(() -> client.command("PING")).isInstanceOf(IOException.class);
        }
    }

    @Test
    void theNextPrimaryHasAWordInItAsWell() throws Exception {
        RedisProcess next = servers.replicas().get(0);
        try (RedisCommandClient client = to(port);
                RedisCommandClient there = next.connect()) {
            client.command("SET", "k", "v");
            there.command("REPLICAOF", "NO", "ONE");
            proxy.primary(2, next);
            assertThat(said(client, "SET k w")).contains("OK");
            Node promoted = proxy.node(next);
            there.command("CONFIG", "SET", "requirepass", "secret");
            primary.command("SET", "k", "back");
            proxy.primary(3, primary);
            assertThat(said(client, "GET k")).contains("back");
            proxy.plane.publish(new RoutingTable(100, 4, promoted, WriteGate.OPEN, Instants.FOREVER, List.of(), false));
            assertThat(said(client, "GET k")).isEqualTo(NOAUTH);
        }
        try (RedisCommandClient client = to(port)) {
            assertThat(said(client, "GET k")).isEqualTo(NOAUTH);
            assertThat(said(client, "AUTH secret")).contains("OK");
            assertThat(said(client, "GET k")).contains("w");
        }
    }

    /** Redis grants whoever must authenticate 10 arguments of 16 KiB; whoever need not may begin with anything. */
    @Test
    void aFirstCommandMayBeLongWhereNobodyHasToAuthenticate() throws Exception {
        String many = RawClient.command("SADD", "set", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
        String large = RawClient.command("SET", "large", "x".repeat(1 << 21));
        try (RawClient one = new RawClient(port);
                RawClient other = new RawClient(port)) {
            one.send(many + many);
            assertThat(one.line()).isEqualTo(":10");
            assertThat(one.line()).isEqualTo(":0");
            other.send(large);
            assertThat(other.line()).isEqualTo("+OK");
        }
        operator.command("CONFIG", "SET", "requirepass", "secret");
        for (String command : new String[] {many, large}) {
            try (RawClient here = new RawClient(port);
                    RawClient there = new RawClient(primary.address())) {
                here.send(command.substring(0, Math.min(command.length(), 100)));
                there.send(command.substring(0, Math.min(command.length(), 100)));
                assertThat(here.line()).isEqualTo(there.line()).startsWith("-ERR Protocol error: unauthenticated");
                assertThat(here.ended()).isTrue();
            }
        }
    }

    @Test
    void ofAPipelineOnlyTheFirstIsAskedAbout() throws Exception {
        operator.command("CONFIG", "SET", "requirepass", "secret");
        long before = opened();
        try (RawClient stranger = new RawClient(port)) {
            stranger.send("GET k\r\n".repeat(100) + "PING\r\n");
            for (int i = 0; i <= 100; i++) {
                assertThat(stranger.line()).isEqualTo(NOAUTH);
            }
        }
        assertThat(opened()).isEqualTo(before + 1);
    }

    /** Where others than this machine's come in and nothing has let them in: the servers may trust this machine only. */
    @Test
    void aPortThatIsNotMeantToBeOpenServesNoStranger() throws Exception {
        InetSocketAddress closed = proxy.listen(
                new Profile(USUAL.level(), USUAL.durability(), USUAL.scopeOf(), Rights.USUAL, new Entrance(), false));
        long before = opened();
        try (RedisCommandClient client = to(closed)) {
            assertThat(said(client, "GET k")).isEqualTo(NOAUTH);
            assertThat(said(client, "HELLO 3")).startsWith("-NOAUTH HELLO");
            assertThat(opened()).isEqualTo(before);
            assertThat(said(client, "AUTH app pw")).contains("OK");
            assertThat(said(client, "ACL WHOAMI")).contains("app");
        }
    }

    @Test
    void aStrangerMaySubscribeAndBlock() throws Exception {
        try (RedisCommandClient listener = to(port);
                RedisCommandClient waiting = to(port)) {
            assertThat(said(listener, "SUBSCRIBE news")).contains("subscribe");
            waiting.write("BLPOP", "list", "0");
            operator.command("RPUSH", "list", "x");
            assertThat(waiting.read().toString()).contains("list");
            operator.command("PUBLISH", "news", "hello");
            assertThat(listener.read().toString()).contains("hello");
        }
    }
}
