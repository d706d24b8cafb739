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
import java.nio.file.Files;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What real servers do with a command that they answer with an error, and what becomes of it in the proxy: the rows of
 * {@code Fate}. A server counts for each command how often it ran ({@code calls}) and how often it was refused before that
 * ({@code rejected_calls}); the data are looked at too.
 */
@Timeout(90)
class RefusedBeforeExecutionIT {
    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess primary;
    private RedisProcess replica;
    private RedisCommandClient client;

    @BeforeEach
    void start() throws Exception {
        redis = LocalRedis.builder()
                .replicas(1)
                .sentinels(0)
                .serverConfig(
                        "enable-debug-command yes", "loading-process-events-interval-bytes 1024", "dbfilename snapshot")
                .start();
        primary = redis.primary();
        replica = redis.replicas().get(0);
        proxy = new HandFedProxy();
        proxy.primary(1, primary);
        client = proxy.connect(ReadLevel.SESSION);
        client.command("SET", "warm", "1");
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        redis.close();
    }

    /** An action on servers. */
    private interface Step {
        void run() throws Exception;
    }

    /** APPEND k x is refused with {@code code} and has no effect; through the proxy it waits, and runs once when it may. */
    private void heldUntil(String code, Step end) throws Exception {
        refused(primary, code, "APPEND", "k", "x");
        assertThat(primary.command("EXISTS", "warm").integer()).isEqualTo(1);
        client.write("APPEND", "k", "y");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        end.run();
        assertThat(client.read().integer())
                .as("length of what was appended once")
                .isEqualTo(1);
    }

    /** The command is refused with {@code code} and has no effect; so it is through the proxy, at once. */
    private void passedOn(String code, String... command) throws Exception {
        refused(primary, code, command);
        long refusals = count(primary, command[0], "rejected_calls");
        assertThatThrownBy(() -> client.command(command)).hasMessageStartingWith(code + " ");
        assertThat(count(primary, command[0], "rejected_calls")).isEqualTo(refusals + 1);
        assertThat(proxy.counted("tidegate_holds_total")).isEqualTo(holdsAtStart());
    }

    /** The first command of all waited for the connection to be opened. */
    private static long holdsAtStart() {
        return 1;
    }

    private static void refused(RedisProcess server, String code, String... command) throws Exception {
        long calls = count(server, command[0], "calls");
        long refusals = count(server, command[0], "rejected_calls");
        assertThatThrownBy(() -> server.command(command)).hasMessageStartingWith(code + " ");
        assertThat(count(server, command[0], "calls")).isEqualTo(calls);
        assertThat(count(server, command[0], "rejected_calls")).isEqualTo(refusals + 1);
    }

    private static long count(RedisProcess server, String command, String counter) throws IOException {
        try (RedisCommandClient direct = server.connect()) {
            String stats = direct.info("commandstats").getOrDefault("cmdstat_" + command.toLowerCase(Locale.ROOT), "");
            Matcher value = Pattern.compile("(^|,)" + counter + "=(\\d+)").matcher(stats);
            return value.find() ? Long.parseLong(value.group(2)) : 0;
        }
    }

    // ---- held ----

    @Test
    void readonly() throws Exception {
        // Nobody is there: a sync with the replica, which may not have the key yet, would take the data.
        primary.command("REPLICAOF", "127.0.0.1", "1");
        heldUntil("READONLY", () -> {
            replica.command("REPLICAOF", "NO", "ONE");
            proxy.primary(2, replica);
        });
        assertThat(replica.command("GET", "k").text()).isEqualTo("y");
    }

    @Test
    void noreplicas() throws Exception {
        primary.command("CONFIG", "SET", "min-replicas-to-write", "5");
        heldUntil("NOREPLICAS", () -> primary.command("CONFIG", "SET", "min-replicas-to-write", "0"));
        assertThat(primary.command("GET", "k").text()).isEqualTo("y");
    }

    @Test
    void linkToThePrimaryDown() throws Exception {
        primary.command("CONFIG", "SET", "replica-serve-stale-data", "no");
        // Nobody is there: it has no link to its primary, and never had one.
        primary.command("REPLICAOF", "127.0.0.1", "1");
        refused(primary, "MASTERDOWN", "GET", "warm");
        client.write("GET", "warm");
        await().until(() -> proxy.counted("tidegate_held_requests") == 1);
        primary.command("REPLICAOF", "NO", "ONE");
        assertThat(client.read().text()).isEqualTo("1");
    }

    @Test
    void loading() throws Exception {
        // For twenty seconds, if nobody ends it.
        primary.command("DEBUG", "POPULATE", "2000");
        primary.command("CONFIG", "SET", "key-load-delay", "10000");
        try (RedisCommandClient reloading = primary.connect()) {
            reloading.write("DEBUG", "RELOAD");
            await().until(() -> loadingRefuses("APPEND", "k", "x"));
            client.write("APPEND", "k", "y");
            await().until(() -> proxy.counted("tidegate_held_requests") == 1);
            primary.command("CONFIG", "SET", "key-load-delay", "0");
            assertThat(client.read().integer()).isEqualTo(1);
        }
        assertThat(count(primary, "append", "calls")).isEqualTo(1);
        assertThat(primary.command("GET", "k").text()).isEqualTo("y");
    }

    private boolean loadingRefuses(String... command) throws IOException {
        try (RedisCommandClient direct = primary.connect()) {
            if (!"1".equals(direct.info("persistence").get("loading"))) {
                return false;
            }
            assertThatThrownBy(() -> direct.command(command)).hasMessageStartingWith("LOADING ");
            return true;
        }
    }

    // ---- passed on ----

    @Test
    void noperm() throws Exception {
        primary.command("ACL", "SETUSER", "default", "-append");
        passedOn("NOPERM", "APPEND", "warm", "x");
        assertThat(primary.command("GET", "warm").text()).isEqualTo("1");
    }

    @Test
    void oom() throws Exception {
        primary.command("CONFIG", "SET", "maxmemory", "1");
        passedOn("OOM", "APPEND", "warm", "x");
        assertThat(primary.command("GET", "warm").text()).isEqualTo("1");
    }

    @Test
    void misconf() throws Exception {
        // A folder stands where the snapshot is to be.
        Files.createDirectory(
                redis.directory().resolve("redis-" + primary.port()).resolve("snapshot"));
        Files.createFile(redis.directory()
                .resolve("redis-" + primary.port())
                .resolve("snapshot")
                .resolve("full"));
        primary.command("CONFIG", "SET", "save", "3600 1000000");
        primary.command("BGSAVE");
        await().until(() -> {
            try (RedisCommandClient direct = primary.connect()) {
                return "err".equals(direct.info("persistence").get("rdb_last_bgsave_status"));
            }
        });
        passedOn("MISCONF", "APPEND", "warm", "x");
        assertThat(primary.command("GET", "warm").text()).isEqualTo("1");
    }

    @Test
    void busy() throws Exception {
        primary.command("CONFIG", "SET", "busy-reply-threshold", "1");
        try (RedisCommandClient busy = primary.connect();
                RedisCommandClient direct = primary.connect()) {
            busy.write("EVAL", "while true do end", "0");
            await().until(() -> refusesAsBusy(direct));
            assertThatThrownBy(() -> client.command("APPEND", "warm", "x")).hasMessageStartingWith("BUSY ");
            direct.command("SCRIPT", "KILL");
            assertThatThrownBy(busy::read).hasMessageContaining("killed by user");
        }
        assertThat(count(primary, "append", "calls")).isZero();
        assertThat(primary.command("GET", "warm").text()).isEqualTo("1");
    }

    private static boolean refusesAsBusy(RedisCommandClient direct) throws IOException {
        try {
            direct.command("SET", "never", "");
            return false;
        } catch (RedisErrorException e) {
            return e.getMessage().startsWith("BUSY ");
        }
    }

    @Test
    void noauth() throws Exception {
        primary.command("ACL", "SETUSER", "default", "on", "resetpass", ">secret");
        try (RedisCommandClient stranger = RedisCommandClient.connect(primary.address(), Duration.ofSeconds(20))) {
            assertThatThrownBy(() -> stranger.command("APPEND", "warm", "x")).hasMessageStartingWith("NOAUTH ");
            stranger.command("AUTH", "secret");
            assertThat(stranger.command("GET", "warm").text()).isEqualTo("1");
        }
    }

    @Test
    void execabort() throws Exception {
        client.command("MULTI");
        client.command("APPEND", "warm", "x");
        assertThatThrownBy(() -> client.command("NOSUCHCOMMAND")).hasMessageStartingWith("ERR ");
        assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT ");
        assertThat(count(primary, "append", "calls")).isZero();
        assertThat(client.command("GET", "warm").text()).isEqualTo("1");
    }

    @Test
    void noscript() throws Exception {
        String digest = "0".repeat(40);
        assertThatThrownBy(() -> client.command("EVALSHA", digest, "0")).hasMessageStartingWith("NOSCRIPT ");
    }

    // ---- errors that prove nothing ----

    @Test
    void aScriptThatSaysReadonlyHasWritten() throws Exception {
        assertThatThrownBy(() -> client.command(
                        "EVAL", "redis.call('append','k','x') return redis.error_reply('READONLY made up')", "0"))
                .hasMessageStartingWith("READONLY made up");
        assertThat(primary.command("GET", "k").text()).isEqualTo("x");
        assertThat(count(primary, "eval", "calls")).isEqualTo(1);
    }

    @Test
    void aFunctionThatSaysLoadingHasWritten() throws Exception {
        client.command("FUNCTION", "LOAD", """
                #!lua name=lib
                redis.register_function('f', function(keys, args)
                  redis.call('append', 'k', 'x')
                  return redis.error_reply('LOADING made up')
                end)""");
        assertThatThrownBy(() -> client.command("FCALL", "f", "0")).hasMessageStartingWith("LOADING made up");
        assertThat(primary.command("GET", "k").text()).isEqualTo("x");
        assertThat(count(primary, "fcall", "calls")).isEqualTo(1);
    }

    @Test
    void anErrorWithinTheReplyOfExecIsOfOneCommandAmongOthersThatRan() throws Exception {
        client.command("MULTI");
        client.command("APPEND", "k", "x");
        client.command("EVAL", "return redis.error_reply('READONLY made up')", "0");
        assertThat(client.command("EXEC").elements()).hasSize(2);
        assertThat(primary.command("GET", "k").text()).isEqualTo("x");
        assertThat(count(primary, "exec", "calls")).isEqualTo(1);
    }

    @Test
    void aQueuedWriteThatIsRefusedFailsTheTransactionAsRedisDoes() throws Exception {
        client.command("MULTI");
        primary.command("CONFIG", "SET", "min-replicas-to-write", "5");
        assertThatThrownBy(() -> client.command("APPEND", "k", "x")).hasMessageStartingWith("NOREPLICAS ");
        primary.command("CONFIG", "SET", "min-replicas-to-write", "0");
        assertThatThrownBy(() -> client.command("EXEC")).hasMessageStartingWith("EXECABORT ");
        assertThat(primary.command("EXISTS", "k").integer()).isZero();
    }
}
