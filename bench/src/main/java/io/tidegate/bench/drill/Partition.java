package io.tidegate.bench.drill;

import io.tidegate.bench.stage.Programs;
import io.tidegate.proxy.local.Place;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A network that can be cut in two: the first primary and the first sentinel are here, where the proxies and the
 * applications are too, the other servers and sentinels in a network namespace of their own, behind one cable. It is cut by
 * pulling the cable out at their end: what is sent from here is lost, and nobody here is told.
 */
final class Partition implements AutoCloseable {
    /** The kernel takes a while to forget a cable, so the next one has another name; a name has 15 characters at most. */
    private static final long NUMBERS_PER_PROCESS = 1_000;

    private static final AtomicLong OPENED = new AtomicLong();

    private final String namespace;
    private final String cable;
    private final String farEnd;
    private final InetAddress here;
    private final InetAddress there;

    private Partition(long number) throws IOException {
        namespace = "tidegate-drill-" + number;
        cable = "td" + number + "a";
        farEnd = "td" + number + "b";
        // Four of the addresses that are nobody's beyond a cable (RFC 3927), so that two drills do not meet.
        long block = 1 + number % (254 * 64 - 1);
        here = address(block * 4 + 1);
        there = address(block * 4 + 2);
    }

    private static InetAddress address(long lowBits) throws IOException {
        return InetAddress.getByAddress(new byte[] {(byte) 169, (byte) 254, (byte) (lowBits >> 8), (byte) lowBits});
    }

    /** Why there can be none on this machine, if so. */
    static Optional<String> missing() {
        if (!System.getProperty("user.name", "").equals("root")) {
            return Optional.of("a partition needs root");
        }
        return Programs.find("ip").isPresent()
                ? Optional.empty()
                : Optional.of("a partition needs ip, which is not installed");
    }

    /** Makes the namespace and the cable; it is whole. */
    static Partition open() throws IOException, InterruptedException {
        long opened = OPENED.getAndIncrement() % NUMBERS_PER_PROCESS;
        Partition partition = new Partition(ProcessHandle.current().pid() % 10_000_000 * NUMBERS_PER_PROCESS + opened);
        run("ip", "netns", "add", partition.namespace);
        try {
            partition.connect();
            return partition;
        } catch (IOException | InterruptedException | RuntimeException e) {
            partition.close();
            throw e;
        }
    }

    private void connect() throws IOException, InterruptedException {
        run("ip", "link", "add", cable, "type", "veth", "peer", "name", farEnd, "netns", namespace);
        run("ip", "address", "add", here.getHostAddress(), "peer", there.getHostAddress(), "dev", cable);
        run("ip", "link", "set", cable, "up");
        // Not at the cable's end: they are to reach one another without it.
        inside("address", "add", there.getHostAddress() + "/32", "dev", "lo");
        inside("link", "set", "lo", "up");
        heal();
    }

    /** Of the process with this index, servers before sentinels: the first of each kind is here, the majority there. */
    Place place(int index, int servers) {
        return index == 0 || index == servers
                ? new Place(here, List.of())
                : new Place(there, List.of("ip", "netns", "exec", namespace));
    }

    /** From now on nothing gets through. */
    void cut() throws IOException, InterruptedException {
        inside("link", "set", farEnd, "down");
    }

    /** From now on everything gets through again. */
    void heal() throws IOException, InterruptedException {
        inside("link", "set", farEnd, "up");
        // It goes whenever the link does.
        inside("route", "add", here.getHostAddress(), "dev", farEnd, "src", there.getHostAddress());
    }

    private void inside(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ip", "-n", namespace));
        command.addAll(List.of(arguments));
        run(command.toArray(String[]::new));
    }

    /** The servers there have ended; the cable goes with the namespace. */
    @Override
    public void close() throws IOException {
        try {
            run("ip", "netns", "delete", namespace);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted; the network namespace " + namespace + " is still there", e);
        }
    }

    private static void run(String... command) throws IOException, InterruptedException {
        Programs.output(List.of(command));
    }
}
