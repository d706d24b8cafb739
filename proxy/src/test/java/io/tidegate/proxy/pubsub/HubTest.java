package io.tidegate.proxy.pubsub;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.protocol.Protocol;
import io.tidegate.protocol.RespValue;
import io.tidegate.protocol.RespValues;
import io.tidegate.protocol.RespWriter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random clients against a server of a few lines, with answers that take their time and connections that end. */
class HubTest {
    private static final List<String> NAMES = List.of("a", "b", "c");

    private final Model server = new Model();
    private final Hub hub = new Hub(server, new Audience());

    /** A server with one connection, which answers when it is told to. */
    private static final class Model implements Hub.Server {
        final Deque<List<String>> commands = new ArrayDeque<>();
        final Set<String> subscribed = new TreeSet<>();
        String forbidden = "";
        boolean memory = true;

        @Override
        public void send(ByteBuf command) {
            if (!memory) {
                command.release();
                throw new OutOfMemoryError("as a test wants it");
            }
            commands.add(RespValues.read(command, 0, command.writerIndex()).elements().stream()
                    .map(RespValue::text)
                    .toList());
            command.release();
        }

        @Override
        public ByteBufAllocator alloc() {
            return UnpooledByteBufAllocator.DEFAULT;
        }

        /** What it answers to its oldest command, frame by frame. */
        List<ByteBuf> execute() {
            List<String> command = commands.remove();
            List<String> names = command.subList(1, command.size());
            List<ByteBuf> frames = new ArrayList<>();
            if (command.get(0).equals("subscribe") && names.contains(forbidden)) {
                ByteBuf error = Unpooled.buffer();
                RespWriter.error(error, "NOPERM no");
                frames.add(error);
                return frames;
            }
            for (String name : names) {
                if (command.get(0).equals("subscribe")) {
                    subscribed.add(name);
                } else {
                    subscribed.remove(name);
                }
                ByteBuf frame = Unpooled.buffer();
                RespWriter.arrayHeader(frame, 3);
                RespWriter.bulk(frame, command.get(0));
                RespWriter.bulk(frame, name);
                RespWriter.integer(frame, subscribed.size());
                frames.add(frame);
            }
            return frames;
        }
    }

    /** A client that remembers what it was told. */
    private static final class Client implements Recipient {
        final Subscriber subscriber = new Subscriber(this);
        final List<String> messages = new ArrayList<>();
        String told = "";
        boolean revoked;

        @Override
        public Protocol protocol() {
            return Protocol.RESP2;
        }

        @Override
        public void message(ByteBuf bytes, int from, int to) {
            messages.add(RespValues.read(bytes, from, to).elements().get(2).text());
        }

        @Override
        public void confirmed(ByteBuf confirmations) {
            told = confirmations.toString(ISO_8859_1);
            confirmations.release();
        }

        @Override
        public void refused(String error) {
            told = error;
        }

        @Override
        public void unanswered() {
            told = "again";
        }

        @Override
        public void revoked() {
            revoked = true;
        }
    }

    private void receive(ByteBuf frame) {
        assertThat(hub.received(frame, 0, frame.writerIndex())).isTrue();
        frame.release();
    }

    private void answerOne() {
        server.execute().forEach(this::receive);
    }

    private void answerAll() {
        while (!server.commands.isEmpty()) {
            answerOne();
        }
        assertThat(hub.waits()).isFalse();
    }

    private void publish(String channel, String text) {
        if (server.subscribed.contains(channel)) {
            ByteBuf frame = Unpooled.buffer();
            RespWriter.command(frame, "message", channel, text);
            receive(frame);
        }
    }

    private void send(Client client, boolean begins, String... names) {
        client.told = "";
        List<byte[]> bytes = new ArrayList<>();
        for (String name : names) {
            bytes.add(name.getBytes(ISO_8859_1));
        }
        hub.send(client.subscriber, Kind.CHANNEL, begins, bytes);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void theServerHasWhatTheClientsHaveAndEachHearsItsOwn(long seed) {
        Random random = new Random(seed);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(new Client());
        }
        hub.connected();
        for (int step = 0; step < 2_000; step++) {
            int at = random.nextInt(clients.size());
            Client client = clients.get(at);
            String name = NAMES.get(random.nextInt(NAMES.size()));
            int kind = random.nextInt(20);
            if (kind < 6 && !client.subscriber.waits()) {
                send(client, true, name, NAMES.get(0));
            } else if (kind < 12 && !client.subscriber.waits() && client.subscriber.subscribed()) {
                if (random.nextBoolean()) {
                    send(client, false, name);
                } else {
                    send(client, false);
                }
            } else if (kind == 12) {
                hub.leave(client.subscriber);
                clients.set(at, new Client());
            } else if (kind == 13) {
                server.commands.clear();
                server.subscribed.clear();
                hub.lost();
                hub.connected();
            } else if (kind == 14) {
                server.forbidden = random.nextBoolean() ? "a" : "";
            } else if (!server.commands.isEmpty()) {
                answerOne();
            }
            if (step % 50 == 0) {
                server.forbidden = "";
                answerAll();
                check(clients, step);
            }
        }
        clients.forEach(client -> hub.leave(client.subscriber));
        answerAll();
        assertThat(server.subscribed).isEmpty();
        assertThat(hub.unused()).isTrue();
    }

    private void check(List<Client> clients, int step) {
        Set<String> all = new TreeSet<>();
        for (Client client : clients) {
            for (Topic topic : client.subscriber.of(Kind.CHANNEL)) {
                all.add(new String(topic.name(), ISO_8859_1));
            }
            client.messages.clear();
        }
        if (clients.stream().anyMatch(client -> client.revoked)) {
            // They would have been disconnected; the server has less than they.
            for (int i = 0; i < clients.size(); i++) {
                hub.leave(clients.get(i).subscriber);
                clients.set(i, new Client());
            }
            answerAll();
            all.clear();
        }
        assertThat(server.subscribed).as("step %d", step).isEqualTo(all);
        for (String name : NAMES) {
            publish(name, name + step);
            for (Client client : clients) {
                boolean has =
                        client.subscriber.of(Kind.CHANNEL).contains(new Topic(Kind.CHANNEL, name.getBytes(ISO_8859_1)));
                assertThat(client.messages.contains(name + step)).isEqualTo(has);
            }
        }
    }

    @Test
    void whatCouldNotBeSentIsNotTakenForAnsweredByWhatTheServerSaysNext() {
        Client ended = new Client();
        Client second = new Client();
        hub.connected();
        server.memory = false;
        assertThatThrownBy(() -> send(ended, true, "a")).isInstanceOf(OutOfMemoryError.class);
        server.memory = true;
        hub.leave(ended.subscriber);
        send(second, true, "b");
        answerAll();
        assertThat(second.told).contains("subscribe").contains("b");
        assertThat(server.subscribed).containsExactly("b");
        publish("b", "m");
        assertThat(second.messages).containsExactly("m");
    }

    @Test
    void aSubscriptionBeginsAndEndsWhereItsConfirmationStandsInTheStream() {
        Client first = new Client();
        Client second = new Client();
        hub.connected();
        send(first, true, "a");
        answerAll();
        send(second, true, "a");
        publish("a", "before");
        answerAll();
        send(first, false, "a");
        publish("a", "between");
        answerAll();
        publish("a", "after");
        assertThat(first.messages).containsExactly("before", "between");
        assertThat(second.messages).containsExactly("between", "after");
        assertThat(first.told).isEqualTo("*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n");
        assertThat(server.subscribed).containsExactly("a");
    }

    @Test
    void whatNobodyAskedForEndsTheConnection() {
        hub.connected();
        ByteBuf frame = Unpooled.buffer();
        RespWriter.command(frame, "subscribe", "a", "1");
        assertThat(hub.received(frame, 0, frame.writerIndex())).isFalse();
        frame.clear();
        RespWriter.integer(frame, 1);
        assertThat(hub.received(frame, 0, frame.writerIndex())).isFalse();
        frame.release();
    }
}
