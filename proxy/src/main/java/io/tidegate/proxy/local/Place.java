package io.tidegate.proxy.local;

import java.net.InetAddress;
import java.util.List;

/**
 * Where a Redis process runs: on loopback, or with an address of its own in a network of its own, which a test can cut.
 *
 * @param address where the process listens and where the others reach it
 * @param launcher the command that runs a command there ({@code ip netns exec …}); it must become that command, so that
 *     the process id is Redis' own. Empty for here.
 */
public record Place(InetAddress address, List<String> launcher) {
    static final Place LOOPBACK = new Place(InetAddress.getLoopbackAddress(), List.of());

    public Place {
        launcher = List.copyOf(launcher);
    }

    String host() {
        return address.getHostAddress();
    }
}
