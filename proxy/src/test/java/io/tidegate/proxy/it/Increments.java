package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.proxy.local.RedisProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Connections that increment, each a key of its own, one request at a time, and stop at the first wrong answer. */
final class Increments implements AutoCloseable {
    private static final AtomicInteger KEYS = new AtomicInteger();

    private final List<Client> clients = new ArrayList<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private volatile boolean ending;

    static Increments begin(int count, InetSocketAddress address) throws IOException {
        Increments load = new Increments();
        for (int i = 0; i < count; i++) {
            Client client = load.new Client(RedisCommandClient.connect(address, Stack.PATIENCE));
            load.clients.add(client);
            client.thread.start();
        }
        return load;
    }

    /** The count of the client that has come least far. */
    long least() {
        return clients.stream().mapToLong(client -> client.told.get()).min().orElse(0);
    }

    void awaitEach(long count) {
        await().atMost(Stack.PATIENCE).until(() -> least() >= count || !wrong.isEmpty());
        assertThat(wrong).isEmpty();
    }

    void end() throws InterruptedException {
        ending = true;
        for (Client client : clients) {
            client.thread.join();
        }
        assertThat(wrong).isEmpty();
    }

    /** What clients were told is what is there, no more and no less. */
    void assertExact(RedisProcess primary) throws IOException {
        for (Client client : clients) {
            assertThat(primary.command("GET", client.key).text()).isEqualTo(Long.toString(client.told.get()));
        }
    }

    /** Each gets on, and is then ended; what they were told is what is there. */
    void goesOn(RedisProcess primary) throws Exception {
        awaitEach(least() + 100);
        end();
        assertExact(primary);
    }

    /** Ends the clients, whatever they wait for. */
    @Override
    public void close() throws IOException {
        ending = true;
        for (Client client : clients) {
            client.connection.close();
        }
    }

    private final class Client {
        final String key = "switched:" + KEYS.incrementAndGet();
        final AtomicLong told = new AtomicLong();
        final RedisCommandClient connection;
        final Thread thread = new Thread(this::run, key);

        Client(RedisCommandClient connection) {
            this.connection = connection;
        }

        private void run() {
            try {
                while (!ending) {
                    long value = connection.command("INCR", key).integer();
                    if (value != told.incrementAndGet()) {
                        wrong.add(key + ": " + value + " instead of " + told.get());
                        return;
                    }
                }
            } catch (RedisErrorException e) {
                wrong.add(key + ": " + e.getMessage());
            } catch (IOException e) {
                wrong.add(key + ": " + e);
            }
        }
    }
}
