package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that never saw a script, and clients that name it by its digest. */
@Timeout(60)
class ScriptsIT {
    private static final String INCR = "return redis.call('INCR',KEYS[1])";
    private static final String GET = "return redis.call('GET',KEYS[1])";

    private LocalRedis redis;
    private HandFedProxy proxy;
    private RedisProcess first;
    private RedisProcess second;
    private RedisCommandClient client;

    @BeforeEach
    void start() throws Exception {
        redis = HandFedProxy.servers(1);
        first = redis.primary();
        second = redis.replicas().get(0);
        proxy = new HandFedProxy();
        proxy.primary(1, first);
        client = proxy.connect(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        redis.close();
    }

    @Test
    void whoeverLoadedAScriptFindsItAtTheNextPrimary() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        failOver();
        assertThat(client.command("EVALSHA", sha.toUpperCase(Locale.ROOT), "1", "n")
                        .integer())
                .isEqualTo(1);
        assertThat(client.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(2);
        assertThat(proxy.counted("tidegate_scripts_loaded_total")).isEqualTo(1);
    }

    @Test
    void soDoesWhoeverRanIt() throws Exception {
        client.command("EVAL", INCR, "1", "n");
        String sha = first.command("SCRIPT", "LOAD", INCR).text();
        failOver();
        assertThat(client.command("EVALSHA", sha, "1", "m").integer()).isEqualTo(1);
        assertThat(proxy.counted("tidegate_kept_scripts")).isEqualTo(1);
        assertThat(proxy.counted("tidegate_kept_script_bytes")).isEqualTo(INCR.length());
    }

    /** What came before and after the call in its pipeline stays before and after it. */
    @Test
    void nothingOfAPipelineOvertakesTheCall() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        failOver();
        client.write("SET", "n", "5");
        client.write("EVALSHA", sha, "1", "n");
        client.write("SET", "n", "50");
        client.write("EVALSHA", sha, "1", "n");
        client.write("GET", "n");
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().integer()).isEqualTo(6);
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().integer()).isEqualTo(51);
        assertThat(client.read().text()).isEqualTo("51");
    }

    @Test
    void aTransactionThatCameAsAWholeFindsItsScripts() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        failOver();
        client.write("MULTI");
        client.write("EVALSHA", sha, "1", "n");
        client.write("EVALSHA", sha, "1", "n");
        client.write("EXEC");
        assertThat(client.read().text()).isEqualTo("OK");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        assertThat(client.read().text()).isEqualTo("QUEUED");
        List<RespValue> results = client.read().elements();
        assertThat(results.get(0).integer()).isEqualTo(1);
        assertThat(results.get(1).integer()).isEqualTo(2);
    }

    @Test
    void whileKeysAreWatchedTooAndNothingIsQueuedThatTheClientDidNotSend() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        String other = client.command("SCRIPT", "LOAD", GET).text();
        failOver();
        client.command("WATCH", "w");
        assertThat(client.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(1);
        client.command("MULTI");
        assertThat(client.command("EVALSHA", sha, "1", "n").text()).isEqualTo("QUEUED");
        assertThat(client.command("EVALSHA", other, "1", "n").text()).isEqualTo("QUEUED");
        client.write("EXEC");
        List<RespValue> results = client.read().elements();
        assertThat(results).hasSize(2);
        assertThat(results.get(0).integer()).isEqualTo(2);
        assertThat(results.get(1).text())
                .as("behind MULTI nothing can be loaded any more: the error is a result of EXEC")
                .startsWith("NOSCRIPT");
    }

    /** MULTI is with the server when the rest comes, in one piece. */
    @Test
    void whatGoesAheadOfACallBehindATransactionIsNotQueuedInThat() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        failOver();
        try (RawClient raw = new RawClient(proxy.listen(ReadLevel.SESSION))) {
            for (String end : List.of("DISCARD", "EXEC")) {
                raw.send(RawClient.command("MULTI"));
                assertThat(raw.line()).isEqualTo("+OK");
                raw.send(RawClient.command(end) + RawClient.command("EVALSHA", sha, "1", "n"));
                assertThat(raw.line()).isEqualTo(end.equals("EXEC") ? "*0" : "+OK");
                assertThat(raw.line()).isEqualTo(end.equals("EXEC") ? ":2" : ":1");
                raw.send(RawClient.command("SCRIPT", "FLUSH") + RawClient.command("SCRIPT", "LOAD", INCR));
                assertThat(raw.line()).isEqualTo("+OK");
                assertThat(raw.line()).isEqualTo("$40");
                assertThat(raw.line()).isEqualTo(sha);
            }
        }
    }

    @Test
    void aFlushIsAFlush() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        client.command("EVALSHA", sha, "1", "n");
        client.command("SCRIPT", "FLUSH");
        assertThatThrownBy(() -> client.command("EVALSHA", sha, "1", "n")).hasMessageStartingWith("NOSCRIPT");
        assertThat(proxy.counted("tidegate_kept_scripts")).isZero();
        client.command("SCRIPT", "LOAD", INCR);
        assertThat(client.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(2);
    }

    @Test
    void whatTheServerDidNotKeepIsNotKeptHere() throws Exception {
        String sha = first.command("SCRIPT", "LOAD", INCR).text();
        first.command("SCRIPT", "FLUSH");
        assertThatThrownBy(() -> client.command("EVAL", INCR, "2", "n")).hasMessageStartingWith("ERR Number of keys");
        assertThatThrownBy(() -> client.command("EVAL", INCR, "-1", "n")).hasMessageStartingWith("ERR Number of keys");
        client.command("MULTI");
        client.command("SCRIPT", "LOAD", INCR);
        client.command("DISCARD");
        assertThatThrownBy(() -> client.command("EVALSHA", sha, "1", "n")).hasMessageStartingWith("NOSCRIPT");
    }

    /** A server that was flushed past the proxy says so once; no call is sent twice, since a script may say the same. */
    @Test
    void whoeverIsToldThatAScriptIsMissingIsToldOnce() throws Exception {
        String sha = client.command("SCRIPT", "LOAD", INCR).text();
        client.command("EVALSHA", sha, "1", "n");
        first.command("SCRIPT", "FLUSH");
        assertThatThrownBy(() -> client.command("EVALSHA", sha, "1", "n")).hasMessageStartingWith("NOSCRIPT");
        assertThat(client.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(2);
        String liar = client.command(
                        "SCRIPT",
                        "LOAD",
                        "redis.call('INCR',KEYS[1]) return redis.error_reply('NOSCRIPT No matching script. Please use EVAL.')")
                .text();
        assertThatThrownBy(() -> client.command("EVALSHA", liar, "1", "n")).hasMessageStartingWith("NOSCRIPT");
        assertThat(client.command("GET", "n").text()).isEqualTo("3");
    }

    @Test
    void readsByDigestAreServedByReplicasThatAreGivenTheScript() throws Exception {
        readFromReplica();
        client.command("SET", "k", "v");
        try (RedisCommandClient reader = proxy.connect(ReadLevel.EVENTUAL)) {
            String sha = reader.command("SCRIPT", "LOAD", GET).text();
            assertThat(text(reader.command("PROXY", "EXPLAIN", "EVALSHA_RO", sha, "1", "k")))
                    .contains("goes to " + second.endpoint());
            reader.command("EVALSHA_RO", sha, "1", "k");
            assertThat(proxy.counted("tidegate_scripts_loaded_total")).isEqualTo(1);
            assertThat(second.command("SCRIPT", "EXISTS", sha).elements().get(0).integer())
                    .isEqualTo(1);
        }
    }

    @Test
    void readsByADigestOfWhichNothingIsKnownGoToThePrimary() throws Exception {
        String sha = first.command("SCRIPT", "LOAD", GET).text();
        readFromReplica();
        client.command("SET", "k", "v");
        try (RedisCommandClient reader = proxy.connect(ReadLevel.EVENTUAL)) {
            assertThat(reader.command("EVALSHA_RO", sha, "1", "k").text()).isEqualTo("v");
        }
    }

    @Test
    void onlyTheMostUsedAreKept() throws Exception {
        try (HandFedProxy small = new HandFedProxy(HandFedProxy.Options.with(options -> options.scriptsMax = 4))) {
            small.primary(1, first);
            try (RedisCommandClient other = small.connect(ReadLevel.SESSION)) {
                for (int i = 0; i < 50; i++) {
                    other.command("EVAL", "return " + i, "0");
                }
                assertThat(small.counted("tidegate_kept_scripts")).isBetween(1L, 4L);
                assertThat(small.counted("tidegate_scripts_evicted_total")).isGreaterThanOrEqualTo(46);
            }
        }
        try (HandFedProxy none = new HandFedProxy(HandFedProxy.Options.with(options -> options.scriptBytesMax = 0))) {
            none.primary(1, first);
            try (RedisCommandClient other = none.connect(ReadLevel.SESSION)) {
                assertThat(other.command("EVAL", "return 7", "0").integer()).isEqualTo(7);
                assertThat(none.counted("tidegate_kept_scripts")).isZero();
                assertThat(none.counted("tidegate_kept_script_bytes")).isZero();
            }
        }
    }

    /** A source goes to a node as its asker's own, so whoever may not load it gains nothing by others' having done so. */
    @Test
    void nobodyGetsAScriptLoadedWhoMayNotLoadIt() throws Exception {
        for (RedisProcess server : redis.servers()) {
            server.command("ACL", "SETUSER", "maker", "on", ">pw", "~*", "&*", "+@all");
            server.command("ACL", "SETUSER", "caller", "on", ">pw", "~*", "&*", "+evalsha", "+get", "+incr");
        }
        try (HandFedProxy shut = new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true))) {
            shut.primary(1, first);
            try (RedisCommandClient maker = shut.connect(ReadLevel.SESSION);
                    RedisCommandClient caller = shut.connect(ReadLevel.SESSION)) {
                maker.command("AUTH", "maker", "pw");
                caller.command("AUTH", "caller", "pw");
                String sha = maker.command("SCRIPT", "LOAD", INCR).text();
                assertThat(caller.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(1);
                await().until(() -> second.command("EXISTS", "n").integer() == 1);
                second.command("REPLICAOF", "NO", "ONE");
                shut.primary(2, second);
                assertThatThrownBy(() -> caller.command("EVALSHA", sha, "1", "n"))
                        .hasMessageStartingWith("NOSCRIPT");
                assertThat(maker.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(2);
                assertThat(caller.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(3);
            }
        }
    }

    @Test
    void aLargeScriptGoesAheadToo() throws Exception {
        String large = "--" + "x".repeat(200_000) + "\n" + INCR;
        String sha = client.command("SCRIPT", "LOAD", large).text();
        failOver();
        assertThat(client.command("EVALSHA", sha, "1", "n").integer()).isEqualTo(1);
    }

    private static String text(RespValue lines) {
        StringBuilder all = new StringBuilder();
        lines.elements().forEach(line -> all.append(line.text()).append('\n'));
        return all.toString();
    }

    private void readFromReplica() throws IOException {
        proxy.table(1, first, WriteGate.OPEN, Instants.FOREVER, List.of(proxy.fresh(second)));
    }

    private void failOver() throws IOException {
        second.command("REPLICAOF", "NO", "ONE");
        proxy.primary(2, second);
    }
}
