package io.tidegate.proxy.cli.drill;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * A server, and how one gets in.
 *
 * @param login null if it asks for none
 * @param tls null if it is spoken to in the clear
 */
public record Endpoint(
        NodeAddress address,
        @Nullable Login login,
        @Nullable SSLSocketFactory tls) {
    /**
     * Opens a connection that is logged in.
     *
     * @throws IOException with the address in its message, also if the login is refused
     */
    RedisCommandClient open(Duration timeout) throws IOException {
        RedisCommandClient client;
        try {
            client = RedisCommandClient.connect(new InetSocketAddress(address.host(), address.port()), timeout, tls);
        } catch (UnknownHostException e) {
            throw told("unknown host", e);
        } catch (IOException e) {
            throw told(e.getMessage(), e);
        }
        try {
            if (login != null) {
                client.command("AUTH", login.user(), login.password());
            }
            return client;
        } catch (RedisErrorException | IOException e) {
            client.close();
            throw told(e.getMessage(), e);
        }
    }

    private IOException told(@Nullable String what, Exception cause) {
        return new IOException(address + ": " + what, cause);
    }
}
