package io.tidegate.proxy.facade;

import io.tidegate.routing.NodeAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What the port tells.
 *
 * @param name what clients ask for
 * @param addresses where the proxy is reached by a client that has come to this local address: the first is called the
 *     primary, the others its replicas
 * @param epoch of the claim in use
 */
public record Tier(String name, Function<InetSocketAddress, List<NodeAddress>> addresses, LongSupplier epoch) {

    NodeAddress primary(InetSocketAddress local) {
        return addresses.apply(local).get(0);
    }

    List<NodeAddress> replicas(InetSocketAddress local) {
        List<NodeAddress> all = addresses.apply(local);
        return all.subList(1, all.size());
    }

    /** The epoch as a sentinel has it, which begins at 0. */
    long configEpoch() {
        return Math.max(0, epoch.getAsLong());
    }

    /** Forty hexadecimal digits, the same for the same text. */
    static String id(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-1, which every Java has to have", e);
        }
    }
}
