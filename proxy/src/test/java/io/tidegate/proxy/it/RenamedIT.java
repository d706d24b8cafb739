package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers on which an operator has renamed or disabled commands ({@code rename-command}). */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RenamedIT {
    /** Behind a MULTI that nobody noticed the server would queue what everybody sends; a CLIENT REPLY OFF would end all replies. */
    @Test
    void whatConcernsAConnectionIsNotPassedOnUnderAnotherName() throws Exception {
        LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig(
                        "rename-command MULTI open-it",
                        "rename-command EXEC do-it",
                        "rename-command SUBSCRIBE listen",
                        "rename-command BLPOP await-pop",
                        "rename-command SELECT choose",
                        "rename-command CLIENT clnt",
                        "rename-command SYNC copy-all",
                        "rename-command GET fetch",
                        "user app on >pw ~* &* +@all -command")
                .start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "clients: {auth: passthrough}");
                RedisCommandClient client = stack.connect(Kind.SESSION);
                RedisCommandClient other = stack.connect(Kind.SESSION)) {
            for (RedisCommandClient each : List.of(client, other)) {
                said(each, "AUTH default any");
            }
            for (String command :
                    List.of("OPEN-IT", "do-it", "listen c", "await-pop l 0", "choose 1", "clnt reply off")) {
                assertThat(said(client, command))
                        .as(command)
                        .startsWith("-ERR not executed: this is the server's other name (rename-command)");
                assertThat(said(other, "INCR n")).matches("\\d+");
            }
            try (RedisCommandClient copier = stack.connect(Kind.SESSION)) {
                said(copier, "AUTH default any");
                // Half of what is no reply is out.
                assertThatThrownBy(() -> copier.command("copy-all")).isInstanceOf(IOException.class);
            }
            assertThat(said(other, "INCR n")).isEqualTo("7");
            assertThat(said(client, "SET k v")).isEqualTo("OK");
            assertThat(said(client, "fetch k")).isEqualTo("v");
            assertThat(said(client, "nosuch x"))
                    .startsWith("-ERR unknown command 'nosuch', with args beginning with: 'x'");
            for (String command : List.of("MULTI", "EXEC", "SUBSCRIBE c", "BLPOP l 0", "SELECT 1")) {
                assertThat(said(client, command)).as(command).startsWith("-ERR unknown command");
                assertThat(said(client, "PING")).isEqualTo("PONG");
            }
            said(client, "AUTH app pw");
            assertThat(said(client, "fetch k")).startsWith("v");
            assertThat(said(client, "OPEN-IT")).startsWith("-ERR not executed: Tidegate does not know this name");
        }
    }

    /** What is known is queued; anything else may end the transaction without Tidegate's knowing, to be sent once more. */
    @Test
    void withinATransactionNoUnknownNameIsPassedOn() throws Exception {
        LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig("rename-command DISCARD forget-it", "rename-command GET fetch")
                .start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            assertThat(said(client, "MULTI")).isEqualTo("OK");
            assertThat(said(client, "SET k v")).isEqualTo("QUEUED");
            assertThat(said(client, "forget-it")).startsWith("-ERR not executed: Tidegate does not know this name");
            assertThat(said(client, "EXEC")).startsWith("-EXECABORT");
            assertThat(said(client, "fetch k")).isEqualTo("null");
            assertThat(said(client, "MULTI")).isEqualTo("OK");
            assertThat(said(client, "SET k v")).isEqualTo("QUEUED");
            assertThat(said(client, "fetch k")).isEqualTo("QUEUED");
            client.write("EXEC");
            assertThat(client.read().elements().get(1).text()).isEqualTo("v");
        }
    }

    private static String said(RedisCommandClient client, String command) throws IOException {
        try {
            RespValue reply = client.command(command.split(" ", -1));
            if (reply.isNull()) {
                return "null";
            }
            return reply instanceof RespValue.Int number ? Long.toString(number.integer()) : reply.text();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    @Test
    void whatIsUsuallyRenamedIsNotMissed() throws Exception {
        LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig(
                        "rename-command CONFIG cfg",
                        "rename-command COMMAND \"\"",
                        "rename-command CLIENT \"\"",
                        "rename-command KEYS \"\"",
                        "rename-command FLUSHALL flush-it")
                .start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            assertThat(client.command("SET", "k", "v").text()).isEqualTo("OK");
            client.command("MULTI");
            client.command("RPUSH", "l", "x");
            assertThat(client.command("EXEC").elements()).hasSize(1);
            assertThat(client.command("BLPOP", "l", "1").elements()).hasSize(2);
            assertThat(client.command("EVAL", "return redis.call('GET', KEYS[1])", "1", "k")
                            .text())
                    .isEqualTo("v");
            assertThat(client.command("CLIENT", "ID").integer())
                    .as("it is the proxy's")
                    .isPositive();
            assertThat(client.command("cfg", "GET", "maxmemory").elements()).hasSize(2);
            assertThatThrownBy(() -> client.command("CONFIG", "GET", "maxmemory"))
                    .hasMessageStartingWith("ERR unknown command 'CONFIG'");
            assertThatThrownBy(() -> client.command("KEYS", "*")).hasMessageStartingWith("ERR unknown command 'KEYS'");
            client.command("MULTI");
            assertThatThrownBy(() -> client.command("flush-it")).hasMessageStartingWith("ERR not executed: Tidegate");
            assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT");
            assertThat(client.command("flush-it").text()).isEqualTo("OK");
            assertThat(client.command("GET", "k").isNull()).isTrue();
        }
    }
}
