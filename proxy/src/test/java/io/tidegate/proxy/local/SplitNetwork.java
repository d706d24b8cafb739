package io.tidegate.proxy.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Two networks of this machine with an address each, joined to each other and to this JVM by a bridge. Cutting a side
 * off pulls its cable: its processes go on and reach one another, nobody else reaches them, and nobody is told.
 *
 * <p>One shell makes all of it, waits for the end of its standard input, and takes all of it away again; so it goes with
 * the JVM however that ends. Processes in it have to be ended first.
 */
public final class SplitNetwork implements AutoCloseable {
    /** One of the two networks. */
    public enum Side {
        A("a", 1),
        B("b", 2);

        private final String letter;
        private final int host;

        Side(String letter, int host) {
            this.letter = letter;
            this.host = host;
        }
    }

    /** The subnets of 198.18.0.0/15, which is set aside for tests of networks (RFC 2544). */
    private static final int SUBNETS = 512;

    private static final int ATTEMPTS_MAX = 16;

    /** Where to go on; processes begin far from each other, so that they seldom meet. */
    private static final AtomicInteger NEXT =
            new AtomicInteger((int) (ProcessHandle.current().pid() * 61 % SUBNETS));

    /** $1: the bridge, and with a or b the namespaces and their cables; $2: the first three numbers of the addresses. */
    private static final String KEEPER = """
            set -e
            trap '' INT TERM HUP
            ip link add "$1" type bridge
            # Cables first: a namespace without a name lives on while one of its sockets still hopes for an answer.
            trap 'set +e; for it in "$1a" "$1b"; do ip link del "$it"; ip netns del "$it"; done; ip link del "$1"' EXIT
            ip addr add "$2.254/24" dev "$1"
            ip link set "$1" up
            host=1
            for side in a b; do
                ip netns add "$1$side"
                ip link add "$1$side" type veth peer name eth0 netns "$1$side"
                ip link set "$1$side" master "$1" up
                ip -n "$1$side" addr add "$2.$host/24" dev eth0
                ip -n "$1$side" link set eth0 up
                ip -n "$1$side" link set lo up
                host=2
            done
            echo ready
            cat > /dev/null
            """;

    private final String name;
    private final String subnet;
    private final Process keeper;

    private SplitNetwork(String name, String subnet, Process keeper) {
        this.name = name;
        this.subnet = subnet;
        this.keeper = keeper;
    }

    /** Why this machine does not allow it, if it does not. */
    public static Optional<String> obstacle() throws IOException {
        String name = "tg-probe-" + ProcessHandle.current().pid();
        try {
            String refusal = ip("netns", "add", name);
            if (refusal.isEmpty()) {
                ip("netns", "del", name);
            }
            return Optional.of(refusal).filter(text -> !text.isEmpty());
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Makes the networks.
     *
     * @throws IOException with the system's word if that is not possible; nothing is left of them then
     */
    public static SplitNetwork create() throws IOException {
        for (int attempt = 1; ; attempt++) {
            int index = Math.floorMod(NEXT.getAndIncrement(), SUBNETS);
            String name = "tidegate" + index; // whoever has it has the subnet
            String subnet = "198." + (18 + index / 256) + "." + index % 256;
            Process keeper = new ProcessBuilder("/bin/sh", "-c", KEEPER, "tidegate-network", name, subnet)
                    .redirectErrorStream(true)
                    .start();
            BufferedReader said = keeper.inputReader(UTF_8);
            String line = said.readLine();
            if ("ready".equals(line)) {
                return new SplitNetwork(name, subnet, keeper);
            }
            String reason = line + said.lines().collect(Collectors.joining("; ", "; ", ""));
            if (!reason.contains("File exists") || attempt == ATTEMPTS_MAX) {
                throw new IOException("no network " + name + ": " + reason);
            }
        }
    }

    /** Where processes of that side run; all of them have one address. */
    public Place place(Side side) {
        try {
            InetAddress address = InetAddress.getByName(subnet + "." + side.host);
            return new Place(address, List.of("ip", "netns", "exec", name(side)));
        } catch (IOException e) {
            throw new IllegalStateException(e); // a literal address is not looked up
        }
    }

    /** Pulls that side's cable. */
    public void cut(Side side) throws IOException {
        set(side, "down");
    }

    public void heal(Side side) throws IOException {
        set(side, "up");
    }

    private void set(Side side, String state) throws IOException {
        String refusal = ip("link", "set", name(side), state);
        if (!refusal.isEmpty()) {
            throw new IOException(refusal);
        }
    }

    private String name(Side side) {
        return name + side.letter;
    }

    /** Returns once nothing is left of it. */
    @Override
    public void close() throws IOException {
        keeper.getOutputStream().close();
        await(keeper);
    }

    /** What it complained of; empty if it did what it was told. */
    private static String ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        return await(process) == 0 ? "" : String.join(" ", command) + ": " + said;
    }

    private static int await(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while networks were changed", e);
        }
    }
}
