package io.tidegate.routing;

import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.Replica;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The replicas of a table, in the engine's order, and beside that as a decision needs them: those whose health lets them
 * serve have each a <em>place</em>, own zone first, with what is asked of every one of them in an array. So whatever is
 * the same for all requests is found out once per table, not once per request. Of those that may be promoted, healthy or
 * not, the instants up to which so many of them hold everything. Immutable.
 */
final class Lineup extends AbstractList<Replica> implements RandomAccess {
    private final Replica[] replicas;
    private final Node[] nodes;
    private final int[] ids;
    private final long[] asOfNanos;
    private final int[] dataSets;
    private final int[] everyPlace;
    private final int near;
    private final long oldestNanos;
    /** As-of of those that may be promoted, in ascending order. */
    private final long[] promotableNanos;

    Lineup(List<Replica> inOrder) {
        replicas = List.copyOf(inOrder).toArray(Replica[]::new);
        int places = 0;
        for (Replica replica : replicas) {
            places += serves(replica) ? 1 : 0;
        }
        nodes = new Node[places];
        ids = new int[places];
        asOfNanos = new long[places];
        dataSets = new int[places];
        near = place(true, 0);
        place(false, near);
        everyPlace = IntStream.range(0, places).toArray();
        oldestNanos = LongStream.of(asOfNanos).min().orElse(Instants.FOREVER);
        promotableNanos = promotable(replicas);
    }

    private static long[] promotable(Replica[] replicas) {
        long[] nanos = new long[replicas.length];
        int count = 0;
        for (Replica replica : replicas) {
            if (replica.promotable()) {
                nanos[count++] = replica.asOfNanos();
            }
        }
        Arrays.sort(nanos, 0, count);
        return Arrays.copyOf(nanos, count);
    }

    private int place(boolean sameZone, int from) {
        int place = from;
        for (Replica replica : replicas) {
            if (serves(replica) && replica.node().sameZone() == sameZone) {
                nodes[place] = replica.node();
                ids[place] = replica.node().id();
                asOfNanos[place] = replica.asOfNanos();
                dataSets[place] = replica.dataSet();
                place++;
            }
        }
        return place;
    }

    private static boolean serves(Replica replica) {
        return replica.health() == RouteReason.ELIGIBLE;
    }

    /** How many replicas have a place: 0..places()-1. */
    int places() {
        return ids.length;
    }

    /** The places in order. Not to be written to. */
    int[] everyPlace() {
        return everyPlace;
    }

    /** The earliest as-of of a place: where this is fresh enough, all are. */
    long oldestNanos() {
        return oldestNanos;
    }

    /** How many replicas may be promoted, as far as is known. */
    int promotable() {
        return promotableNanos.length;
    }

    /** Up to when {@code count} of those that may be promoted hold everything; unknown where there are fewer. */
    long heldNanos(int count) {
        return count > promotableNanos.length ? Instants.UNKNOWN : promotableNanos[promotableNanos.length - count];
    }

    /** Up to when all that may be promoted hold everything; unknown where there is none, since then nobody else has it. */
    long heldByAllNanos() {
        return promotableNanos.length == 0 ? Instants.UNKNOWN : promotableNanos[0];
    }

    /** How many of those that may be promoted hold everything executed before {@code nanos}. */
    int holders(long nanos) {
        int holders = 0;
        for (long asOf : promotableNanos) {
            holders += asOf >= nanos ? 1 : 0;
        }
        return holders;
    }

    /** Of the places, how many are in the own zone; they come first. */
    int near() {
        return near;
    }

    /** The place of this very process, -1 if it has none. */
    int place(Node process) {
        for (int place = 0; place < nodes.length; place++) {
            if (ids[place] == process.id() && Causality.sameProcess(nodes[place], process)) {
                return place;
            }
        }
        return -1;
    }

    Node node(int place) {
        return nodes[place];
    }

    int id(int place) {
        return ids[place];
    }

    int dataSet(int place) {
        return dataSets[place];
    }

    long asOfNanos(int place) {
        return asOfNanos[place];
    }

    @Override
    public Replica get(int index) {
        return replicas[index];
    }

    @Override
    public int size() {
        return replicas.length;
    }
}
