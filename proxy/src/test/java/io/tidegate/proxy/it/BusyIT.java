package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A primary that a script keeps busy says {@code BUSY} to everything, ROLE included: so do clients hear, as of it. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class BusyIT {
    private static final String BUSY = "BUSY Redis is busy running a script";

    @Test
    void clientsHearThatItIsBusyAndItIsStillThePrimaryAfterwards() throws Exception {
        LocalRedis redis = LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig("busy-reply-threshold 10")
                .start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "");
                RedisCommandClient client = stack.connect(Kind.SESSION);
                RedisCommandClient transaction = stack.connect(Kind.SESSION);
                RedisCommandClient script = redis.primary().connect()) {
            long epoch = stack.tidegate.table().epoch();
            client.command("SET", "k", "v");
            transaction.command("MULTI");
            transaction.command("INCR", "n");
            script.write("EVAL", "while true do end", "0");
            awaitBusy(redis.primary());
            for (List<String> command : List.of(
                    List.of("SET", "k", "w"),
                    List.of("GET", "k"),
                    List.of("INCR", "n"),
                    List.of("CONFIG", "GET", "x"))) {
                assertThatThrownBy(() -> client.command(command.toArray(new String[0])))
                        .as("%s", command)
                        .hasMessageStartingWith(BUSY);
            }
            for (int i = 0; i < 50; i++) {
                client.write("SET", "k", "w" + i);
            }
            for (int i = 0; i < 50; i++) {
                assertThatThrownBy(client::read).hasMessageStartingWith(BUSY);
            }
            assertThatThrownBy(() -> transaction.command("EXEC"))
                    .hasMessageStartingWith("EXECABORT")
                    .hasMessageContaining("BUSY");
            assertThat(client.command("SCRIPT", "KILL").text()).isEqualTo("OK");
            assertThatThrownBy(script::read).hasMessageContaining("SCRIPT KILL");
            assertThat(client.command("GET", "k").text()).isEqualTo("v");
            assertThat(client.command("INCR", "n").integer()).isEqualTo(1);
            assertThat(stack.tidegate.table().epoch()).isEqualTo(epoch);
            assertThat(stack.tidegate.figures().uncertain()).isZero();
        }
    }

    private static void awaitBusy(RedisProcess server) {
        await().atMost(Stack.PATIENCE).until(() -> {
            try (RedisCommandClient direct = server.connect()) {
                direct.command("PING");
                return false;
            } catch (RedisErrorException e) {
                return String.valueOf(e.getMessage()).startsWith(BUSY);
            } catch (IOException e) {
                return false;
            }
        });
    }
}
