package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.routing.ReadLevel.Kind;
import java.io.IOException;
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
}
