package io.tidegate.proxy.cli;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import io.tidegate.routing.NodeAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/** A listener of a running proxy, for a command that has that proxy do something. */
final class ProxyConnection {
    private static final String STANDARD = "127.0.0.1:6379";
    private static final Option PROXY =
            Option.value("--proxy", "HOST:PORT", "A listener of the proxy; default: " + STANDARD + ".");
    private static final Option USER =
            Option.value("--user", "NAME", "For the password in the environment variable REDISCLI_AUTH.");
    private static final Option TLS =
            Option.flag("--tls", "Speak TLS to it, as the options below do that say something of it.");

    private static final List<Option> OPTIONS =
            Stream.concat(Stream.of(PROXY, USER, TLS), TlsOptions.ALL.stream()).toList();

    /** Above what any of these commands takes. */
    private static final Duration ANSWER_MAX = Duration.ofSeconds(60);

    private final NodeAddress address;
    private final @Nullable String user;
    private final @Nullable String password;
    private final @Nullable SSLSocketFactory tls;

    private ProxyConnection(
            NodeAddress address, @Nullable String user, @Nullable String password, @Nullable SSLSocketFactory tls) {
        this.address = address;
        this.user = user;
        this.password = password;
        this.tls = tls;
    }

    /** A command's own options, and those that say whom it speaks to. */
    static List<Option> options(Option... own) {
        return Stream.concat(Stream.of(own), OPTIONS.stream()).toList();
    }

    /** As the command line says it; nothing is opened yet. */
    static ProxyConnection of(Arguments arguments, Map<String, String> variables) throws Misuse {
        String proxy = arguments.value(PROXY);
        return new ProxyConnection(
                address(PROXY, proxy == null ? STANDARD : proxy),
                arguments.value(USER),
                variables.get("REDISCLI_AUTH"),
                arguments.has(TLS) || TlsOptions.given(arguments) ? TlsOptions.sockets(arguments) : null);
    }

    /** The value of an option that names one. */
    static NodeAddress address(Option option, String text) throws Misuse {
        try {
            return NodeAddress.parse(text);
        } catch (IllegalArgumentException e) {
            throw new Misuse(option.name() + ": " + e.getMessage());
        }
    }

    /** Another connection, which is who it should be. */
    RedisCommandClient open() throws IOException {
        RedisCommandClient client;
        try {
            client = RedisCommandClient.connect(new InetSocketAddress(address.host(), address.port()), ANSWER_MAX, tls);
        } catch (IOException e) {
            throw failed(e);
        }
        if (password != null) {
            try {
                client.command("AUTH", user == null ? "default" : user, password);
            } catch (RedisErrorException e) {
                client.close();
                throw failed(e);
            } catch (IOException | RuntimeException e) {
                client.close();
                throw e;
            }
        }
        return client;
    }

    /** The same, saying who it was. */
    IOException failed(Exception cause) {
        return new IOException(address + ": " + cause.getMessage(), cause);
    }

    /** The lines of an answer. */
    static List<String> lines(RespValue reply) {
        return reply.elements().stream().map(RespValue::text).toList();
    }
}
