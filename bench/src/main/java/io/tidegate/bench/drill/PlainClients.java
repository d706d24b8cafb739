package io.tidegate.bench.drill;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.cli.drill.Answer;
import io.tidegate.proxy.cli.drill.PlainConnection;
import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** Connections without a library, that stay with one server until there is an error, and then look for one again. */
final class PlainClients implements Clients {
    /** Above what Tidegate holds a write for at most, by default: nobody behind a proxy is to look for another one. */
    private static final Duration PROXY_ANSWERS_WITHIN = Duration.ofSeconds(20);

    /** As long as Jedis waits by default. */
    private static final Duration SERVER_ANSWERS_WITHIN = Duration.ofSeconds(2);

    /** Says where to connect. */
    private interface Directory {
        InetSocketAddress ask() throws IOException;
    }

    private final Directory directory;
    private final Duration answersWithin;

    private PlainClients(Directory directory, Duration answersWithin) {
        this.directory = directory;
        this.answersWithin = answersWithin;
    }

    /** All connect to this address. */
    static Clients at(String proxy) {
        InetSocketAddress address = address(proxy);
        return new PlainClients(() -> address, PROXY_ANSWERS_WITHIN);
    }

    /** Each asks the sentinels, in this order, whenever it connects. */
    static Clients asking(List<String> sentinels) {
        List<InetSocketAddress> addresses =
                sentinels.stream().map(PlainClients::address).toList();
        return new PlainClients(() -> primary(addresses), SERVER_ANSWERS_WITHIN);
    }

    @Override
    public Appender open() {
        return new Plain();
    }

    @Override
    public void close() {
        // Nothing is shared, and nobody waits longer than for his own time.
    }

    private static InetSocketAddress primary(List<InetSocketAddress> sentinels) throws IOException {
        IOException failure = new IOException("no sentinels");
        for (InetSocketAddress sentinel : sentinels) {
            try (RedisCommandClient client = RedisCommandClient.connect(sentinel, SERVER_ANSWERS_WITHIN)) {
                RespValue found = client.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", LocalRedis.MASTER_NAME);
                return new InetSocketAddress(
                        found.elements().get(0).text(),
                        Integer.parseInt(found.elements().get(1).text()));
            } catch (IOException e) {
                failure = e;
            } catch (RedisErrorException e) {
                failure = new IOException(e.getMessage(), e);
            }
        }
        throw failure;
    }

    private static InetSocketAddress address(String text) {
        NodeAddress address = NodeAddress.parse(text);
        return new InetSocketAddress(address.host(), address.port());
    }

    private final class Plain implements Appender {
        private final PlainConnection connection =
                new PlainConnection(() -> RedisCommandClient.connect(directory.ask(), answersWithin));

        @Override
        public Answer append(String key, long number) {
            return connection.append(key, number);
        }

        @Override
        public void close() {
            connection.close();
        }
    }
}
