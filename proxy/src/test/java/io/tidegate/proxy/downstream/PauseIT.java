package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CLIENT PAUSE and UNPAUSE: all clients of this proxy wait, on all its event loops, and nobody else. */
@Timeout(120)
class PauseIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    /** As good as for ever: a test that ends does not wait for it. */
    private static final String LONG = "100000";

    private static final String FUNCTIONS = """
            #!lua name=lib
            redis.register_function('writes', function(keys, args) return redis.call('SET', keys[1], args[1]) end)
            redis.register_function{function_name='reads', flags={'no-writes'},
                callback=function(keys, args) return redis.call('GET', keys[1]) end}
            redis.register_function{function_name='fails', flags={'no-writes'},
                callback=function(keys, args) return redis.call('SET', 'x', 'y') end}
            """;

    private final List<RedisCommandClient> clients = new ArrayList<>();
    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;
    private InetSocketAddress address;
    private RedisCommandClient asker;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.loops = 2));
        proxy.primary(1, primary);
        address = proxy.listen(ReadLevel.SESSION);
        asker = connect();
    }

    @AfterEach
    void stop() throws IOException {
        for (RedisCommandClient client : clients) {
            client.close();
        }
        proxy.close();
        redis.close();
    }

    private RedisCommandClient connect() throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(address, SOON);
        clients.add(client);
        return client;
    }

    private void awaitPaused(int requests) {
        await().atMost(SOON).until(() -> proxy.counted("tidegate_paused_requests") == requests);
    }

    private String said(RedisCommandClient client, String... words) throws IOException {
        try {
            return client.command(words).text();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    @Test
    void aPauseOfWritesHoldsWhatMayWriteAndNothingElse() throws Exception {
        List<String> held = List.of("SET k v", "PUBLISH c m", "PFCOUNT p", "BLPOP l 0", "GETDEL k");
        List<RedisCommandClient> writers = new ArrayList<>();
        for (int i = 0; i < held.size() + 1; i++) {
            writers.add(connect());
        }
        RedisCommandClient transaction = writers.get(held.size());
        transaction.command("MULTI");
        transaction.command("INCR", "n");
        assertThat(said(asker, "CLIENT", "PAUSE", LONG, "write")).isEqualTo("OK");
        for (int i = 0; i < held.size(); i++) {
            writers.get(i).write(held.get(i).split(" ", -1));
        }
        transaction.write("EXEC");
        awaitPaused(held.size() + 1);
        RedisCommandClient reader = connect();
        String reading = "#!lua flags=no-writes\nreturn redis.call('EXISTS', KEYS[1])";
        assertThat(reader.command("EVAL", reading, "1", "k").integer()).isZero();
        String digest = reader.command("SCRIPT", "LOAD", reading).text();
        assertThat(reader.command("EVALSHA", digest, "1", "k").integer()).isZero();
        assertThat(reader.command("GET", "k").isNull()).isTrue();
        assertThat(said(reader, "PING")).isEqualTo("PONG");
        assertThat(said(reader, "SET", "k")).isEqualTo("-ERR wrong number of arguments for 'set' command");
        assertThat(said(reader, "EXEC")).isEqualTo("-ERR EXEC without MULTI");
        assertThat(reader.command("MULTI").text()).isEqualTo("OK");
        reader.command("GET", "n");
        assertThat(reader.command("EXEC").elements()).hasSize(1);
        assertThat(primary.command("EXISTS", "k", "n").integer()).isZero();
        assertThat(primary.command("SET", "straight", "v").text()).isEqualTo("OK");
        assertThat(said(asker, "CLIENT", "UNPAUSE")).isEqualTo("OK");
        assertThat(writers.get(0).read().text()).isEqualTo("OK");
        assertThat(transaction.read().elements()).hasSize(1);
        for (int i : new int[] {1, 2, 4}) {
            writers.get(i).read();
        }
        awaitPaused(0);
    }

    /** What a function promises only the server knows. */
    @Test
    void functionsThatPromiseNotToWriteAreNotHeld() throws Exception {
        asker.command("SET", "k", "of the key");
        asker.command("FUNCTION", "LOAD", FUNCTIONS);
        RedisCommandClient reader = connect();
        RedisCommandClient writer = connect();
        RedisCommandClient nobody = connect();
        RedisCommandClient transaction = connect();
        transaction.command("MULTI");
        transaction.command("EVAL", "#!lua flags=no-writes\nreturn redis.call('GET', KEYS[1])", "1", "k");
        said(asker, "CLIENT", "PAUSE", LONG, "WRITE");
        assertThat(transaction.command("EXEC").elements()).hasSize(1);
        assertThat(said(reader, "FCALL", "reads", "1", "k")).isEqualTo("of the key");
        assertThat(said(reader, "FCALL", "fails", "0"))
                .startsWith("-ERR Write commands are not allowed from read-only");
        assertThat(said(reader, "FCALL", "reads", "2", "k")).startsWith("-ERR Number of keys can't be greater");
        assertThat(said(reader, "FCALL", "reads")).isEqualTo("-ERR wrong number of arguments for 'fcall' command");
        writer.write("GET", "k");
        writer.write("FCALL", "writes", "1", "k", "of the function");
        writer.write("GET", "k");
        nobody.write("FCALL", "nosuch", "0");
        assertThat(writer.read().text()).isEqualTo("of the key");
        awaitPaused(2);
        assertThat(said(reader, "FCALL", "reads", "1", "k")).isEqualTo("of the key");
        assertThat(said(asker, "CLIENT", "UNPAUSE")).isEqualTo("OK");
        assertThat(writer.read().text()).isEqualTo("OK");
        assertThat(writer.read().text()).isEqualTo("of the function");
        assertThatThrownBy(nobody::read).hasMessage("ERR Function not found");
        assertThat(said(writer, "FCALL", "writes", "1", "k", "again")).isEqualTo("OK");
    }

    /** A command that is passed on before its end has come has not run before that. */
    @Test
    void theLastByteOfAnUploadWaits() throws Exception {
        RedisCommandClient uploader = connect();
        said(asker, "CLIENT", "PAUSE", LONG, "WRITE");
        uploader.write("SET", "big", "x".repeat(3 << 20));
        awaitPaused(1);
        assertThat(proxy.counted("tidegate_uploads_total")).isEqualTo(1);
        assertThat(primary.command("EXISTS", "big").integer()).isZero();
        assertThat(said(asker, "CLIENT", "UNPAUSE")).isEqualTo("OK");
        assertThat(uploader.read().text()).isEqualTo("OK");
        assertThat(primary.command("STRLEN", "big").integer()).isEqualTo(3 << 20);
        awaitPaused(0);
    }

    @Test
    void aPauseOfAllEndsByItself() throws Exception {
        RedisCommandClient other = connect();
        assertThat(said(asker, "CLIENT", "PAUSE", "300")).isEqualTo("OK");
        other.write("GET", "k");
        asker.write("PING");
        assertThat(other.read().isNull()).isTrue();
        assertThat(asker.read().text()).isEqualTo("PONG");
        awaitPaused(0);
    }

    @Test
    void aShortPauseEndsByItselfThoughALongOneWasBeforeIt() throws Exception {
        RedisCommandClient other = connect();
        assertThat(said(asker, "CLIENT", "PAUSE", LONG, "WRITE")).isEqualTo("OK");
        assertThat(said(asker, "CLIENT", "UNPAUSE")).isEqualTo("OK");
        assertThat(said(asker, "CLIENT", "PAUSE", "300", "WRITE")).isEqualTo("OK");
        assertThat(said(other, "SET", "k", "v")).isEqualTo("OK");
        awaitPaused(0);
    }

    @Test
    void aSecondPauseMakesItLongerAndStricterAndNeverMilder() throws Exception {
        assertThat(said(asker, "CLIENT", "PAUSE", LONG, "WRITE")).isEqualTo("OK");
        RedisCommandClient second = connect();
        assertThat(said(second, "CLIENT", "PAUSE", "1", "ALL")).isEqualTo("OK");
        asker.write("PING");
        second.write("CLIENT", "UNPAUSE");
        awaitPaused(2);
        assertThat(primary.command("PING").text()).isEqualTo("PONG");
    }

    @Test
    void whoeverLeavesOrIsKilledWaitsNoLonger() throws Exception {
        RedisCommandClient leaves = connect();
        RedisCommandClient killed = connect();
        String id = Long.toString(killed.command("CLIENT", "ID").integer());
        said(asker, "CLIENT", "PAUSE", LONG, "WRITE");
        leaves.write("INCR", "n");
        killed.write("INCR", "n");
        awaitPaused(2);
        assertThat(said(asker, "CLIENT", "LIST", "ID", id)).contains(" flags=b ");
        assertThat(asker.command("CLIENT", "UNBLOCK", id).integer()).isZero();
        leaves.close();
        awaitPaused(1);
        assertThat(asker.command("CLIENT", "KILL", "ID", id).integer()).isEqualTo(1);
        awaitPaused(0);
        assertThat(said(asker, "CLIENT", "UNPAUSE")).isEqualTo("OK");
        assertThat(primary.command("EXISTS", "n").integer()).isZero();
    }

    @Test
    void whatWasSentBeforeGoesOnAndOrderStays() throws Exception {
        RedisCommandClient other = connect();
        other.write("INCR", "n");
        other.write("CLIENT", "PAUSE", "200", "WRITE");
        other.write("GET", "n");
        other.write("INCR", "n");
        other.write("GET", "n");
        assertThat(other.read().integer()).isEqualTo(1);
        assertThat(other.read().text()).isEqualTo("OK");
        assertThat(other.read().text()).isEqualTo("1");
        assertThat(other.read().integer()).isEqualTo(2);
        assertThat(other.read().text()).isEqualTo("2");
    }

    /** The node is paused for nobody: sentinels, replicas and other proxies must not take it for dead. */
    @Test
    void mistakesAreTheServersAndAClientThatIsAPipeCannotPauseTheNode() throws Exception {
        try (RedisCommandClient direct = primary.connect()) {
            for (String mistake : List.of(
                    "CLIENT PAUSE",
                    "CLIENT PAUSE x",
                    "CLIENT PAUSE -1",
                    "CLIENT PAUSE 1.5",
                    "CLIENT PAUSE 10 NOSUCH",
                    "CLIENT PAUSE x NOSUCH",
                    "CLIENT PAUSE 10 ALL x",
                    "CLIENT PAUSE 0",
                    "CLIENT UNPAUSE",
                    "CLIENT UNPAUSE x")) {
                String[] words = mistake.split(" ", -1);
                assertThat(said(asker, words)).as(mistake).isEqualTo(said(direct, words));
            }
            RedisCommandClient tracking = connect();
            tracking.command("HELLO", "3");
            tracking.command("CLIENT", "TRACKING", "ON");
            assertThat(said(tracking, "CLIENT", "PAUSE", LONG, "ALL")).startsWith("-ERR not executed");
            assertThat(direct.command("PING").text()).isEqualTo("PONG");
        }
    }
}
