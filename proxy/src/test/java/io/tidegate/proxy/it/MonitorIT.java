package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who monitors through the proxy sees what clients send, and not what the proxy asks a server to know how it is. */
@Timeout(120)
class MonitorIT {
    private static final int SEEN_AT_LEAST = 3;

    @Test
    void whatTheProxyAsksIsNotSeen() throws Exception {
        LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "");
                RedisCommandClient writer = stack.connect(Kind.SESSION);
                RedisCommandClient monitor = stack.connect(Kind.SESSION);
                RedisCommandClient atServer = redis.primary().connect()) {
            writer.command("SET", "k", "begin");
            assertThat(monitor.command("MONITOR").text()).isEqualTo("OK");
            assertThat(atServer.command("MONITOR").text()).isEqualTo("OK");
            int probes = 0;
            while (probes < SEEN_AT_LEAST) {
                String line = atServer.read().text();
                if (line.endsWith("\"ROLE\"")) {
                    probes++;
                    writer.command("SET", "k", "" + probes);
                }
            }
            writer.command("SET", "k", "end");
            List<String> seen = upToEnd(monitor);
            assertThat(seen).hasSize(SEEN_AT_LEAST + 1).allMatch(line -> line.contains("\"SET\" \"k\""));
        }
    }

    @Test
    void howTheProxyGreetsIsNotSeen() throws Exception {
        LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "");
                RedisCommandClient blocks = stack.connect(Kind.SESSION);
                RedisCommandClient monitor = stack.connect(Kind.SESSION);
                RedisCommandClient atServer = redis.primary().connect()) {
            assertThat(monitor.command("MONITOR").text()).isEqualTo("OK");
            assertThat(atServer.command("MONITOR").text()).isEqualTo("OK");
            blocks.command("SELECT", "3");
            blocks.command("ROLE");
            blocks.command("RPUSH", "list", "a");
            blocks.command("BLPOP", "list", "1");
            blocks.command("ROLE");
            blocks.command("INFO", "server");
            blocks.command("SET", "k", "end");
            assertThat(upToEnd(atServer))
                    .filteredOn(line -> line.endsWith("\"CLIENT\" \"SETNAME\" \"tidegate\""))
                    .as("connections that were greeted")
                    .hasSizeGreaterThan(1);
            assertThat(commands(upToEnd(monitor)))
                    .containsExactly(
                            "\"ROLE\"",
                            "\"RPUSH\" \"list\" \"a\"",
                            "\"BLPOP\" \"list\" \"1\"",
                            "\"ROLE\"",
                            "\"INFO\" \"server\"",
                            "\"SET\" \"k\" \"end\"");
        }
    }

    @Test
    void aScriptThatGoesAheadIsNotSeenAndOneThatAClientLoadsIs() throws Exception {
        String script = "return 'a\\n\"\u00e9' --\t";
        LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
        try (Stack stack = Stack.plain(redis, List.of(redis.primary().endpoint()), "", "");
                RedisCommandClient client = stack.connect(Kind.SESSION);
                RedisCommandClient monitor = stack.connect(Kind.SESSION);
                RedisCommandClient atServer = redis.primary().connect()) {
            assertThat(monitor.command("MONITOR").text()).isEqualTo("OK");
            assertThat(atServer.command("MONITOR").text()).isEqualTo("OK");
            String digest = client.command("SCRIPT", "LOAD", script).text();
            client.command("EVALSHA", digest, "0");
            client.command("SCRIPT", "LOAD", script);
            client.command("EVALSHA", digest, "0");
            client.command("SET", "k", "end");
            assertThat(upToEnd(atServer))
                    .filteredOn(line -> line.contains("\"LOAD\""))
                    .hasSize(3);
            assertThat(commands(upToEnd(monitor)))
                    .extracting(line -> line.split(" ", -1)[0])
                    .containsExactly("\"SCRIPT\"", "\"EVALSHA\"", "\"SCRIPT\"", "\"EVALSHA\"", "\"SET\"");
        }
    }

    private static List<String> commands(List<String> lines) {
        return lines.stream().map(line -> line.substring(line.indexOf('"'))).toList();
    }

    private static List<String> upToEnd(RedisCommandClient monitor) throws IOException {
        List<String> seen = new ArrayList<>();
        while (seen.isEmpty() || !seen.get(seen.size() - 1).endsWith("\"end\"")) {
            seen.add(monitor.read().text());
        }
        return seen;
    }
}
