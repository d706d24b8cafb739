package io.tidegate.proxy.agreement;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * One pipeline on one connection. The next step begins when all replies are there, unless this one ends in a command that
 * waits for what another connection does.
 *
 * @param connection its index
 * @param cutSeed how the bytes are cut into pieces
 * @param waits whether its last request is answered only when a later step has woken it
 */
record Step(int connection, List<Request> requests, long cutSeed, boolean waits) {
    private static final int CUTS_MAX = 6;

    Step(int connection, List<Request> requests, long cutSeed) {
        this(connection, requests, cutSeed, false);
    }

    Step with(List<Request> others) {
        return new Step(connection, others, cutSeed, waits);
    }

    /**
     * The bytes in the pieces in which they are sent. What makes the server close the connection comes in one piece: it
     * may do so at the first byte, and what arrives later would have the kernel throw its last words away.
     */
    List<byte[]> pieces() {
        Random random = new Random(cutSeed);
        int length =
                requests.stream().mapToInt(request -> request.wire().length).sum();
        byte[] all = new byte[length];
        int at = 0;
        int cuttable = length;
        for (Request request : requests) {
            System.arraycopy(request.wire(), 0, all, at, request.wire().length);
            cuttable = request.closes() ? Math.min(cuttable, at) : cuttable;
            at += request.wire().length;
        }
        List<byte[]> pieces = new ArrayList<>();
        int from = 0;
        for (int cuts = random.nextInt(CUTS_MAX); cuts > 0 && from < cuttable; cuts--) {
            int to = from + 1 + random.nextInt(random.nextBoolean() ? Math.min(30, cuttable - from) : cuttable - from);
            pieces.add(java.util.Arrays.copyOfRange(all, from, to));
            from = to;
        }
        if (from < length) {
            pieces.add(java.util.Arrays.copyOfRange(all, from, length));
        }
        return pieces;
    }

    @Override
    public String toString() {
        return requests.stream()
                .map(request -> "    connection " + connection + ": " + request)
                .collect(Collectors.joining("\n", "", waits ? " (waits)" : ""));
    }
}
