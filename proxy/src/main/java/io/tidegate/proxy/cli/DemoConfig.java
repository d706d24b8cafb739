package io.tidegate.proxy.cli;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The demo's configuration: a file like anybody's, beside its servers, so that one can read what runs and copy it. */
final class DemoConfig {
    private static final List<String> LEVELS = List.of("session", "eventual", "bounded(200ms)", "strong");

    private DemoConfig() {}

    /**
     * Writes {@code tidegate.yaml} into the directory of {@code redis}.
     *
     * @param portBase the first listener's port, followed by the others and the admin port; 0 for any free ones
     */
    static Path write(LocalRedis redis, int portBase) throws IOException {
        Path file = redis.directory().resolve("tidegate.yaml");
        return Files.writeString(file, text(redis.sentinels(), portBase));
    }

    private static String text(List<RedisProcess> sentinels, int portBase) {
        StringBuilder yaml = new StringBuilder("# Written by tidegate demo.\nlisteners:\n");
        for (int i = 0; i < LEVELS.size(); i++) {
            yaml.append("  - {address: \"127.0.0.1:" + port(portBase, i) + "\", consistency: " + LEVELS.get(i) + "}\n");
        }
        String nodes = sentinels.stream()
                .map(sentinel -> '"' + sentinel.endpoint() + '"')
                .collect(Collectors.joining(", "));
        return yaml.append("upstream:\n  sentinel: {master: " + LocalRedis.MASTER_NAME + ", nodes: [" + nodes + "]}\n")
                .append("admin: {address: \"127.0.0.1:" + port(portBase, LEVELS.size()) + "\"}\n")
                .toString();
    }

    private static int port(int portBase, int index) {
        return portBase == 0 ? 0 : portBase + index;
    }
}
