package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.dispatch.SubscriberLimits;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Subscriptions of many clients over one connection: what each gets is what it would get from the server itself. */
@Timeout(120)
class SubscriptionsIT {
    private static final int MANY = 1_000;
    private static final int CLIENTS_PER_LISTENER = 90;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static LocalRedis servers;

    private RedisProcess primary;
    private HandFedProxy proxy;

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
        primary = servers.primary();
        proxy = new HandFedProxy();
        proxy.primary(1, primary);
    }

    @AfterEach
    void stop() {
        proxy.close();
    }

    private static long upstreamSubscribers(RedisProcess server, String channel) throws IOException {
        try (RedisCommandClient direct = server.connect()) {
            return direct.command("PUBSUB", "NUMSUB", channel).elements().get(1).integer();
        }
    }

    private static long subscribedConnections(RedisProcess server) throws IOException {
        try (RedisCommandClient direct = server.connect()) {
            return direct.command("CLIENT", "LIST", "TYPE", "pubsub")
                    .text()
                    .lines()
                    .filter(line -> !line.isBlank())
                    .count();
        }
    }

    /** The number of the one connection that is subscribed to something, as the server lists it. */
    private String subscribedConnections() throws IOException {
        try (RedisCommandClient direct = primary.connect()) {
            return direct.command("CLIENT", "LIST", "TYPE", "pubsub").text().replaceAll(" .*\n", " ");
        }
    }

    private static void publish(RedisProcess server, String channel, String message) throws IOException {
        try (RedisCommandClient direct = server.connect()) {
            direct.command("PUBLISH", channel, message);
        }
    }

    private static List<String> words(RespValue frame) {
        return frame.elements().stream().map(RespValue::text).toList();
    }

    @Test
    void aThousandSubscribersAreOneToTheServer() throws Exception {
        InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
        Clients clients = new Clients();
        try {
            for (int i = 0; i < MANY; i++) {
                if (i % CLIENTS_PER_LISTENER == CLIENTS_PER_LISTENER - 1) {
                    address = proxy.listen(ReadLevel.SESSION);
                }
                RedisCommandClient client = clients.add(address);
                client.write("SUBSCRIBE", "news");
                if (i == 0) {
                    // The others would wait for the connection that it opens, and they are more than may be held.
                    assertThat(client.read().elements().get(2).integer()).isEqualTo(1);
                }
            }
            for (RedisCommandClient client : clients.all.subList(1, MANY)) {
                assertThat(client.read().elements().get(2).integer()).isEqualTo(1);
            }
            assertThat(upstreamSubscribers(primary, "news")).isEqualTo(1);
            assertThat(subscribedConnections(primary)).isEqualTo(1);
            for (int i = 0; i < 3; i++) {
                publish(primary, "news", "m" + i);
            }
            for (RedisCommandClient client : clients.all) {
                for (int i = 0; i < 3; i++) {
                    assertThat(words(client.read())).containsExactly("message", "news", "m" + i);
                }
            }
            assertThat(proxy.counted("tidegate_subscription_messages_total")).isEqualTo(3 * MANY);
            RedisCommandClient first = clients.all.get(0);
            first.write("UNSUBSCRIBE", "news");
            assertThat(words(first.read())).containsExactly("unsubscribe", "news", "0");
            assertThat(upstreamSubscribers(primary, "news")).isEqualTo(1);
            publish(primary, "news", "last");
            assertThat(first.command("ECHO", "nothing else").text()).isEqualTo("nothing else");
            assertThat(words(clients.all.get(1).read())).contains("last");
        } finally {
            clients.close();
        }
        await().atMost(PATIENCE).until(() -> upstreamSubscribers(primary, "news") == 0);
        // Nobody needs the connection any more, and it goes.
        await().atMost(PATIENCE).until(() -> proxy.counted("tidegate_upstream_connections_lent") == 0);
    }

    private static final class Clients {
        final List<RedisCommandClient> all = Collections.synchronizedList(new ArrayList<>());

        RedisCommandClient add(InetSocketAddress address) throws IOException {
            RedisCommandClient client = RedisCommandClient.connect(address, PATIENCE);
            all.add(client);
            return client;
        }

        void close() throws IOException {
            for (RedisCommandClient client : all) {
                client.close();
            }
        }
    }

    /** Everything that comes from there until the end of the connection, which the conversation asks for. */
    private static String conversation(InetSocketAddress address, String sent) throws IOException {
        try (RawClient client = new RawClient(address)) {
            client.send(sent);
            return new String(client.socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "3"})
    void confirmationsAndRepliesAreTheServersOwnAndInItsOrder(String protocol) throws Exception {
        InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
        String first = protocol.equals("3") ? command("CLIENT NO-EVICT off") : "";
        StringBuilder sent = new StringBuilder(first);
        for (String line : List.of(
                "SET k v",
                "UNSUBSCRIBE",
                "PUNSUBSCRIBE a b",
                "SUBSCRIBE",
                "SUBSCRIBE a b a",
                "GET k",
                "PING",
                "PING x",
                "PSUBSCRIBE p* q?",
                "SSUBSCRIBE s t",
                "nosuch",
                "GET",
                "MULTI",
                "EXEC",
                "EXEC x",
                "CLIENT ID",
                "UNSUBSCRIBE b zz b",
                "SUNSUBSCRIBE s",
                "SUNSUBSCRIBE",
                "SUNSUBSCRIBE",
                "UNSUBSCRIBE",
                "PUNSUBSCRIBE",
                "UNSUBSCRIBE",
                "PING",
                "GET k",
                "SUBSCRIBE c",
                "RESET",
                "GET k",
                "SUBSCRIBE d",
                "UNSUBSCRIBE d",
                "PSUBSCRIBE e",
                "QUIT",
                "GET k")) {
            boolean own = protocol.equals("3") && (line.equals("CLIENT ID") || line.equals("MULTI"));
            sent.append(own ? "" : command(line));
        }
        String hello = protocol.equals("3") ? command("HELLO 3") : "";
        try (RedisCommandClient other = RedisCommandClient.connect(address, PATIENCE)) {
            // What others have makes no difference.
            other.write("SUBSCRIBE", "a", "zz");
            other.read();
            other.read();
            assertThat(afterHello(conversation(address, hello + sent)))
                    .isEqualTo(afterHello(conversation(primary.address(), hello + sent)));
            await().until(() -> upstreamSubscribers(primary, "a") == 1);
            await().until(() -> upstreamSubscribers(primary, "b") == 0);
        }
    }

    private static String command(String line) {
        return RawClient.command(line.split(" "));
    }

    /** The reply to HELLO tells the number of the connection. */
    private static String afterHello(String replies) {
        return replies.replaceFirst("id\r\n:\\d+", "id\r\n:0");
    }

    @Test
    void subscriptionsSurviveAFailover() throws Exception {
        RedisProcess next = servers.replicas().get(0);
        try (RedisCommandClient subscriber = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient late = proxy.connect(ReadLevel.SESSION)) {
            subscriber.write("SUBSCRIBE", "news", "weather");
            subscriber.read();
            subscriber.read();
            subscriber.write("PSUBSCRIBE", "n*");
            subscriber.read();
            proxy.table(1, primary, WriteGate.FENCED, Instants.FOREVER, List.of());
            next.command("REPLICAOF", "NO", "ONE");
            try {
                proxy.primary(2, next);
                late.write("SUBSCRIBE", "news");
                assertThat(words(late.read())).containsExactly("subscribe", "news", "1");
                await().atMost(PATIENCE).until(() -> upstreamSubscribers(next, "weather") == 1);
                await().atMost(PATIENCE).until(() -> upstreamSubscribers(primary, "weather") == 0);
                publish(next, "news", "after");
                assertThat(words(subscriber.read())).containsExactly("message", "news", "after");
                assertThat(words(subscriber.read())).containsExactly("pmessage", "n*", "news", "after");
                assertThat(words(late.read())).containsExactly("message", "news", "after");
                assertThat(proxy.counted("tidegate_subscription_gaps_total")).isEqualTo(1);
            } finally {
                next.command(
                        "REPLICAOF",
                        primary.address().getHostString(),
                        Integer.toString(primary.address().getPort()));
            }
        }
    }

    @Test
    void aSubscriptionIsHeldWhileThereIsNoPrimaryAndAskedForAgainWhenItsConnectionIsLost() throws Exception {
        proxy.table(1, primary, WriteGate.FENCED, Instants.FOREVER, List.of());
        try (RedisCommandClient subscriber = proxy.connect(ReadLevel.SESSION)) {
            subscriber.write("SUBSCRIBE", "held");
            await().atMost(PATIENCE).until(() -> proxy.counted("tidegate_held_requests") == 1);
            proxy.primary(1, primary);
            assertThat(words(subscriber.read())).containsExactly("subscribe", "held", "1");
            try (RedisCommandClient direct = primary.connect()) {
                direct.command("CLIENT", "KILL", "TYPE", "pubsub");
                await().atMost(PATIENCE).until(() -> upstreamSubscribers(primary, "held") == 1);
                direct.command("PUBLISH", "held", "again");
            }
            assertThat(words(subscriber.read())).containsExactly("message", "held", "again");
        }
    }

    /** A stopped server confirms nothing: what it was asked is asked of the next. */
    @Test
    void whatAFrozenServerDoesNotConfirmIsAskedOfTheNext() throws Exception {
        try (HandFedProxy impatient = new HandFedProxy(
                        HandFedProxy.Options.with(options -> options.replyMax = Duration.ofSeconds(2)));
                LocalRedis own = HandFedProxy.servers(0)) {
            impatient.primary(1, own.primary());
            try (RedisCommandClient subscriber = impatient.connect(ReadLevel.SESSION)) {
                subscriber.write("SUBSCRIBE", "a");
                subscriber.read();
                long gaps = impatient.counted("tidegate_subscription_gaps_total");
                own.primary().freeze();
                subscriber.write("SUBSCRIBE", "b");
                await().atMost(PATIENCE).until(() -> impatient.counted("tidegate_subscription_gaps_total") > gaps);
                own.primary().thaw();
                assertThat(words(subscriber.read())).containsExactly("subscribe", "b", "2");
                await().atMost(PATIENCE).until(() -> upstreamSubscribers(own.primary(), "a") == 1);
                publish(own.primary(), "a", "1");
                assertThat(words(subscriber.read())).containsExactly("message", "a", "1");
            }
        }
    }

    /** Of all kinds together; what it has already, and what it ended, takes nothing. */
    @Test
    void moreThanAClientMayBeSubscribedToIsRefusedAndWhatItHasStays() throws Exception {
        String name = "n".repeat(700);
        SubscriberLimits limits = new SubscriberLimits(1 << 20, 1 << 20, TimeUnit.SECONDS.toNanos(60), 2_000);
        try (HandFedProxy bounded =
                new HandFedProxy(HandFedProxy.Options.with(options -> options.subscriberLimits = limits))) {
            bounded.primary(1, primary);
            try (RedisCommandClient subscriber = bounded.connect(ReadLevel.SESSION)) {
                subscriber.write("SUBSCRIBE", name);
                assertThat(words(subscriber.read())).containsExactly("subscribe", name, "1");
                subscriber.write("PSUBSCRIBE", name);
                assertThat(words(subscriber.read())).containsExactly("psubscribe", name, "2");
                subscriber.write("SUBSCRIBE", name, "b");
                assertThatThrownBy(subscriber::read).hasMessageStartingWith("OVERLOADED not executed");
                subscriber.write("SUBSCRIBE", name);
                assertThat(words(subscriber.read())).containsExactly("subscribe", name, "2");
                subscriber.write("PUNSUBSCRIBE", name);
                assertThat(words(subscriber.read())).containsExactly("punsubscribe", name, "1");
                subscriber.write("SUBSCRIBE", "b");
                assertThat(words(subscriber.read())).containsExactly("subscribe", "b", "2");
                publish(primary, "b", "1");
                assertThat(words(subscriber.read())).containsExactly("message", "b", "1");
            }
        }
    }

    /** It cannot be kept until its end has come; what comes after it can. */
    @Test
    void aMessageLargerThanWhatASubscriberMayLeaveUnreadIsLostAlone() throws Exception {
        SubscriberLimits limits = new SubscriberLimits(1 << 20, 1 << 20, TimeUnit.SECONDS.toNanos(60), 64 << 20);
        try (HandFedProxy bounded =
                new HandFedProxy(HandFedProxy.Options.with(options -> options.subscriberLimits = limits))) {
            bounded.primary(1, primary);
            try (RedisCommandClient subscriber = bounded.connect(ReadLevel.SESSION)) {
                subscriber.write("SUBSCRIBE", "news");
                subscriber.read();
                publish(primary, "news", "before");
                String lost = subscribedConnections();
                publish(primary, "news", "x".repeat(8 << 20));
                await().atMost(PATIENCE).until(() -> bounded.counted("tidegate_subscription_gaps_total") == 1);
                // Another connection, and that one alone.
                await().atMost(PATIENCE).until(() -> !subscribedConnections().contains(lost));
                await().atMost(PATIENCE).until(() -> upstreamSubscribers(primary, "news") == 1);
                publish(primary, "news", "after");
                assertThat(words(subscriber.read())).containsExactly("message", "news", "before");
                assertThat(words(subscriber.read())).containsExactly("message", "news", "after");
                assertThat(bounded.counted("tidegate_subscribers_too_slow_total"))
                        .isZero();
            }
        }
    }

    @Test
    void messagesComeBetweenTheRepliesOfAClientThatSpeaksResp3() throws Exception {
        try (SlowClient client = new SlowClient(proxy.listen(ReadLevel.SESSION));
                RedisCommandClient direct = primary.connect()) {
            int length = 4 << 20;
            BigValue.set(primary, "big", length);
            client.write("HELLO", "3");
            client.skipThrough("*0");
            client.write("SUBSCRIBE", "news");
            client.expect(">3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n");
            client.write("GET", "big");
            client.expect(BigValue.header(length));
            client.expectValue(0, 1 << 20);
            direct.command("PUBLISH", "news", "meanwhile");
            await().atMost(PATIENCE).until(() -> proxy.counted("tidegate_subscription_messages_total") == 1);
            client.expectValue(1 << 20, length);
            client.expect("\r\n>3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$9\r\nmeanwhile\r\n");
        }
    }

    @Test
    void whoMustNotHearItIsToldByTheServerAndEndsWithItsPermission() throws Exception {
        try (HandFedProxy authenticated =
                        new HandFedProxy(HandFedProxy.Options.with(options -> options.passthrough = true));
                RedisCommandClient direct = primary.connect()) {
            authenticated.primary(1, primary);
            direct.command("ACL", "SETUSER", "listener", "on", ">pw", "+@all", "~*", "resetchannels", "&a*");
            try (RedisCommandClient client = authenticated.connect(ReadLevel.SESSION)) {
                client.command("AUTH", "listener", "pw");
                assertThatThrownBy(() -> client.command("SUBSCRIBE", "secret")).hasMessageStartingWith("NOPERM");
                client.write("SUBSCRIBE", "allowed");
                assertThat(words(client.read())).containsExactly("subscribe", "allowed", "1");
                direct.command("PUBLISH", "allowed", "1");
                assertThat(words(client.read())).contains("1");
                direct.command("ACL", "SETUSER", "listener", "resetchannels", "&other");
                assertThatThrownBy(client::read).isInstanceOf(IOException.class);
            } finally {
                direct.command("ACL", "DELUSER", "listener");
            }
        }
    }

    @Test
    void clientListTellsWhatAClientIsSubscribedTo() throws Exception {
        try (RedisCommandClient subscriber = proxy.connect(ReadLevel.SESSION);
                RedisCommandClient other = proxy.connect(ReadLevel.SESSION)) {
            subscriber.write("SUBSCRIBE", "a", "b");
            subscriber.read();
            subscriber.read();
            subscriber.write("PSUBSCRIBE", "p*");
            subscriber.read();
            assertThat(other.command("CLIENT", "LIST", "TYPE", "pubsub").text())
                    .contains(" flags=P ", " sub=2 psub=1 ssub=0 ");
        }
    }

    /** What is pushed is no reply. */
    @Test
    void aClientThatWantsNoRepliesHearsItsMessages() throws Exception {
        String sent = command("CLIENT REPLY OFF")
                + command("SUBSCRIBE quiet")
                + command("UNSUBSCRIBE")
                + command("UNSUBSCRIBE")
                + command("PING")
                + command("QUIT");
        assertThat(conversation(proxy.listen(ReadLevel.SESSION), sent))
                .isEqualTo(conversation(primary.address(), sent));
    }

    /** A client that goes while its subscription is on its way leaves nothing behind. */
    @Test
    void nothingRemainsOfClientsThatComeAndGo() throws Exception {
        InetSocketAddress address = proxy.listen(ReadLevel.SESSION);
        for (int i = 0; i < 200; i++) {
            try (Socket client = new Socket(address.getAddress(), address.getPort())) {
                String sent = command("SUBSCRIBE passing") + command("PSUBSCRIBE pass*") + command("UNSUBSCRIBE");
                client.getOutputStream().write(sent.getBytes(ISO_8859_1));
                if (i % 2 == 0) {
                    assertThat(client.getInputStream().read()).isEqualTo('*');
                }
            }
        }
        await().atMost(PATIENCE).until(() -> proxy.plane.clientCount() == 0);
        await().atMost(PATIENCE).until(() -> subscribedConnections(primary) == 0);
        assertThat(upstreamSubscribers(primary, "passing")).isZero();
    }
}
