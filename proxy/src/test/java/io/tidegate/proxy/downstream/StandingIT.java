package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.proxy.upstream.Identity;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a client is who becomes somebody else: as at a bare server, what both say being compared. */
@Timeout(60)
class StandingIT {
    private LocalRedis servers;
    private RedisProcess primary;

    @BeforeEach
    void start() {
        servers = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig(
                        "user tidegate on >own ~* &* +@all",
                        "user least on >own -@all +auth +hello +ping +client|setname +client|id +role +info",
                        "user app on >pw ~* &* +@all",
                        "user stay on >pw ~* &* +@all -select",
                        "user zero on >pw ~* &* +@all -select +select|0",
                        "user five on >pw ~* &* +@all -select +select|5")
                .start();
        primary = servers.primary();
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    private HandFedProxy as(String user) throws IOException {
        HandFedProxy proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.passthrough = true;
            options.service = Identity.of(user, "own");
        }));
        proxy.primary(1, primary);
        return proxy;
    }

    private static String said(RedisCommandClient client, String command) throws IOException {
        try {
            RespValue reply = client.command(command.split(" "));
            return command.startsWith("HELLO") ? "hello" : reply.toString();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    @Test
    void whoeverMayNotSelectStaysWhereItWasAsSomebodyElse() throws Exception {
        try (HandFedProxy proxy = as("tidegate");
                RedisCommandClient here = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient there = primary.connect()) {
            List<String> heard = new ArrayList<>();
            for (String command : List.of(
                    "AUTH app pw",
                    "SELECT 5",
                    "SET k five",
                    "AUTH stay pw",
                    "GET k",
                    "SELECT 5",
                    "SELECT 0",
                    "GET k",
                    "HELLO 3",
                    "GET k",
                    "MULTI",
                    "GET k",
                    "EXEC",
                    "HELLO 2 AUTH app pw",
                    "GET k",
                    "SELECT 5",
                    "HELLO 3 AUTH stay pw",
                    "GET k",
                    "AUTH stay pw",
                    "GET k",
                    "RESET",
                    "GET k",
                    "AUTH stay pw",
                    "GET k",
                    "SELECT 5")) {
                heard.add(said(there, command));
                assertThat(said(here, command)).as(command).isEqualTo(heard.get(heard.size() - 1));
            }
            assertThat(heard).anyMatch(reply -> reply.startsWith("-NOPERM"));
        }
    }

    /** The right to SELECT may be that to a single database, wherever the client is. */
    @Test
    void whoeverMaySelectOneDatabaseMayGoThereAndNowhereElse() throws Exception {
        try (HandFedProxy proxy = as("tidegate");
                RedisCommandClient here = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient there = primary.connect()) {
            List<String> heard = new ArrayList<>();
            for (String command : List.of(
                    "AUTH app pw",
                    "SELECT 5",
                    "SET k five",
                    "SELECT x",
                    "AUTH zero pw",
                    "SELECT x",
                    "SELECT 5",
                    "GET k",
                    "SELECT 0",
                    "GET k",
                    "SELECT 5",
                    "SELECT 0",
                    "SET k zero",
                    "AUTH five pw",
                    "SELECT 0",
                    "GET k",
                    "SELECT 5",
                    "GET k",
                    "SELECT 5",
                    "SELECT 0",
                    "GET k",
                    // With a connection of its own.
                    "WATCH k",
                    "SELECT 0",
                    "SELECT 5",
                    "GET k",
                    "UNWATCH",
                    "AUTH app pw",
                    "WATCH k",
                    "SELECT 0",
                    "GET k",
                    "SET k zeroes",
                    "UNWATCH",
                    "GET k",
                    "SELECT 5",
                    "GET k")) {
                heard.add(said(there, command));
                assertThat(said(here, command))
                        .as("%s, after %s", command, heard)
                        .isEqualTo(heard.get(heard.size() - 1));
            }
            assertThat(heard).anyMatch(reply -> reply.startsWith("-NOPERM")).contains("Bulk[zeroes]");
        }
    }

    /** HELLO is several things in one, done one after the other: what comes before a mistake is done. */
    @Test
    void whatHelloHasDoneStaysDoneWhateverIsWrongBehindIt() throws Exception {
        List<String> hellos = List.of(
                "HELLO",
                "HELLO x",
                "HELLO 4",
                "HELLO 03",
                "HELLO +3",
                "HELLO -3",
                "HELLO 9223372036854775807",
                "HELLO 9223372036854775808",
                "HELLO 3 BAD",
                "HELLO 3 AUTH",
                "HELLO 3 AUTH app",
                "HELLO 3 SETNAME",
                "HELLO 3 SETNAME one",
                "HELLO 3 SETNAME two BAD",
                "HELLO 3 SETNAME a\tb AUTH app pw",
                "HELLO 3 AUTH nobody x more",
                "HELLO 3 AUTH nobody x SETNAME a\tb",
                "HELLO 3 SETNAME three AUTH app wrong",
                "HELLO 3 AUTH app pw BAD",
                "HELLO 2 AUTH app pw SETNAME a\tb",
                "HELLO 3 AUTH app pw SETNAME four AUTH stay wrong",
                "HELLO 3 AUTH stay pw AUTH app pw SETNAME six",
                "HELLO 2 AUTH app pw SETNAME seven AUTH stay pw");
        try (HandFedProxy proxy = as("tidegate");
                RedisCommandClient operator = primary.connect()) {
            for (String before : List.of("PING", "AUTH app pw", "HELLO 3 AUTH stay pw")) {
                compare(proxy, before, hellos);
            }
            operator.command("CONFIG", "SET", "requirepass", "secret");
            compare(proxy, "PING", hellos);
            for (String hello : hellos) {
                compare(proxy, hello, List.of());
            }
        }
    }

    /** Without users of the servers everybody is the default one, as on a server that has no others. */
    @Test
    void whoeverIsDefaultIsSoByAnyPasswordAndNobodyElseIsAnybody() throws Exception {
        try (HandFedProxy proxy = new HandFedProxy()) {
            proxy.primary(1, primary);
            compare(
                    proxy,
                    "PING",
                    List.of(
                            "AUTH any",
                            "AUTH default any",
                            "AUTH nobody any",
                            "HELLO 3 AUTH nobody x more",
                            "HELLO 3 AUTH default x more",
                            "HELLO 3 SETNAME one AUTH nobody x",
                            "HELLO 3 AUTH default x SETNAME two AUTH nobody x SETNAME three",
                            "HELLO 3 AUTH default x SETNAME a\tb more",
                            "HELLO 3 AUTH default x SETNAME four"));
        }
    }

    private void compare(HandFedProxy proxy, String before, List<String> hellos) throws IOException {
        try (RedisCommandClient here = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient there = primary.connect()) {
            List<String> commands = new ArrayList<>(List.of(before));
            for (String hello : hellos) {
                commands.addAll(List.of(hello, "CLIENT GETNAME", "ACL WHOAMI", "HGETALL none"));
            }
            commands.addAll(List.of("CLIENT GETNAME", "ACL WHOAMI", "HGETALL none"));
            for (String command : commands) {
                assertThat(said(here, command))
                        .as("behind %s: %s", before, command)
                        .isEqualTo(said(there, command));
            }
        }
    }

    /** Then it is told so, and remains who and where it was; who may select it himself needs no help. */
    @Test
    void aProxyThatMayNotSelectEitherLeavesNobodyThere() throws Exception {
        try (HandFedProxy proxy = as("least");
                RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            assertThat(said(client, "AUTH app pw")).contains("OK");
            assertThat(said(client, "SELECT 5")).contains("OK");
            assertThat(said(client, "AUTH stay pw")).startsWith("-NOPERM");
            assertThat(said(client, "ACL WHOAMI")).contains("app");
            assertThat(said(client, "CLIENT INFO")).contains("db=5 ");
            assertThat(said(client, "AUTH default any")).contains("OK");
            assertThat(said(client, "CLIENT INFO")).contains("db=5 ", "user=default ");
            assertThat(said(client, "SET k v")).contains("OK");
            assertThat(said(client, "SELECT 0")).contains("OK");
            assertThat(said(client, "GET k")).contains("Null");
            assertThat(said(client, "AUTH stay pw")).contains("OK");
        }
    }
}
