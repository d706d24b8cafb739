package io.tidegate.proxy.local;

import static io.tidegate.proxy.local.LocalRedis.MASTER_NAME;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The configuration files of servers and sentinels, as Redis documents them in its {@code redis.conf}. */
final class Config {
    private Config() {}

    static List<String> server(LocalRedisBuilder setup, Optional<RedisProcess> primary) {
        List<String> lines = new ArrayList<>();
        // Nothing here is meant to survive, and a snapshot in the middle of a test would only cost time.
        lines.add("save \"\"");
        lines.add("appendonly no");
        // By default a primary waits 5 s for further replicas before it begins to send its data set.
        lines.add("repl-diskless-sync yes");
        lines.add("repl-diskless-sync-delay 0");
        setup.password.ifPresent(password -> {
            lines.add("requirepass " + quoted(password));
            // Of the primary too: it is a replica after a failover.
            lines.add("masterauth " + quoted(password));
        });
        primary.ifPresent(process -> lines.add("replicaof " + process.host() + " " + process.port()));
        lines.addAll(setup.serverConfig);
        return lines;
    }

    static List<String> sentinel(LocalRedisBuilder setup, RedisProcess primary) {
        List<String> lines = new ArrayList<>();
        int quorum = setup.sentinels / 2 + 1;
        lines.add("sentinel monitor " + MASTER_NAME + " " + primary.host() + " " + primary.port() + " " + quorum);
        lines.add("sentinel down-after-milliseconds " + MASTER_NAME + " " + setup.downAfterMillis);
        lines.add("sentinel failover-timeout " + MASTER_NAME + " " + setup.failoverTimeoutMillis);
        lines.add("sentinel parallel-syncs " + MASTER_NAME + " " + Math.max(1, setup.replicas));
        setup.password.ifPresent(password -> lines.add("sentinel auth-pass " + MASTER_NAME + " " + quoted(password)));
        setup.sentinelPassword.ifPresent(password -> lines.add("requirepass " + quoted(password)));
        lines.addAll(setup.sentinelConfig);
        return lines;
    }

    static List<String> at(Place place, int port, List<String> lines) {
        List<String> all = new ArrayList<>();
        all.add("bind " + place.host());
        all.add("port " + port);
        if (!place.address().isLoopbackAddress()) {
            all.add("protected-mode no");
        }
        all.addAll(lines);
        return all;
    }

    /** In the quoting that Redis's configuration parser undoes. */
    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
