package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/**
 * Clients that redirect their invalidations to each other, on all event loops of a proxy and beside a bare server's: the same is
 * done to both, and what they say has to be the same but for the numbers of clients, which are told as what they stand for.
 */
abstract class RedirectScene {
    static final Duration PATIENCE = Duration.ofSeconds(30);

    static LocalRedis servers;

    HandFedProxy proxy;
    InetSocketAddress address;
    private final List<RedisCommandClient> clients = new ArrayList<>();

    @BeforeAll
    static void startServers() {
        servers = HandFedProxy.servers(1);
    }

    @AfterAll
    static void stopServers() {
        servers.close();
    }

    @BeforeEach
    void start() throws Exception {
        proxy = new HandFedProxy(HandFedProxy.Options.with(options -> options.loops = 3));
        proxy.primary(1, servers.primary());
        address = proxy.listen(ReadLevel.SESSION);
    }

    @AfterEach
    void stop() throws IOException {
        for (RedisCommandClient client : clients) {
            client.close();
        }
        proxy.close();
        servers.primary().command("FLUSHALL");
    }

    RedisCommandClient connect(InetSocketAddress where) throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(where, PATIENCE);
        clients.add(client);
        said(client, "PING");
        return client;
    }

    static String said(RedisCommandClient client, String... command) throws IOException {
        client.write(command);
        return heard(client);
    }

    static String heard(RedisCommandClient client) throws IOException {
        try {
            return told(client.read());
        } catch (RedisErrorException e) {
            return "-" + e.getMessage();
        }
    }

    static String told(RespValue value) {
        if (value.isNull()) {
            return "nil";
        }
        if (value instanceof RespValue.Int number) {
            return Long.toString(number.integer());
        }
        return value instanceof RespValue.SimpleString || value instanceof RespValue.Bulk
                ? value.text()
                : value.elements().stream().map(RedirectScene::told).toList().toString();
    }

    /** A conversation, and what is heard in it; the receiver is called R. */
    interface Scene {
        void play(InetSocketAddress where, List<String> heard) throws IOException;
    }

    /** Plays it at the server and behind the proxy. */
    void same(Scene scene) throws IOException {
        List<String> expected = new ArrayList<>();
        scene.play(servers.primary().address(), expected);
        servers.primary().command("FLUSHALL");
        List<String> heard = new ArrayList<>();
        scene.play(address, heard);
        assertThat(heard).isEqualTo(expected);
    }

    static String number(RedisCommandClient client) throws IOException {
        return said(client, "CLIENT", "ID");
    }

    static void ask(RedisCommandClient client, String receiver, List<String> heard, String... command)
            throws IOException {
        String asked = String.join(" ", command).replaceAll("REDIRECT " + receiver + "\\b", "REDIRECT R");
        String answer = said(client, command);
        boolean named = asked.equals("CLIENT GETREDIR") || asked.equals("CLIENT TRACKINGINFO") || asked.equals("EXEC");
        heard.add(asked + ": " + (named ? answer.replaceAll("(?<![-0-9])" + receiver + "(?![0-9])", "R") : answer));
    }
}
