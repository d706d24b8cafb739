package io.tidegate.proxy.cli.drill;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done.
 *
 * @param id what tells this drill's keys from any other's
 * @param shard the name by which the sentinels know the primary
 * @param admin the admin port of a Tidegate; null if nobody is to look there
 * @param adminTls for its TLS; null if it has none
 * @param clients connections that write and read
 * @param writing how long they do, at least: a quarter of it before the fault
 * @param command for {@code sh -c}, which makes the fault; null to have a sentinel fail over
 * @param commandMax how long that command may take
 * @param allowed whether to write and to break anything
 */
public record Plan(
        String id,
        Access access,
        String shard,
        @Nullable URI admin,
        @Nullable SSLSocketFactory adminTls,
        int clients,
        Duration writing,
        @Nullable String command,
        Duration commandMax,
        boolean allowed,
        Limits limits) {
    /** All keys begin with it. */
    String prefix() {
        return "tidegate:drill:" + id + ":";
    }

    /** The stream of one client. */
    String key(int client) {
        return prefix() + client;
    }

    /** The same for the performance step. */
    String performanceKey(int client) {
        return prefix() + "performance:" + client;
    }

    /** The stream of one entry that is looked for at the replicas. */
    String markerKey() {
        return prefix() + "marker";
    }

    /** Every key that is ever written. */
    List<String> keys() {
        List<String> keys = new ArrayList<>();
        keys.add(markerKey());
        for (int client = 0; client < clients; client++) {
            keys.add(key(client));
            keys.add(performanceKey(client));
        }
        return keys;
    }

    /** Whether anybody is there to make one. */
    boolean hasFault() {
        return command != null || !access.sentinels().isEmpty();
    }

    /** What breaks the primary, in words. */
    String fault() {
        return command == null ? "SENTINEL FAILOVER " + shard : "sh -c '" + command + "'";
    }
}
