package io.tidegate.proxy.downstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.loop.Patience;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a load balancer says in front of a client's bytes, byte by byte as the protocol's text has it; and what is none. */
@Timeout(60)
class ProxyHeaderIT {
    private static final String COUNTED = "tidegate_proxy_headers_total{outcome=\"%s\"}";
    private static final String ASK = "CLIENT INFO\r\n";
    private static final Pattern ADDRESS = Pattern.compile(" addr=(\\S+) ");

    private static final String SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";
    private static final String FROM_TO = "\300\0\2\7\300\0\2\1\22\147\30\366"; // 192.0.2.7:4711 to 192.0.2.1:6390

    private static HandFedProxy proxy(Patience patience, int perAddressMax) {
        return new HandFedProxy(HandFedProxy.Options.with(options -> {
            options.patience = patience;
            options.admission = new Admission.Limits(100, perAddressMax);
        }));
    }

    private static HandFedProxy proxy() {
        return proxy(new Patience(60_000_000_000L, 0, 0, 0), 0);
    }

    private static String version2(int versionAndCommand, int family, String rest) {
        return SIGNATURE
                + (char) versionAndCommand
                + (char) family
                + (char) (rest.length() >>> 8)
                + (char) (rest.length() & 0xFF)
                + rest;
    }

    private static long counted(HandFedProxy proxy, String outcome) {
        return proxy.counted(COUNTED.formatted(outcome));
    }

    /** Where the proxy says that the client comes from, which has asked for it. */
    private static String told(RawClient client) throws IOException {
        assertThat(client.line()).startsWith("$");
        Matcher address = ADDRESS.matcher(client.line());
        assertThat(address.find()).isTrue();
        assertThat(client.line()).isEmpty();
        return address.group(1);
    }

    private static String named(InetSocketAddress address, String header) throws IOException {
        try (RawClient client = new RawClient(address)) {
            client.send(header + ASK);
            String told = told(client);
            return told.equals("127.0.0.1:" + client.socket.getLocalPort()) ? "its own" : told;
        }
    }

    @Test
    void whomAHeaderNamesTheClientIs() throws Exception {
        Map<String, String> named = new LinkedHashMap<>();
        named.put("PROXY TCP4 192.0.2.7 192.0.2.1 4711 6390\r\n", "192.0.2.7:4711");
        named.put("PROXY TCP6 2001:db8::7 2001:db8::1 4711 6390\r\n", "2001:db8:0:0:0:0:0:7:4711");
        named.put("PROXY UNKNOWN\r\n", "its own");
        named.put("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", "its own");
        named.put(version2(0x21, 0x11, FROM_TO), "192.0.2.7:4711");
        // With something unknown behind it, of type 0xE0 and three bytes.
        named.put(version2(0x21, 0x11, FROM_TO + "\340\0\3abc"), "192.0.2.7:4711");
        String six = " \1\r\270" + "\0".repeat(11);
        named.put(version2(0x21, 0x21, six + "\7" + six + "\1" + "\22\147\30\366"), "2001:db8:0:0:0:0:0:7:4711");
        named.put(version2(0x20, 0x00, ""), "its own"); // a health check
        named.put(version2(0x20, 0x11, FROM_TO), "its own");
        named.put(version2(0x21, 0x00, ""), "its own");
        named.put(version2(0x21, 0x31, ("/run/one" + "\0".repeat(100)) + ("/run/two" + "\0".repeat(100))), "its own");
        try (HandFedProxy proxy = proxy()) {
            InetSocketAddress address = proxy.listenForBalancer();
            for (Map.Entry<String, String> one : named.entrySet()) {
                assertThat(named(address, one.getKey())).as(one.getKey()).isEqualTo(one.getValue());
            }
            assertThat(counted(proxy, "named")).isEqualTo(5);
            assertThat(counted(proxy, "unnamed")).isEqualTo(6);
        }
    }

    @Test
    void aHeaderMayComeInPiecesAndClientsAreKilledByWhatItNames() throws Exception {
        try (HandFedProxy proxy = proxy()) {
            InetSocketAddress address = proxy.listenForBalancer();
            for (String header :
                    List.of("PROXY TCP4 192.0.2.7 192.0.2.1 4711 6390\r\n", version2(0x21, 0x11, FROM_TO))) {
                try (RawClient client = new RawClient(address);
                        RawClient other = new RawClient(address)) {
                    for (char one : (header + ASK).toCharArray()) {
                        client.send(String.valueOf(one));
                    }
                    assertThat(told(client)).isEqualTo("192.0.2.7:4711");
                    other.send("PROXY UNKNOWN\r\nCLIENT KILL ADDR 192.0.2.7:4711\r\n");
                    assertThat(other.line()).isEqualTo(":1");
                    assertThat(client.ended()).isTrue();
                }
            }
        }
    }

    @Test
    void whatIsNoHeaderIsClosedAndNothingOfItIsExecuted() throws Exception {
        List<String> bad = List.of(
                RawClient.command("AUTH", "secret"),
                "GET / HTTP/1.1\r\n\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n",
                "PROXY TCP4 192.0.2.777 192.0.2.1 4711 6390\r\n",
                "PROXY TCP4 2001:db8::7 192.0.2.1 4711 6390\r\n",
                "PROXY TCP4 192.0.2.7 192.0.2.1 4711 65536\r\n",
                "PROXY TCP4 " + "1".repeat(200),
                version2(0x11, 0x11, FROM_TO),
                version2(0x2F, 0x11, FROM_TO),
                version2(0x21, 0x11, "abc"),
                SIGNATURE + "\41\21\377\377" + "x".repeat(10_000));
        try (HandFedProxy proxy = proxy()) {
            InetSocketAddress address = proxy.listenForBalancer();
            for (String each : bad) {
                try (RawClient client = new RawClient(address)) {
                    send(client, each);
                    assertThat(closed(client)).as(each).isTrue();
                }
            }
            // Netty's decoder closes the connection before it tells what it has found.
            await().until(() -> counted(proxy, "malformed") >= bad.size());
            assertThat(counted(proxy, "malformed")).isEqualTo(bad.size());
            assertThat(counted(proxy, "closed")).isZero();
            assertThat(counted(proxy, "named")).isZero();
            await().until(() -> proxy.admission.connected() == 0);
        }
    }

    private static void send(RawClient client, String bytes) throws IOException {
        try {
            client.send(bytes.getBytes(ISO_8859_1));
        } catch (SocketException gone) {
            assertThat(gone).hasMessageMatching("(?i).*(reset|broken pipe).*");
        }
    }

    /** A reset is an end, too: what was not read makes one. */
    private static boolean closed(RawClient client) throws IOException {
        try {
            return client.ended();
        } catch (SocketException reset) {
            return String.valueOf(reset.getMessage()).contains("reset");
        }
    }

    @Test
    void whoSaysNothingOrHalfAHeaderIsClosedInTime() throws Exception {
        try (HandFedProxy proxy = proxy(new Patience(1_000_000_000, 0, 0, 0), 0)) {
            InetSocketAddress address = proxy.listenForBalancer();
            try (RawClient silent = new RawClient(address);
                    RawClient half = new RawClient(address)) {
                half.send("PROXY TCP4 192.");
                assertThat(silent.ended()).isTrue();
                assertThat(half.ended()).isTrue();
            }
            await().until(() -> counted(proxy, "timeout") == 2);
            await().until(() -> proxy.admission.connected() == 0);
        }
    }

    @Test
    void whoLeavesBeforeIsCountedAsThat() throws Exception {
        try (HandFedProxy proxy = proxy();
                RawClient leaves = new RawClient(proxy.listenForBalancer())) {
            leaves.socket.shutdownOutput();
            assertThat(leaves.ended()).isTrue();
            await().until(() -> counted(proxy, "closed") == 1);
            assertThat(counted(proxy, "timeout")).isZero();
            await().until(() -> proxy.admission.connected() == 0);
        }
    }

    @Test
    void eachAddressThatIsNamedHasItsLimitAndTheBalancerNone() throws Exception {
        try (HandFedProxy proxy = proxy(new Patience(60_000_000_000L, 0, 0, 0), 2)) {
            InetSocketAddress address = proxy.listenForBalancer();
            String header = "PROXY TCP4 192.0.2.7 192.0.2.1 4711 6390\r\n";
            try (RawClient first = new RawClient(address);
                    RawClient second = new RawClient(address);
                    RawClient third = new RawClient(address);
                    RawClient other = new RawClient(address)) {
                for (RawClient one : List.of(first, second)) {
                    one.send(header + ASK);
                    assertThat(told(one)).isEqualTo("192.0.2.7:4711");
                }
                third.send(header);
                assertThat(third.line())
                        .isEqualTo("-ERR max number of clients reached for this address; nothing was executed");
                assertThat(third.ended()).isTrue();
                other.send(header.replace("2.7", "2.8") + ASK);
                assertThat(told(other)).isEqualTo("192.0.2.8:4711");
                for (int i = 0; i < 3; i++) {
                    assertThat(named(address, "PROXY UNKNOWN\r\n")).isEqualTo("its own");
                }
                first.socket.close();
                await().until(() -> proxy.counted("tidegate_client_connections") == 2);
                assertThat(named(address, header)).isEqualTo("192.0.2.7:4711");
                assertThat(proxy.counted("tidegate_client_connections_refused_total{reason=\"address\"}"))
                        .isEqualTo(1);
            }
            await().until(() -> proxy.admission.connected() == 0 && proxy.admission.addresses() == 0);
        }
    }
}
