package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.WriteGate;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A subscriber that ceases to be one, or speaks otherwise from then on, has all that was published before. Of its own PUBLISH the
 * reply may come earlier than the message, which is on another connection; here the server says when.
 */
@Timeout(120)
class LastMessagesIT {
    private FakeRedis fake;
    private HandFedProxy proxy;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeRedis();
        proxy = new HandFedProxy();
        proxy.plane.publish(new RoutingTable(1, 1, fake.node(), WriteGate.OPEN, Instants.FOREVER, List.of(), false));
        client = new RawClient(proxy.listen(ReadLevel.SESSION));
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        proxy.close();
        fake.close();
    }

    private static String confirmation(String command, String topic, int count) {
        return "3\r\n$" + command.length() + "\r\n" + command + "\r\n$4\r\n" + topic + "\r\n:" + count + "\r\n";
    }

    private static String message(char type, String text) {
        return type + "3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\n" + text + "\r\n";
    }

    private void expect(String bytes) throws Exception {
        assertThat(client.bytes(bytes.length())).isEqualTo(bytes);
    }

    private FakeRedis.Peer subscribed(char type) throws Exception {
        client.send(RawClient.command("SUBSCRIBE", "news"));
        FakeRedis.Peer peer = fake.peer();
        peer.expect("SUBSCRIBE");
        peer.send("*" + confirmation("subscribe", "news", 1));
        expect(type + confirmation("subscribe", "news", 1));
        return peer;
    }

    /** As at a bare server: whoever has seen the end of it publishes to nobody. */
    @ParameterizedTest
    @CsvSource({"QUIT,false", "QUIT,true", "RESET,false", "RESET,true"})
    void whoHasLeftIsNotCountedByTheServerEither(String leaving, boolean lost) throws Exception {
        FakeRedis.Peer peer = subscribed('*');
        client.send(RawClient.command(leaving));
        peer.expect("UNSUBSCRIBE");
        proxy.settled();
        assertThat(client.socket.getInputStream().available()).isZero();
        if (lost) {
            peer.close();
        } else {
            peer.send("*" + confirmation("unsubscribe", "news", 0));
        }
        assertThat(client.line()).isEqualTo(leaving.equals("QUIT") ? "+OK" : "+RESET");
    }

    @ParameterizedTest
    @ValueSource(strings = {"QUIT", "RESET"})
    void whoLeaves(String leaving) throws Exception {
        FakeRedis.Peer peer = subscribed('*');
        client.send(RawClient.command("PSUBSCRIBE", "new*"));
        peer.expect("PSUBSCRIBE");
        peer.send("*" + confirmation("psubscribe", "new*", 2));
        expect("*" + confirmation("psubscribe", "new*", 2));
        client.send(RawClient.command(leaving));
        peer.expect("UNSUBSCRIBE");
        peer.send(message('*', "1") + "*" + confirmation("unsubscribe", "news", 1));
        expect(message('*', "1"));
        peer.expect("PUNSUBSCRIBE");
        String matching = "*4\r\n$8\r\npmessage\r\n$4\r\nnew*\r\n$4\r\nnews\r\n$1\r\n2\r\n";
        peer.send(matching + "*" + confirmation("punsubscribe", "new*", 0));
        expect(matching);
        assertThat(client.line()).isEqualTo(leaving.equals("QUIT") ? "+OK" : "+RESET");
    }

    /** The proxy asks for the end of something that nobody has, and waits for the answer. */
    @ParameterizedTest
    @ValueSource(strings = {"*2\r\n$5\r\nHELLO\r\n$1\r\n2\r\n", "*1\r\nnonsense\r\n", ""})
    void whoSpeaksOtherwiseOrNoMore(String last) throws Exception {
        client.send(RawClient.command("HELLO", "3"));
        assertThat(client.line()).isEqualTo("%7");
        for (String line = ""; !line.equals("modules"); line = client.line()) {}
        assertThat(client.line()).isEqualTo("*0");
        fake.peer(); // of whom HELLO was asked
        FakeRedis.Peer peer = subscribed('>');
        if (last.isEmpty()) {
            client.socket.shutdownOutput();
        } else {
            client.send(last);
        }
        peer.expect("UNSUBSCRIBE");
        peer.send(message('*', "1") + "*" + confirmation("unsubscribe", "????", 1));
        expect(message('>', "1"));
        if (last.isEmpty()) {
            assertThat(client.ended()).isTrue();
        } else {
            assertThat(client.line())
                    .isEqualTo(last.contains("HELLO") ? "*14" : "-ERR Protocol error: expected '$', got 'n'");
        }
    }
}
