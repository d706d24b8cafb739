package io.tidegate.proxy.it;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A connection without a client library under {@link Workload}. */
record PlainConnection(RedisCommandClient client) implements Workload.Connection {
    @Override
    public List<Optional<String>> push(String key, List<String> values) throws IOException {
        for (String value : values) {
            client.write("RPUSH", key, value);
        }
        List<Optional<String>> errors = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            try {
                client.read();
                errors.add(Optional.empty());
            } catch (RedisErrorException e) {
                errors.add(Optional.of(e.getMessage()));
            }
        }
        return errors;
    }

    @Override
    public long increment(String key) throws IOException {
        return client.command("INCR", key).integer();
    }

    @Override
    public Optional<String> last(String key) throws IOException {
        RespValue last = client.command("LINDEX", key, "-1");
        return last.isNull() ? Optional.empty() : Optional.of(last.text());
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
