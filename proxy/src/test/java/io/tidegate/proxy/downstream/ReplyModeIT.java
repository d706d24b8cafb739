package io.tidegate.proxy.downstream;

import static io.tidegate.proxy.downstream.Streams.commands;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** CLIENT REPLY ON, OFF and SKIP: all that comes back, to its end, is what a bare server sends back. */
@Timeout(180)
class ReplyModeIT {
    private LocalRedis redis;
    private RedisProcess primary;
    private HandFedProxy proxy;
    private InetSocketAddress address;

    @BeforeEach
    void start() throws IOException {
        redis = HandFedProxy.servers(0);
        primary = redis.primary();
        primary.command("CONFIG", "SET", "hz", "500"); // it looks so often whether a BLPOP has waited long enough
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.uploadBytesMin = 4_096));
        proxy.primary(1, primary);
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() {
        proxy.close();
        redis.close();
    }

    private void same(String what, String commands) throws IOException {
        Streams.same(what, primary, address, commands);
    }

    @Test
    void skippedIsOneCommandAndNoOther() throws Exception {
        same("in a run", commands("INCR n", "CLIENT REPLY SKIP", "INCR n", "INCR n", "INCR n"));
        same("twice", commands("CLIENT REPLY SKIP", "CLIENT REPLY SKIP", "INCR n", "INCR n"));
        same("taken back", commands("CLIENT REPLY SKIP", "CLIENT REPLY ON", "INCR n"));
        same("a local answer", commands("CLIENT REPLY SKIP", "CLIENT ID", "PING"));
        same("an error", commands("CLIENT REPLY SKIP", "NOSUCH", "GET"));
        same("a mistake with it", commands("CLIENT REPLY SKIP", "CLIENT REPLY x", "CLIENT REPLY x"));
        same("RESET", commands("CLIENT REPLY SKIP", "RESET", "PING"));
        same("SELECT", commands("CLIENT REPLY SKIP", "SELECT 1", "SET k v", "SELECT 0", "GET k"));
        same("HELLO", commands("CLIENT REPLY SKIP", "HELLO 3", "GET nothing"));
        same("inline", "CLIENT REPLY SKIP\r\nINCR n\r\n\r\nINCR n\r\n");
        same("empty lines", commands("CLIENT REPLY SKIP") + "\r\n\r\n" + commands("INCR n", "INCR n"));
        same("a transaction", commands("CLIENT REPLY SKIP", "MULTI", "INCR n", "EXEC", "INCR n"));
        same("EXEC", commands("MULTI", "INCR n", "EXEC", "CLIENT REPLY SKIP", "MULTI", "EXEC"));
        same("a pop", commands("CLIENT REPLY SKIP", "BLPOP l 0.01", "BLPOP l 0.01"));
        same("WAIT", commands("INCR n", "CLIENT REPLY SKIP", "WAIT 0 0", "WAIT 0 0"));
        same("a large value", commands("CLIENT REPLY SKIP", "SET k " + "v".repeat(100_000), "STRLEN k"));
    }

    @Test
    void offIsSilentUntilItIsOn() throws Exception {
        same("until the end", commands("INCR n", "CLIENT REPLY OFF", "INCR n", "PING", "NOSUCH"));
        same("until on", commands("CLIENT REPLY OFF", "INCR n", "INCR n", "CLIENT REPLY ON", "INCR n"));
        same("off, off", commands("CLIENT REPLY OFF", "CLIENT REPLY OFF", "CLIENT REPLY ON", "INCR n"));
        same("off, skip", commands("CLIENT REPLY OFF", "CLIENT REPLY SKIP", "CLIENT REPLY ON", "INCR n"));
        same("on, on", commands("CLIENT REPLY ON", "CLIENT REPLY ON", "INCR n"));
        same("a mistake", commands("CLIENT REPLY OFF", "CLIENT REPLY x", "CLIENT REPLY ON"));
        same("RESET", commands("CLIENT REPLY OFF", "INCR n", "RESET", "INCR n"));
        same("a transaction", commands("CLIENT REPLY OFF", "MULTI", "INCR n", "EXEC", "CLIENT REPLY ON", "GET n"));
        same("a watch", commands("CLIENT REPLY OFF", "WATCH k", "UNWATCH", "CLIENT REPLY ON", "GET n"));
        same(
                "a large value",
                commands("CLIENT REPLY OFF", "SET k " + "v".repeat(100_000), "GET k", "CLIENT REPLY ON", "STRLEN k"));
    }

    /** Confirmations and messages are no replies; what MONITOR shows is one. */
    @Test
    void whatIsPushedIsPushedToASilentClientToo() throws Exception {
        same(
                "subscribed",
                commands("CLIENT REPLY OFF", "SUBSCRIBE q", "PING", "UNSUBSCRIBE q", "CLIENT REPLY ON", "GET n"));
        same("skipped", commands("CLIENT REPLY SKIP", "SUBSCRIBE q", "PING", "UNSUBSCRIBE q", "GET n"));
        same("nothing to end", commands("CLIENT REPLY OFF", "UNSUBSCRIBE", "CLIENT REPLY ON", "GET n"));
        String monitored = commands("CLIENT REPLY OFF", "MONITOR", "GET n", "CLIENT REPLY ON", "GET n");
        String skipped = commands("CLIENT REPLY SKIP", "MONITOR", "GET n", "GET n");
        for (String each : List.of(monitored, skipped)) {
            assertThat(withoutTimes(Streams.stream(address, each, each.length())))
                    .isEqualTo(withoutTimes(Streams.stream(primary.address(), each, each.length())));
        }
    }

    /** MONITOR's lines begin with a time, and tell whose command it was. */
    private static String withoutTimes(String stream) {
        return stream.replaceAll("\\+\\d+\\.\\d+ \\[0 [^]]+]", "+[]");
    }

    @Test
    void anyMixOfModesIsTheServersOwn() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> all = List.of(
                "CLIENT REPLY ON",
                "CLIENT REPLY OFF",
                "CLIENT REPLY SKIP",
                "CLIENT REPLY SKIP",
                "CLIENT REPLY BAD",
                "INCR n",
                "GET n",
                "RPUSH l x",
                "BLPOP l 0.01",
                "MULTI",
                "EXEC",
                "DISCARD",
                "PING",
                "NOSUCH",
                "SELECT 1",
                "SELECT 0",
                "HELLO 3",
                "LRANGE l 0 -1");
        for (int round = 0; round < 60; round++) {
            List<String> mix = new ArrayList<>();
            boolean open = false;
            for (int i = 0; i < 40; i++) {
                String line = all.get(random.nextInt(all.size()));
                boolean local = line.startsWith("CLIENT");
                open = line.equals("MULTI") || (open && !line.equals("EXEC") && !line.equals("DISCARD"));
                // Within a transaction Redis cuts EXEC's reply short there, and HELLO's number is each process's own.
                if (!(local && open) && !line.startsWith("HELLO")) {
                    mix.add(line);
                }
            }
            same("seed " + seed + ", round " + round + ": " + mix, commands(mix.toArray(String[]::new)));
        }
    }

    /** What becomes uncertain while nobody wants to hear of it is said to nobody either, and shifts nothing. */
    @Test
    void aLostConnectionSaysNothingToAClientThatWantsNoReplies() throws Exception {
        try (RawClient off = new RawClient(address);
                RawClient skips = new RawClient(address)) {
            off.send(commands("INCR a", "CLIENT REPLY OFF"));
            skips.send(commands("INCR b"));
            assertThat(off.line()).isEqualTo(":1");
            assertThat(skips.line()).isEqualTo(":1");
            primary.freeze();
            String unheard = commands("INCR a", "INCR a", "CLIENT REPLY ON", "INCR a");
            String skipped = commands("CLIENT REPLY SKIP", "INCR b", "PING");
            long bytes = proxy.received() + unheard.length() + skipped.length();
            off.send(unheard);
            skips.send(skipped);
            proxy.awaitReceived(bytes);
            primary.kill();
            primary.restart();
            proxy.primary(2, primary);
            assertThat(off.line()).isEqualTo("+OK");
            assertThat(off.line()).isEqualTo(":1");
            assertThat(skips.line()).isEqualTo("+PONG");
        }
    }
}
