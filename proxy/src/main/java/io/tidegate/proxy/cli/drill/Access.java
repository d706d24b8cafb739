package io.tidegate.proxy.cli.drill;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a drill may speak to.
 *
 * @param target what the application connects to
 * @param sentinels none if nobody is asked who is primary
 * @param nodeLogin at every Redis node
 * @param nodeTls for every Redis node
 */
public record Access(
        Endpoint target,
        List<Endpoint> sentinels,
        @Nullable Login nodeLogin,
        @Nullable SSLSocketFactory nodeTls) {
    public Access {
        sentinels = List.copyOf(sentinels);
    }

    /** A Redis node, directly. */
    Endpoint node(NodeAddress address) {
        return new Endpoint(address, nodeLogin, nodeTls);
    }
}
