package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands that wait for data while their primary becomes a replica. */
@Timeout(90)
class UnblockedIT {
    private static final String UNBLOCKED =
            "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";

    private static final String[][] WAITING = {
        {"BLPOP", "nolist", "30"},
        {"BRPOP", "nolist", "30"},
        {"BLMOVE", "nolist", "other", "LEFT", "LEFT", "30"},
        {"BRPOPLPUSH", "nolist", "other", "30"},
        {"BLMPOP", "30", "1", "nolist", "LEFT"},
        {"BZPOPMIN", "nozset", "30"},
        {"BZPOPMAX", "nozset", "30"},
        {"BZMPOP", "30", "1", "nozset", "MIN"},
        {"XREAD", "BLOCK", "30000", "STREAMS", "nostream", "0"},
        {"XREADGROUP", "GROUP", "g", "c", "BLOCK", "30000", "STREAMS", "stream", ">"},
        {"WAIT", "9", "30000"},
    };

    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess primary;
    private RedisProcess replica;

    @BeforeEach
    void start() throws Exception {
        redis = HandFedProxy.servers(1);
        primary = redis.primary();
        replica = redis.replicas().get(0);
        proxy = new HandFedProxy();
        proxy.primary(1, primary);
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    @Test
    void theServerTellsEveryWaitingCommandAndEndsItsConnectionAndNothingWasTaken() throws Exception {
        createGroup();
        List<RedisCommandClient> waiting = new ArrayList<>();
        try {
            for (String[] command : WAITING) {
                RedisCommandClient direct = primary.connect();
                waiting.add(direct);
                direct.write(command);
            }
            awaitBlocked(primary, WAITING.length);
            demote();
            for (RedisCommandClient direct : waiting) {
                assertThatThrownBy(direct::read).hasMessage(UNBLOCKED);
                assertThatThrownBy(direct::read).isInstanceOf(EOFException.class);
            }
        } finally {
            for (RedisCommandClient direct : waiting) {
                direct.close();
            }
        }
        assertThat(replica.command("KEYS", "*").elements()).hasSize(1);
        assertThat(replica.command("XPENDING", "stream", "g").elements().get(0).integer())
                .isZero();
    }

    @Test
    void theyWaitOnAtTheNextPrimaryWithWhatRemainsOfTheirTimeout() throws Exception {
        createGroup();
        try (RedisCommandClient last = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient first = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient option = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient group = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient forever = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient monitor = replica.connect()) {
            last.write("BLPOP", "a", "30");
            first.write("BLMPOP", "30", "1", "b", "LEFT");
            option.write("XREAD", "BLOCK", "30000", "STREAMS", "c", "0");
            group.write("XREADGROUP", "GROUP", "g", "me", "BLOCK", "30000", "STREAMS", "stream", ">");
            forever.write("BRPOP", "d", "0");
            awaitBlocked(primary, 5);
            monitor.command("MONITOR");
            demote();
            // Longer than the servers' clock ticks: all five have been told, and are held.
            await().until(() -> proxy.counted("tidegate_held_requests") == 5);
            proxy.primary(2, replica);
            awaitBlocked(replica, 5);
            assertThat(timeoutSent(monitor, "BLPOP", 2)).isBetween(1.0, 29.999);
            assertThat(proxy.counted("tidegate_replayed_total")).isEqualTo(5);
            replica.command("RPUSH", "a", "1");
            replica.command("RPUSH", "b", "2");
            replica.command("XADD", "c", "*", "f", "v");
            replica.command("XADD", "stream", "*", "f", "v");
            replica.command("RPUSH", "d", "4");
            assertThat(last.read().elements().get(1).text()).isEqualTo("1");
            assertThat(first.read().elements().get(0).text()).isEqualTo("b");
            assertThat(option.read().elements()).hasSize(1);
            assertThat(group.read().elements()).hasSize(1);
            assertThat(forever.read().elements().get(1).text()).isEqualTo("4");
            assertThat(last.command("PING").text()).isEqualTo("PONG");
            assertThat(last.command("LLEN", "a").integer()).isZero();
        }
    }

    @Test
    void whoHasWaitedLongEnoughGetsTheAnswerOfATimeout() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("BLPOP", "a", "30");
            awaitBlocked(primary, 1);
            demote();
            // Else the old primary's word may come when its claim is over, and prove nothing.
            await().until(() -> proxy.counted("tidegate_held_requests") == 1);
            proxy.primary(2, replica);
            awaitBlocked(replica, 1);
            // The server's word that it waited in vain, in its own shape.
            long id = Long.parseLong(blockedId(replica));
            replica.command("CLIENT", "UNBLOCK", Long.toString(id), "TIMEOUT");
            assertThat(client.read().isNull()).isTrue();
        }
    }

    @Test
    void waitDoesNotGoOnSinceItWouldSpeakOfAnotherPrimary() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.command("SET", "k", "v");
            client.write("WAIT", "9", "30000");
            awaitBlocked(primary, 1);
            demote();
            assertThatThrownBy(client::read).hasMessage(UNBLOCKED);
        }
    }

    @Test
    void whoeverIsUnblockedOnPurposeHearsOfIt() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("BLPOP", "a", "30");
            awaitBlocked(primary, 1);
            primary.command("CLIENT", "UNBLOCK", blockedId(primary), "ERROR");
            assertThatThrownBy(client::read).hasMessage("UNBLOCKED client unblocked via CLIENT UNBLOCK");
        }
    }

    @Test
    void aPopWhoseConnectionEndedMayHaveTakenSomething() throws Exception {
        try (RedisCommandClient client = proxy.connect(ReadLevel.SESSION)) {
            client.write("BLPOP", "a", "30");
            awaitBlocked(primary, 1);
            primary.command("CLIENT", "KILL", "ID", blockedId(primary));
            assertThatThrownBy(client::read).hasMessageStartingWith("UNCERTAIN may have run");
        }
    }

    // ---- tools ----

    /** On both: whoever is promoted before the stream has come to it has no such group. */
    private void createGroup() throws IOException {
        primary.command("XGROUP", "CREATE", "stream", "g", "$", "MKSTREAM");
        await().until(() -> replica.command("EXISTS", "stream").integer() == 1);
    }

    private void demote() throws IOException {
        replica.command("REPLICAOF", "NO", "ONE");
        primary.command("REPLICAOF", "127.0.0.1", Integer.toString(replica.port()));
    }

    private static void awaitBlocked(RedisProcess server, int count) {
        await().until(() -> {
            try (RedisCommandClient direct = server.connect()) {
                return Integer.toString(count).equals(direct.info("clients").get("blocked_clients"));
            }
        });
    }

    private static String blockedId(RedisProcess server) throws IOException {
        return server.command("CLIENT", "LIST")
                .text()
                .lines()
                .filter(line -> line.contains(" cmd=blpop "))
                .findFirst()
                .orElseThrow()
                .replaceAll("^id=(\\d+) .*", "$1");
    }

    /** The argument of a command that the server was sent, as MONITOR shows it. */
    private static double timeoutSent(RedisCommandClient monitor, String command, int argument) throws IOException {
        while (true) {
            String[] words = monitor.read().text().split(" \"", -1);
            if (words.length > argument && words[1].equalsIgnoreCase(command + "\"")) {
                return Double.parseDouble(words[argument + 1].replace("\"", ""));
            }
        }
    }
}
