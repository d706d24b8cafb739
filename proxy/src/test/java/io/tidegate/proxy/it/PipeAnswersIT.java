package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A client with a connection of its own is told of itself what it would be without, in its turn. */
@Timeout(120)
class PipeAnswersIT {
    private final LocalRedis redis =
            LocalRedis.builder().replicas(0).sentinels(0).start();

    private Stack stack(String moreConfig) {
        return Stack.plain(redis, List.of(redis.primary().endpoint()), "", moreConfig);
    }

    @Test
    void itIsTheClientOfTheProxyThatItWas() throws Exception {
        try (Stack stack = stack("");
                RedisCommandClient other = stack.connect(Kind.SESSION);
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            client.command("HELLO", "3", "SETNAME", "one");
            other.command("CLIENT", "SETNAME", "other");
            String id = client.command("CLIENT", "ID").text();
            client.command("CLIENT", "TRACKING", "ON");
            assertThat(client.command("CLIENT", "ID").text()).isEqualTo(id);
            assertThat(client.command("CLIENT", "GETNAME").text()).isEqualTo("one");
            assertThat(client.command("CLIENT", "INFO").text()).contains("id=" + id + " ", " name=one ", " resp=3");
            assertThat(client.command("CLIENT", "LIST").text()).contains(" name=one ", " name=other ");
            assertThat(client.command("HELLO").toString()).contains("id").contains(id);
            assertThat(client.command("CLIENT", "SETNAME", "two").text()).isEqualTo("OK");
            assertThat(other.command("CLIENT", "LIST").text()).contains("id=" + id + " ", " name=two ");
            assertThatThrownBy(() -> client.command("CLIENT", "SETNAME", "t w o"))
                    .hasMessageContaining("Client names cannot contain spaces");
            assertThatThrownBy(() -> client.command("CLIENT", "ID", "x")).hasMessageContaining("wrong number");
            assertThat(client.command("PING").text()).isEqualTo("PONG");
        }
    }

    /** As node-redis' client-side cache asks for what no server of Redis 7.0 has, and goes on when it is told so. */
    @Test
    void whatIsRefusedEndsNothing() throws Exception {
        try (Stack stack = stack("");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            client.command("HELLO", "3");
            client.command("CLIENT", "TRACKING", "ON");
            for (String sub : List.of("MAINT_NOTIFICATIONS", "SETINFO")) {
                client.write("CLIENT", sub, "lib-name", "x");
                client.write("ECHO", "next");
                if (sub.equals("SETINFO")) {
                    assertThat(client.read().text()).isEqualTo("OK");
                } else {
                    assertThatThrownBy(client::read).hasMessageContaining("subcommand");
                }
                assertThat(client.read().text()).isEqualTo("next");
            }
            assertThatThrownBy(() -> client.command("SHUTDOWN"))
                    .hasMessageContaining("refuses this command: 'shutdown'");
            assertThat(client.command("PING").text()).isEqualTo("PONG");
        }
    }

    @Test
    void eachAnswerHasItsPlace() throws Exception {
        try (Stack stack = stack("");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            String id = client.command("CLIENT", "ID").text();
            client.command("HELLO", "3");
            client.command("CLIENT", "TRACKING", "ON");
            for (int i = 0; i < 100; i++) {
                client.write("INCR", "n");
                client.write("CLIENT", "ID");
                client.write("CLIENT", "REPLY", "SKIP");
                client.write("CLIENT", "GETNAME");
                client.write("ECHO", "e" + i);
            }
            for (int i = 0; i < 100; i++) {
                assertThat(client.read().text()).isEqualTo("" + (i + 1));
                assertThat(client.read().text()).isEqualTo(id);
                assertThat(client.read().text()).isEqualTo("e" + i);
            }
            client.write("CLIENT", "REPLY", "OFF");
            client.write("CLIENT", "SETNAME", "silent");
            client.write("CLIENT", "ID");
            client.write("CLIENT", "REPLY", "ON");
            assertThat(client.read().text()).isEqualTo("OK");
            assertThat(client.command("CLIENT", "GETNAME").text()).isEqualTo("silent");
        }
    }

    @Test
    void whoMonitorsDoesNotSeeHowItIsDone() throws Exception {
        try (Stack stack = stack("");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            String id = client.command("CLIENT", "ID").text();
            client.command("MONITOR");
            client.write("CLIENT", "ID");
            assertThat(client.read().text()).isEqualTo(id);
            assertThat(client.command("ECHO", "x").text()).isEqualTo("x");
            assertThat(client.read().text()).endsWith("\"ECHO\" \"x\"");
        }
    }

    @Test
    void whereUsersAreTheServersTheyAreAskedWhetherHeMay() throws Exception {
        try (RedisCommandClient atServer = redis.primary().connect();
                Stack stack = stack("clients: {auth: passthrough}");
                RedisCommandClient client = stack.connect(Kind.SESSION)) {
            atServer.command("ACL", "SETUSER", "u", "on", ">p", "~*", "&*", "+@all", "-client|list", "-ping");
            client.command("HELLO", "3", "AUTH", "u", "p");
            String id = client.command("CLIENT", "ID").text();
            client.command("CLIENT", "TRACKING", "ON");
            assertThatThrownBy(() -> client.command("CLIENT", "LIST")).hasMessageContaining("NOPERM");
            assertThat(client.command("CLIENT", "ID").text()).isEqualTo(id);
            atServer.command("ACL", "SETUSER", "u", "+client|list");
            assertThat(client.command("CLIENT", "LIST").text()).contains("id=" + id + " ");
        }
    }
}
