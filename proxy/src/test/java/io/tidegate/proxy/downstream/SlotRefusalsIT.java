package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a server in cluster mode refuses because of a key's slot. Tidegate does not support clusters; but these errors come
 * key by key, so that of one pipeline some commands run and some do not, as a replica that is just being promoted shows
 * only by chance.
 */
@Timeout(90)
class SlotRefusalsIT {
    private static final String KEY = "{slot}k";
    private static final String TWIN = "{slot}l";
    private static final String ELSEWHERE = "elsewhere";

    private LocalRedis redis;
    private LocalRedis others;
    private HandFedProxy proxy;
    private RedisProcess node;
    private RedisProcess other;
    private RedisCommandClient client;
    private String slot = "";

    @BeforeEach
    void start() throws Exception {
        redis = server();
        others = server();
        node = redis.primary();
        other = others.primary();
        node.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
        node.command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(other.port()));
        slot = Long.toString(node.command("CLUSTER", "KEYSLOT", KEY).integer());
        for (RedisProcess each : List.of(node, other)) {
            await().until(() -> each.command("CLUSTER", "INFO").text().contains("cluster_state:ok"));
        }
        await().until(() -> node.command("CLUSTER", "NODES").text().contains(id(other)));
        await().until(() -> other.command("CLUSTER", "NODES").text().contains(id(node)));
        proxy = new HandFedProxy();
        proxy.primary(1, node);
        client = proxy.connect(ReadLevel.SESSION);
        client.command("SET", "warm", "1");
    }

    private static LocalRedis server() {
        return LocalRedis.builder()
                .replicas(0)
                .sentinels(0)
                .serverConfig("cluster-enabled yes", "cluster-require-full-coverage no")
                .start();
    }

    private static String id(RedisProcess server) throws Exception {
        return server.command("CLUSTER", "MYID").text();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        others.close();
        redis.close();
    }

    @Test
    void clusterdown() throws Exception {
        node.command("CLUSTER", "DELSLOTS", slot);
        heldUntil("CLUSTERDOWN", "CLUSTER", "ADDSLOTS", slot);
    }

    @Test
    void moved() throws Exception {
        node.command("CLUSTER", "SETSLOT", slot, "NODE", id(other));
        heldUntil("MOVED", "CLUSTER", "SETSLOT", slot, "NODE", id(node));
    }

    @Test
    void ask() throws Exception {
        node.command("CLUSTER", "SETSLOT", slot, "MIGRATING", id(other));
        heldUntil("ASK", "CLUSTER", "SETSLOT", slot, "STABLE");
    }

    /** The key is not touched; through the proxy the command waits, and runs once when the slot is served again. */
    private void heldUntil(String code, String... end) throws Exception {
        assertThatThrownBy(() -> node.command("APPEND", KEY, "x")).hasMessageStartingWith(code + " ");
        client.write("APPEND", KEY, "y");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        node.command(end);
        assertThat(client.read().integer())
                .as("length of what was appended once")
                .isEqualTo(1);
        assertThat(client.command("GET", KEY).text()).isEqualTo("y");
    }

    @Test
    void tryagain() throws Exception {
        other.command("CLUSTER", "SETSLOT", slot, "IMPORTING", id(node));
        try (RedisCommandClient direct = other.connect()) {
            direct.command("ASKING");
            assertThat(direct.command("SET", KEY, "1").text()).isEqualTo("OK");
            direct.command("ASKING");
            assertThatThrownBy(() -> direct.command("MSET", KEY, "2", TWIN, "2"))
                    .hasMessageStartingWith("TRYAGAIN ");
            direct.command("ASKING");
            assertThat(direct.command("GET", KEY).text()).isEqualTo("1");
            direct.command("ASKING");
            assertThat(direct.command("EXISTS", TWIN).integer()).isZero();
        }
    }

    @Test
    void aRefusedWriteBehindWhichAnotherRanIsNotSentAgain() throws Exception {
        node.command("CLUSTER", "DELSLOTS", slot);
        client.write("SET", KEY, "first");
        client.write("SET", ELSEWHERE, "second");
        assertThatThrownBy(client::read).hasMessageStartingWith("CLUSTERDOWN ");
        assertThat(client.read().text()).isEqualTo("OK");
        node.command("CLUSTER", "ADDSLOTS", slot);
        // Sent again it was, perhaps, before the second one had come; but not after that had run.
        assertThat(client.command("EXISTS", KEY).integer()).isZero();
    }

    @Test
    void aRefusedTailIsSentAgainInItsOrder() throws Exception {
        node.command("CLUSTER", "DELSLOTS", slot);
        client.write("SET", ELSEWHERE, "first");
        client.write("APPEND", KEY, "a");
        client.write("GET", ELSEWHERE);
        client.write("APPEND", KEY, "b");
        client.write("APPEND", KEY, "c");
        assertThat(client.read().text()).isEqualTo("OK");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        node.command("CLUSTER", "ADDSLOTS", slot);
        assertThat(client.read().integer()).isEqualTo(1);
        assertThat(client.read().text()).isEqualTo("first");
        assertThat(client.read().integer()).isEqualTo(2);
        assertThat(client.read().integer()).isEqualTo(3);
        assertThat(client.command("GET", KEY).text()).isEqualTo("abc");
    }
}
