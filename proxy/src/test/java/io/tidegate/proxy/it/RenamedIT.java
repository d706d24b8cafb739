package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel.Kind;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers on which an operator has renamed or disabled commands ({@code rename-command}). */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RenamedIT {
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
            assertThat(client.command("flush-it").text()).isEqualTo("OK");
            assertThat(client.command("GET", "k").isNull()).isTrue();
        }
    }
}
