package io.tidegate.proxy.it;

import io.tidegate.proxy.local.RedisCommandClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A connection under {@link Workload} to one of several proxies: if it breaks, the next one is taken, and what was not
 * answered may have run. Its reads are {@code strong}, the one level whose promise reaches beyond a connection.
 */
final class ReconnectingConnection implements Workload.Connection {
    private static final String UNCERTAIN = "UNCERTAIN may have run: the connection ended";

    private final List<InetSocketAddress> addresses;
    private int next;
    private PlainConnection connection;

    ReconnectingConnection(List<InetSocketAddress> addresses) throws IOException {
        this.addresses = addresses;
        this.connection = connect();
    }

    @Override
    public List<Optional<String>> push(String key, List<String> values) throws IOException {
        try {
            return connection.push(key, values);
        } catch (IOException e) {
            reconnect();
            return Collections.nCopies(values.size(), Optional.of(UNCERTAIN));
        }
    }

    @Override
    public long increment(String key) throws IOException {
        try {
            return connection.increment(key);
        } catch (IOException e) {
            reconnect();
            throw new IllegalStateException(UNCERTAIN, e);
        }
    }

    @Override
    public Optional<String> last(String key) throws IOException {
        try {
            return connection.last(key);
        } catch (IOException e) {
            reconnect();
            return connection.last(key);
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private void reconnect() throws IOException {
        connection.close();
        next = (next + 1) % addresses.size();
        connection = connect();
    }

    private PlainConnection connect() throws IOException {
        RedisCommandClient client = RedisCommandClient.connect(addresses.get(next), Stack.PATIENCE);
        client.command("PROXY", "CONSISTENCY", "strong");
        return new PlainConnection(client);
    }
}
