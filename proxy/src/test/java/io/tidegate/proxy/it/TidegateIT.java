package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TidegateIT {
    @Test
    void writesAndReadsAtEveryLevel() throws IOException {
        try (Stack stack = Stack.start()) {
            for (Kind level : Kind.values()) {
                try (RedisCommandClient client = stack.connect(level)) {
                    for (int i = 0; i < 100; i++) {
                        assertThat(client.command("SET", "k", level + "" + i).text())
                                .isEqualTo("OK");
                        String read = client.command("GET", "k").text();
                        if (level == Kind.SESSION || level == Kind.STRONG) {
                            assertThat(read).isEqualTo(level + "" + i);
                        }
                    }
                    assertThat(client.command("PROXY", "EXPLAIN", "GET", "k")
                                    .elements()
                                    .get(1)
                                    .text())
                            .startsWith("level " + level.name().toLowerCase(Locale.ROOT))
                            .contains("goes to 127.0.0.1:");
                }
            }
            assertThat(stack.tidegate.figures().nodes())
                    .filteredOn(node -> !node.primary())
                    .anyMatch(node -> node.requests() > 0);
        }
    }

    @Test
    void strongReadsByReadIndexSeeEveryWriteAndSpareThePrimary() throws IOException {
        try (Stack stack = Stack.start("reads: {strong: replica, settle: 500ms}");
                RedisCommandClient writer = stack.connect(Kind.SESSION);
                RedisCommandClient reader = stack.connect(Kind.STRONG)) {
            for (int i = 0; i < 100; i++) {
                assertThat(writer.command("SET", "k", "" + i).text()).isEqualTo("OK");
                assertThat(reader.command("GET", "k").text()).isEqualTo("" + i);
            }
            assertThat(stack.tidegate.figures().nodes())
                    .filteredOn(node -> !node.primary())
                    .anyMatch(node -> node.requests() > 0);
        }
    }

    @Test
    void theAdminPortTellsOfTheProcessAndOfWhatIsBehindIt() throws IOException, InterruptedException {
        try (Stack stack = Stack.start("admin: {address: \"127.0.0.1:0\"}")) {
            assertThat(admin(stack, "/metrics").body()).containsPattern("tidegate_probe_rounds_total [1-9]");
            assertThat(admin(stack, "/readyz").statusCode()).isEqualTo(200);

            stack.servers().forEach(RedisProcess::kill);
            stack.redis.sentinels().forEach(RedisProcess::kill);
            await().atMost(Stack.PATIENCE)
                    .until(() -> !stack.tidegate.sentinels().containsValue(true)
                            && stack.tidegate.table().primaryLost());

            assertThat(admin(stack, "/livez").statusCode())
                    .as("a restart of this process would not bring Redis back")
                    .isEqualTo(200);
            assertThat(admin(stack, "/readyz").statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<String> admin(Stack stack, String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://" + stack.tidegate.adminAddress() + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
}
