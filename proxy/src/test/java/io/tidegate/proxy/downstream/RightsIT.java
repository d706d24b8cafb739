package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.dispatch.Profile;
import io.tidegate.proxy.dispatch.Rights;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.CausalScope;
import io.tidegate.routing.Durability;
import io.tidegate.routing.ReadLevel;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What listeners let through that say something of commands; a read-only one beside a real replica. */
@Timeout(60)
class RightsIT {
    private LocalRedis servers;
    private HandFedProxy proxy;

    @BeforeEach
    void start() throws Exception {
        servers = HandFedProxy.servers(1);
        proxy = new HandFedProxy();
        proxy.primary(1, servers.primary());
    }

    @AfterEach
    void stop() {
        proxy.close();
        servers.close();
    }

    private RedisCommandClient connect(boolean readOnly, Set<String> allowed, Set<String> denied) throws IOException {
        Rights rights = new Rights(Set.of(), readOnly, allowed, denied);
        return connect(proxy, rights);
    }

    private static RedisCommandClient connect(HandFedProxy proxy, Rights rights) throws IOException {
        Profile usual = new Profile(ReadLevel.SESSION, Durability.ACKNOWLEDGED, user -> new CausalScope());
        return RedisCommandClient.connect(
                proxy.listen(new Profile(
                        usual.level(), usual.durability(), usual.scopeOf(), rights, usual.entrance(), true)),
                Duration.ofSeconds(20));
    }

    private static String said(RedisCommandClient client, String command) throws IOException {
        try {
            return client.command(command.split(" ")).toString();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    @Test
    void aReadOnlyListenerSaysWhatAReplicaSays() throws Exception {
        servers.primary().command("SET", "k", "v");
        try (RedisCommandClient replica = servers.replicas().get(0).connect();
                RedisCommandClient client = connect(true, Set.of("save"), Set.of())) {
            await().until(() -> !replica.command("GET", "k").isNull());
            List<String> expected = new ArrayList<>();
            List<String> heard = new ArrayList<>();
            for (String command : List.of(
                    "GET k",
                    "SET k w",
                    "SET k",
                    "DEL k",
                    "INCR n",
                    "GETEX k",
                    "LPUSH l a",
                    "BLPOP l 0",
                    "SORT l",
                    "SORT_RO l",
                    "FLUSHALL",
                    "RESTORE k 0 x",
                    "FUNCTION FLUSH",
                    "XREADGROUP GROUP g c STREAMS s >",
                    "PFCOUNT k2",
                    "EXISTS k",
                    "EVAL_RO return{redis.call('get',KEYS[1])} 1 k",
                    "MULTI",
                    "GET k",
                    "SET k w",
                    "EXEC",
                    "MULTI",
                    "GET k",
                    "EXEC",
                    "WATCH k",
                    "UNWATCH",
                    "PUBLISH nobody hears",
                    "SCRIPT LOAD return(1)",
                    "PING")) {
                expected.add(command + ": " + said(replica, command));
                heard.add(command + ": " + said(client, command));
            }
            assertThat(heard).isEqualTo(expected);
            assertThat(expected).filteredOn(line -> line.contains("-READONLY")).hasSizeGreaterThan(9);
            assertThat(said(client, "EVAL return(1) 0"))
                    .as("it does not say that it only reads")
                    .startsWith("-READONLY");
            String reading = "#!lua flags=no-writes\nreturn redis.call('get', KEYS[1])";
            assertThat(client.command("EVAL", reading, "1", "k").text()).isEqualTo("v");
            String digest = client.command("SCRIPT", "LOAD", reading).text();
            assertThat(client.command("EVALSHA", digest, "1", "k").text()).isEqualTo("v");
            assertThat(said(client, "EVALSHA " + "0".repeat(40) + " 0")).startsWith("-READONLY");
            assertThat(said(client, "NOSUCHCOMMAND")).startsWith("-READONLY");
            assertThat(said(client, "PROXY EXPLAIN SET k v")).contains("not let through here: READONLY");
            assertThat(said(client, "PROXY EXPLAIN GET k")).doesNotContain("not let through");
            client.write("SET", "big", "x".repeat(3 << 20));
            assertThatThrownBy(client::read).hasMessageStartingWith("READONLY");
            assertThat(servers.primary().command("DBSIZE").integer()).isEqualTo(1);
            assertThat(proxy.counted("tidegate_errors_total{error=\"denied\"}")).isGreaterThan(9);
        }
    }

    @Test
    void onePortLetsInSomeUsersOnly() throws Exception {
        servers.primary().command("ACL", "SETUSER", "app", "on", ">pass", "~*", "+@all");
        servers.primary().command("ACL", "SETUSER", "other", "on", ">pass", "~*", "+@all");
        Rights some = new Rights(Set.of("app"), false, Set.of(), Set.of());
        try (HandFedProxy guarded =
                new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true))) {
            guarded.primary(1, servers.primary());
            try (RedisCommandClient client = connect(guarded, some);
                    RedisCommandClient elsewhere = connect(guarded, Rights.USUAL);
                    RedisCommandClient stranger =
                            connect(guarded, new Rights(Set.of("default"), false, Set.of(), Set.of()));
                    RedisCommandClient direct = servers.primary().connect()) {
                String wrong = said(direct, "AUTH nobody pass");
                assertThat(wrong).startsWith("-WRONGPASS");
                for (String user : List.of("other", "default", "nobody", "App")) {
                    assertThat(said(client, "AUTH " + user + " pass")).isEqualTo(wrong);
                    assertThat(said(client, "HELLO 3 AUTH " + user + " pass")).isEqualTo(wrong);
                }
                assertThat(said(client, "AUTH pass")).as("as the default user").isEqualTo(wrong);
                // The servers serve whoever has said nothing, as their default user.
                assertThat(said(direct, "GET k")).doesNotStartWith("-");
                assertThat(said(stranger, "GET k")).doesNotStartWith("-");
                assertThat(said(client, "GET k")).startsWith("-NOAUTH");
                assertThat(said(client, "HELLO 3")).startsWith("-NOAUTH");
                assertThat(guarded.counted("tidegate_errors_total{error=\"not_admitted\"}"))
                        .isEqualTo(9);
                assertThat(said(client, "AUTH app wrong"))
                        .as("the server's own word")
                        .isEqualTo(wrong);
                assertThat(said(client, "AUTH app pass")).contains("OK");
                assertThat(said(client, "SET k v")).contains("OK");
                assertThat(said(client, "AUTH other pass"))
                        .as("nobody else later")
                        .isEqualTo(wrong);
                assertThat(said(client, "ACL WHOAMI")).contains("app");
                assertThat(said(client, "RESET")).contains("RESET");
                assertThat(said(client, "HELLO 2 AUTH other pass")).isEqualTo(wrong);
                assertThat(said(client, "HELLO 2 AUTH app pass")).doesNotStartWith("-");
                assertThat(said(elsewhere, "AUTH other pass")).contains("OK");
            }
        }
    }

    @Test
    void onePortAllowsAndDeniesWhatAnotherDoesNot() throws Exception {
        try (RedisCommandClient usual = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient operator = connect(false, Set.of("config|set", "save"), Set.of("keys", "config"));
                RedisCommandClient reset =
                        connect(false, Set.of("config|resetstat"), Set.of("nosuch.command", "client|list"))) {
            assertThat(said(usual, "SAVE")).startsWith("-ERR not executed: Tidegate refuses");
            assertThat(said(operator, "SAVE")).contains("OK");
            assertThat(said(operator, "CONFIG SET maxmemory 0"))
                    .as("denied as a whole")
                    .isEqualTo("-ERR not executed: this listener does not let the command through: 'config set'");
            assertThat(said(operator, "KEYS *")).endsWith("'keys'");
            assertThat(said(operator, "KEYS")).startsWith("-ERR wrong number of arguments");
            assertThat(said(usual, "KEYS *")).doesNotStartWith("-");
            assertThat(said(reset, "MULTI")).contains("OK");
            assertThat(said(reset, "CONFIG RESETSTAT")).contains("QUEUED");
            assertThat(said(reset, "CLIENT LIST")).endsWith("'client list'");
            assertThat(said(reset, "EXEC")).startsWith("-EXECABORT");
            assertThat(said(reset, "CLIENT ID")).doesNotStartWith("-");
            assertThat(said(reset, "NOSUCH.Command")).endsWith("'nosuch.command'");
            assertThat(said(reset, "CLIENT TRACKING ON")).contains("OK");
            assertThat(said(reset, "CLIENT LIST")).as("on a stream").endsWith("'client list'");
            assertThatThrownBy(reset::read).isInstanceOf(EOFException.class);
        }
    }
}
