package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ACL DELUSER ends the clients of a user, as a server does with its own, whatever they do, and nobody else. */
@Timeout(120)
class DeletedUserIT {
    private LocalRedis redis;
    private Stack stack;

    @BeforeEach
    void start() {
        redis = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig("user default on nopass ~* &* +@all")
                .start();
        stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", """
                clients: {auth: passthrough}
                commands: {allow: ["acl|deluser", "acl|setuser"]}
                event-loops: 3
                """);
    }

    @AfterEach
    void stop() {
        stack.close();
    }

    private InetSocketAddress where(boolean bare) {
        return bare ? redis.primary().address() : stack.address(ReadLevel.Kind.SESSION);
    }

    private static RedisCommandClient of(String user, InetSocketAddress where) throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(where, Duration.ofSeconds(20));
        client.command("AUTH", user, "pw");
        return client;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoseUserIsDeletedIsEnded(boolean bare) throws Exception {
        try (RedisCommandClient admin = RedisCommandClient.connect(where(bare), Stack.PATIENCE)) {
            for (String user : List.of("one", "two", "kept")) {
                admin.command("ACL", "SETUSER", user, "on", ">pw", "~*", "&*", "+@all");
            }
            try (RedisCommandClient one = of("one", where(bare));
                    RedisCommandClient idle = of("one", where(bare));
                    RedisCommandClient two = of("two", where(bare));
                    RedisCommandClient listener = of("two", where(bare));
                    RedisCommandClient kept = of("kept", where(bare))) {
                listener.command("SUBSCRIBE", "c");
                assertThat(one.command("ACL", "DELUSER", "nobody").integer()).isZero();
                assertThat(one.command("ACL", "DELUSER", "nobody", "one").integer())
                        .isOne();
                assertEnded(one);
                assertEnded(idle);
                assertThat(two.command("PING").text()).isEqualTo("PONG");
                assertThat(admin.command("ACL", "DELUSER", "two").integer()).isOne();
                assertEnded(two);
                assertEnded(listener);
                assertThat(kept.command("PING").text()).isEqualTo("PONG");
                assertThat(admin.command("PING").text()).isEqualTo("PONG");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void soItIsWithinATransactionThatRuns(boolean bare) throws Exception {
        try (RedisCommandClient admin = RedisCommandClient.connect(where(bare), Stack.PATIENCE)) {
            for (String user : List.of("one", "kept")) {
                admin.command("ACL", "SETUSER", user, "on", ">pw", "~*", "&*", "+@all");
            }
            try (RedisCommandClient one = of("one", where(bare));
                    RedisCommandClient kept = of("kept", where(bare))) {
                one.command("MULTI");
                one.command("ACL", "DELUSER", "kept");
                one.command("DISCARD");
                assertThat(kept.command("PING").text()).isEqualTo("PONG");
                admin.command("MULTI");
                admin.command("SET", "a", "b");
                admin.command("ACL", "DELUSER", "nobody", "one");
                assertThatThrownBy(() -> admin.command("ACL", "DELUSER")).hasMessageContaining("wrong number");
                assertThatThrownBy(() -> admin.command("EXEC")).hasMessageContaining("EXECABORT");
                assertThat(one.command("PING").text()).isEqualTo("PONG");
                admin.command("MULTI");
                admin.command("SET", "a", "b");
                admin.command("ACL", "DELUSER", "nobody", "one");
                admin.command("GET", "a");
                assertThat(admin.command("EXEC").elements())
                        .extracting(RespValue::text)
                        .containsExactly("OK", "1", "b");
                assertEnded(one);
                assertThat(kept.command("PING").text()).isEqualTo("PONG");
                kept.command("MULTI");
                kept.command("ACL", "DELUSER", "kept");
                assertThat(kept.command("EXEC").elements())
                        .extracting(RespValue::text)
                        .containsExactly("1");
                assertEnded(kept);
                assertThat(admin.command("PING").text()).isEqualTo("PONG");
            }
        }
    }

    private static void assertEnded(RedisCommandClient client) {
        assertThatThrownBy(client::read).isInstanceOf(EOFException.class);
    }
}
