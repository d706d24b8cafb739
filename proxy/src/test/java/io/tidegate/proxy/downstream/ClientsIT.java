package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CLIENT LIST, INFO, KILL and UNBLOCK, of the clients of this proxy on all its event loops, beside a bare server's. */
@Timeout(120)
class ClientsIT {
    private static final List<String> NEWER_FIELDS = List.of("lib-name", "lib-ver");

    private final List<RedisCommandClient> clients = new ArrayList<>();
    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;
    private InetSocketAddress address;
    private RedisCommandClient direct;
    private RedisCommandClient asker;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        direct = primary.connect();
        open(false);
        asker = connect();
    }

    private void open(boolean passthrough) throws IOException {
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.loops = 3;
            options.passthrough = passthrough;
        }));
        proxy.primary(1, primary);
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() throws IOException {
        for (RedisCommandClient client : clients) {
            client.close();
        }
        direct.close();
        proxy.close();
        redis.close();
    }

    private RedisCommandClient connect() throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(address, Duration.ofSeconds(20));
        clients.add(client);
        // A connection of the kernel's is a client only when its event loop has it.
        said(client, "PING");
        return client;
    }

    private List<RedisCommandClient> connect(int count) throws IOException {
        List<RedisCommandClient> more = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            more.add(connect());
        }
        return more;
    }

    /** A reply as text, an error as its line. */
    private static String said(RedisCommandClient client, String... words) throws IOException {
        try {
            return client.command(words).text();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    private static long number(RedisCommandClient client, String... words) throws IOException {
        return client.command(words).integer();
    }

    private static String id(RedisCommandClient client) throws IOException {
        return Long.toString(number(client, "CLIENT", "ID"));
    }

    private static boolean ended(RedisCommandClient client) throws IOException {
        try {
            client.command("PING");
            return false;
        } catch (EOFException | SocketException ended) {
            return true;
        }
    }

    private static String field(String line, String name) {
        for (String field : line.strip().split(" ", -1)) {
            if (field.startsWith(name + "=")) {
                return field.substring(name.length() + 1);
            }
        }
        throw new AssertionError("no " + name + " in " + line);
    }

    private static List<String> fields(String line) {
        return Arrays.stream(line.strip().split(" ", -1))
                .map(field -> field.substring(0, field.indexOf('=')))
                .filter(name -> !NEWER_FIELDS.contains(name))
                .toList();
    }

    @Test
    void everyClientOfEveryLoopIsListedWithTheServersFields() throws Exception {
        List<RedisCommandClient> others = connect(9);
        for (int i = 0; i < others.size(); i++) {
            others.get(i).command("CLIENT", "SETNAME", "n" + i);
        }
        List<String> lines = said(asker, "CLIENT", "LIST").lines().toList();
        assertThat(lines).hasSize(others.size() + 1);
        assertThat(lines.stream().map(line -> Long.parseLong(field(line, "id"))))
                .isSorted();
        assertThat(lines.stream().map(line -> field(line, "name")))
                .contains("n0", "n1", "n2", "n3", "n4", "n5", "n6", "n7", "n8");
        String bare = said(direct, "CLIENT", "INFO");
        assertThat(fields(lines.get(0))).isEqualTo(fields(bare));
        String own = said(asker, "CLIENT", "INFO");
        assertThat(fields(own)).isEqualTo(fields(bare));
        for (String same : List.of("name", "flags", "db", "sub", "multi", "qbuf", "argv-mem", "cmd", "user", "redir")) {
            assertThat(field(own, same)).as(same).isEqualTo(field(bare, same));
        }
    }

    @Test
    void aLineShowsWhatItsClientDoes() throws Exception {
        RedisCommandClient other = connect();
        String id = id(other);
        other.command("SELECT", "3");
        assertThat(field(said(asker, "CLIENT", "LIST", "ID", id), "db")).isEqualTo("3");
        other.command("SELECT", "0");
        other.command("CLIENT", "NO-EVICT", "ON");
        other.command("MULTI");
        other.command("GET", "k");
        assertThat(field(said(asker, "CLIENT", "LIST", "ID", id), "multi")).isEqualTo("1");
        assertThat(field(said(asker, "CLIENT", "LIST", "ID", id), "flags")).isEqualTo("xe");
        other.command("EXEC");
        other.write("BLPOP", "nothing", "0");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(said(asker, "CLIENT", "LIST", "ID", id))
                        .contains(" flags=be ")
                        .contains(" cmd=blpop "));
    }

    @Test
    void listsByIdComeInTheOrderAskedForAndTypesAreTold() throws Exception {
        List<RedisCommandClient> others = connect(3);
        String first = id(others.get(0));
        String second = id(others.get(1));
        assertThat(said(asker, "CLIENT", "LIST", "ID", second, "999999", first)
                        .lines()
                        .map(line -> field(line, "id")))
                .containsExactly(second, first);
        assertThat(said(asker, "CLIENT", "LIST", "TYPE", "Normal").lines()).hasSize(4);
        assertThat(said(asker, "CLIENT", "LIST", "TYPE", "replica")).isEmpty();
    }

    @Test
    void anAnswerForWhichOthersAreAskedCountsOnce() throws Exception {
        long before = proxy.counted("tidegate_local_answers_total");
        said(asker, "CLIENT", "LIST");
        assertThat(proxy.counted("tidegate_local_answers_total") - before).isEqualTo(1);
    }

    @Test
    void killsByEachFilterWhereverTheClientIs() throws Exception {
        List<RedisCommandClient> others = connect(6);
        assertThat(number(asker, "CLIENT", "KILL", "ID", id(others.get(0)))).isEqualTo(1);
        assertThat(ended(others.get(0))).isTrue();
        String remote = field(said(others.get(1), "CLIENT", "INFO"), "addr");
        assertThat(number(asker, "CLIENT", "KILL", "ADDR", remote)).isEqualTo(1);
        assertThat(ended(others.get(1))).isTrue();
        assertThat(said(asker, "CLIENT", "KILL", remote)).isEqualTo("-ERR No such client");
        remote = field(said(others.get(2), "CLIENT", "INFO"), "addr");
        assertThat(said(asker, "CLIENT", "KILL", remote)).isEqualTo("OK");
        assertThat(ended(others.get(2))).isTrue();
        assertThat(number(asker, "CLIENT", "KILL", "TYPE", "pubsub")).isZero();
        assertThat(number(asker, "CLIENT", "KILL", "LADDR", "127.0.0.1:1")).isZero();
        String local = field(said(asker, "CLIENT", "INFO"), "laddr");
        String alive = id(others.get(3));
        assertThat(number(asker, "CLIENT", "KILL", "LADDR", local, "USER", "default", "ID", alive))
                .isEqualTo(1);
        assertThat(ended(others.get(3))).isTrue();
        assertThat(number(asker, "CLIENT", "KILL", "TYPE", "normal")).isEqualTo(2);
        assertThat(ended(others.get(4))).isTrue();
        assertThat(ended(others.get(5))).isTrue();
        assertThat(said(asker, "CLIENT", "LIST").lines()).hasSize(1);
        assertThat(said(asker, "PING")).isEqualTo("PONG");
    }

    @Test
    void whoeverKillsHimselfIsToldBefore() throws Exception {
        RedisCommandClient other = connect();
        assertThat(number(asker, "CLIENT", "KILL", "SKIPME", "no", "TYPE", "normal"))
                .isEqualTo(2);
        assertThat(ended(asker)).isTrue();
        assertThat(ended(other)).isTrue();
        RedisCommandClient third = connect();
        assertThat(said(third, "CLIENT", "KILL", field(said(third, "CLIENT", "INFO"), "addr")))
                .isEqualTo("OK");
        assertThat(ended(third)).isTrue();
    }

    @Test
    void mistakesAreToldInTheServersWords() throws Exception {
        List<String> mistakes = List.of(
                "CLIENT LIST x",
                "CLIENT LIST TYPE",
                "CLIENT LIST TYPE nosuch",
                "CLIENT LIST TYPE normal x",
                "CLIENT LIST ID",
                "CLIENT LIST ID x",
                "CLIENT LIST ID 1 -x",
                "CLIENT LIST ID +1",
                "CLIENT INFO x",
                "CLIENT KILL",
                "CLIENT KILL 1.2.3.4:5",
                "CLIENT KILL ID",
                "CLIENT KILL ID x",
                "CLIENT KILL ID 0",
                "CLIENT KILL ID -1",
                "CLIENT KILL ID 999999",
                "CLIENT KILL ID 999999 TYPE",
                "CLIENT KILL TYPE nosuch",
                "CLIENT KILL USER nosuch",
                "CLIENT KILL USER nosuch more",
                "CLIENT KILL USER nosuch ID x",
                "CLIENT KILL ID x USER nosuch",
                "CLIENT KILL USER nosuch USER default",
                "CLIENT KILL USER default more",
                "CLIENT KILL SKIPME maybe",
                "CLIENT KILL NOSUCH 1",
                "CLIENT KILL MAXAGE 1",
                "CLIENT KILL ID 999999 USER default SKIPME yes ADDR x LADDR y TYPE master",
                "CLIENT UNBLOCK",
                "CLIENT UNBLOCK x",
                "CLIENT UNBLOCK 999999",
                "CLIENT UNBLOCK 999999 ERROR",
                "CLIENT UNBLOCK 999999 TIMEOUT",
                "CLIENT UNBLOCK 999999 NOSUCH",
                "CLIENT UNBLOCK 999999 ERROR x",
                "CLIENT NO-EVICT",
                "CLIENT NO-EVICT x",
                "CLIENT NO-EVICT ON",
                "CLIENT REPLY",
                "CLIENT REPLY x",
                "CLIENT REPLY ON x",
                "CLIENT NOSUCH");
        for (String mistake : mistakes) {
            String[] words = mistake.split(" ", -1);
            assertThat(said(asker, words)).as(mistake).isEqualTo(said(direct, words));
        }
    }

    @Test
    void aBlockedClientIsUnblockedByItsNumberHere() throws Exception {
        RedisCommandClient blocked = connect();
        String id = id(blocked);
        assertThat(number(asker, "CLIENT", "UNBLOCK", id)).isZero();
        blocked.write("BLPOP", "list", "0");
        unblocks(id);
        assertThat(blocked.read().isNull()).isTrue();
        blocked.write("BLPOP", "list", "0");
        unblocks(id, "ERROR");
        assertThat(line(blocked)).isEqualTo("-UNBLOCKED client unblocked via CLIENT UNBLOCK");
        assertThat(number(asker, "CLIENT", "UNBLOCK", id)).isZero();
        blocked.command("RPUSH", "list", "x");
        assertThat(blocked.command("BLPOP", "list", "0").elements()).hasSize(2);
        blocked.write("WAIT", "5", "0");
        unblocks(id, "TIMEOUT");
        assertThat(blocked.read().integer()).isZero();
    }

    private static String line(RedisCommandClient client) throws IOException {
        try {
            return client.read().text();
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    private void unblocks(String id, String... how) {
        List<String> words = new ArrayList<>(List.of("CLIENT", "UNBLOCK", id));
        words.addAll(List.of(how));
        await().atMost(Duration.ofSeconds(20)).until(() -> number(asker, words.toArray(String[]::new)) == 1);
    }

    @Test
    void unblockingAnotherServersConnectionNumberUnblocksNobody() throws Exception {
        RedisCommandClient blocked = connect();
        blocked.write("BLPOP", "list", "0");
        String id = clientOfBlpop();
        assertThat(number(asker, "CLIENT", "UNBLOCK", id)).isZero();
        primary.command("RPUSH", "list", "x");
        assertThat(blocked.read().elements()).hasSize(2);
    }

    /** The number by which the server knows the connection that blocks. */
    private String clientOfBlpop() {
        List<String> found = new ArrayList<>();
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            said(direct, "CLIENT", "LIST")
                    .lines()
                    .filter(line -> field(line, "cmd").equals("blpop"))
                    .forEach(line -> found.add(field(line, "id")));
            return !found.isEmpty();
        });
        return found.get(0);
    }

    /** Where Redis's users hold, what they may not ask of the server they may not ask of the proxy. */
    @Test
    void whoeverMayNotIsToldWhatTheServerWouldTell() throws Exception {
        proxy.close();
        open(true);
        primary.command("ACL", "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-client");
        primary.command("ACL", "SETUSER", "boss", "on", ">pw", "~*", "&*", "+@all");
        RedisCommandClient plain = connect();
        plain.command("AUTH", "plain", "pw");
        RedisCommandClient boss = connect();
        boss.command("AUTH", "boss", "pw");
        direct.command("AUTH", "plain", "pw");
        String victim = id(boss);
        List<String> commands = List.of(
                "CLIENT LIST",
                "CLIENT LIST ID " + victim,
                "CLIENT LIST TYPE normal",
                "CLIENT KILL TYPE normal",
                "CLIENT KILL ID " + victim,
                "CLIENT KILL 127.0.0.1:1",
                "CLIENT UNBLOCK " + victim,
                "CLIENT PAUSE 0");
        for (String command : commands) {
            String[] words = command.split(" ", -1);
            String refusal = said(plain, words);
            assertThat(refusal).as(command).startsWith("-NOPERM").isEqualTo(said(direct, words));
        }
        assertThat(said(boss, "PING")).isEqualTo("PONG");
        assertThat(said(boss, "CLIENT", "LIST").lines()).hasSize(2);
        assertThat(number(boss, "CLIENT", "KILL", "USER", "plain")).isEqualTo(1);
        assertThat(ended(plain)).isTrue();
    }

    @Test
    void killingInTheMiddleOfEverythingHarmsNobodyElse() throws Exception {
        List<RedisCommandClient> victims = connect(12);
        for (int i = 0; i < victims.size(); i++) {
            RedisCommandClient victim = victims.get(i);
            switch (i % 4) {
                case 0 -> victim.write("BLPOP", "nothing", "0");
                case 1 -> {
                    victim.command("MULTI");
                    victim.write("INCR", "counter");
                }
                case 2 -> victim.write("SUBSCRIBE", "news");
                default -> victim.write("GET", "k");
            }
        }
        asker.write("CLIENT", "KILL", "TYPE", "normal");
        asker.write("CLIENT", "LIST");
        asker.write("SET", "k", "v");
        long killed = asker.read().integer();
        assertThat(asker.read().text().lines()).hasSize((int) (victims.size() - killed + 1));
        assertThat(asker.read().text()).isEqualTo("OK");
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(said(direct, "CLIENT", "LIST")
                                .lines()
                                .filter(line -> field(line, "flags").contains("b")
                                        || field(line, "flags").contains("x")))
                        .isEmpty());
        assertThat(primary.command("EXISTS", "counter").integer()).isZero();
    }

    @Test
    void aQuestionWhoseServerIsLostIsAskedOfTheNextOne() throws Exception {
        proxy.close();
        open(true);
        RedisCommandClient other = connect();
        RedisCommandClient user = connect();
        other.command("AUTH", "default", "any");
        user.command("AUTH", "default", "any");
        String id = id(other);
        assertThat(user.command("GET", "k").isNull()).isTrue();
        primary.freeze();
        user.write("CLIENT", "LIST");
        user.write("CLIENT", "KILL", "ID", id);
        user.write("PING");
        primary.kill();
        primary.restart();
        proxy.primary(2, primary);
        assertThat(user.read().text().lines()).hasSize(2);
        assertThat(user.read().integer()).isEqualTo(1);
        assertThat(user.read().text()).isEqualTo("PONG");
        assertThat(ended(other)).isTrue();
    }

    @Test
    void askersThatKillOneAnotherAllEnd() throws Exception {
        List<RedisCommandClient> askers = connect(8);
        for (RedisCommandClient one : askers) {
            one.write("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "no");
        }
        for (RedisCommandClient one : askers) {
            try {
                one.read();
            } catch (EOFException | SocketException killedFirst) {
                continue;
            }
            assertThat(ended(one)).isTrue();
        }
        assertThat(said(connect(), "CLIENT", "LIST").lines()).hasSize(1);
    }
}
