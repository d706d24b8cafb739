package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an operator does on the admin port of a whole process. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class ActionsIT {
    private static final String TOKEN = "0123456789abcdef-hunter2";

    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path directory;

    @Test
    void thePrimaryIsSwitchedAndTheProcessDrained() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().downAfterMillis(2_000).start()) {
            List<String> sentinels = redis.sentinels().stream()
                    .map(RedisProcess::endpoint)
                    .map(endpoint -> "'" + endpoint + "'")
                    .toList();
            String yaml = "upstream: {sentinel: {master: " + LocalRedis.MASTER_NAME + ", nodes: " + sentinels + "}}\n";
            try (Serving serving = Serving.start(List.of("env", "TIDEGATE_ADMIN_TOKEN=" + TOKEN), directory, yaml);
                    RedisCommandClient client = serving.connect()) {
                RedisProcess old = redis.primary();
                client.command("SET", "k", "v");
                await().atMost(Stack.PATIENCE)
                        .until(() -> post(serving, "/actions/switchover?from=" + old.endpoint() + "&dry-run", "wrong")
                                == 401);
                // Until the sentinels and all replicas are known there is something that speaks against it.
                await().atMost(Stack.PATIENCE).until(() -> {
                    post(serving, "/actions/switchover?from=" + old.endpoint(), TOKEN);
                    await().atMost(Stack.PATIENCE)
                            .until(() -> !serving.get("/actions").contains("under way"));
                    return serving.get("/actions").contains("\"state\" : \"done\"");
                });
                assertThat(redis.awaitFailoverFrom(old).endpoint()).isNotEqualTo(old.endpoint());
                assertThat(client.command("GET", "k").text()).isEqualTo("v");
                assertThat(serving.get("/actions")).contains("switched to ");

                String listener = serving.address().getHostString() + ":"
                        + serving.address().getPort();
                assertThat(post(serving, "/actions/drain?listener=" + listener, TOKEN))
                        .isEqualTo(202);
                assertThat(serving.awaitEnd()).isZero();
                assertThat(String.join("\n", serving.log()))
                        .contains("a wrong token", "switchover asked for by", "drain asked for by")
                        .doesNotContain("hunter2");
            }
        }
    }

    private static int post(Serving serving, String path, String token) throws IOException {
        HttpURLConnection connection = serving.open(path);
        connection.setRequestMethod("POST");
        connection.setRequestProperty("Authorization", "Bearer " + token);
        return connection.getResponseCode();
    }
}
