package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A signal to a proxy with clients of every kind: it ends, they are told by the end of their connections, nobody complains. */
@Timeout(value = 1, unit = TimeUnit.MINUTES)
class ShutdownIT {
    private static final int CLIENTS = 40;

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void aSignalEndsItWithoutAComplaint() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
                Serving serving = Serving.start(
                        directory,
                        "drain: {time-max: 200ms}\nupstream: {static: {nodes: ['"
                                + redis.primary().endpoint() + "']}}\n")) {
            List<RedisCommandClient> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                RedisCommandClient client = serving.connect();
                clients.add(client);
                assertThat(client.command("SET", "k" + i, "v").text()).isEqualTo("OK");
            }
            clients.get(0).write("BLPOP", "queue", "0");
            clients.get(1).command("SUBSCRIBE", "news");
            clients.get(2).command("MULTI");
            await().until(() -> Stack.blockedClients(redis.primary()) == 1);

            assertThat(serving.terminate()).as("128 + SIGTERM").isEqualTo(143);
            for (RedisCommandClient client : clients) {
                assertThatThrownBy(client::read).isInstanceOf(IOException.class);
                client.close();
            }
            assertThat(serving.log()).noneMatch(line -> line.contains("Exception") || line.contains(" WARN "));
        }
    }
}
