package io.tidegate.routing;

import io.tidegate.routing.RoutingTable.Node;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What must hold a write before it is acknowledged, besides the primary. A rule names which replicas, of those that may be
 * promoted, must have which as-of; the package's essay says what that makes survive.
 *
 * @param replicas how many of them must hold it: 0 none, {@link #ALL} all that are known
 * @param lossNanosMax none of them may lack what was executed longer than this before the reply was read; {@link
 *     #NO_LIMIT} without such a limit
 */
public record Durability(int replicas, long lossNanosMax) {
    public static final int ALL = Integer.MAX_VALUE;
    public static final long NO_LIMIT = Long.MAX_VALUE;

    /** The primary's reply is enough. */
    public static final Durability ACKNOWLEDGED = new Durability(0, NO_LIMIT);

    /** What {@link #parse} accepts, for error texts. */
    public static final String EXPECTED = "acknowledged | replicated(<count>) | replicated(all)";

    private static final Pattern REPLICATED = Pattern.compile("replicated\\(\\s*(\\d{1,3}|all)\\s*\\)");

    public Durability {
        if (replicas < 0 || lossNanosMax < 0) {
            throw new IllegalArgumentException(
                    "replicas: " + replicas + ", loss: " + lossNanosMax + " ns (expected: neither below 0)");
        }
    }

    /**
     * Reads a rule as configuration and {@code PROXY DURABILITY} write it.
     *
     * @throws IllegalArgumentException with what was expected
     */
    public static Durability parse(String text) {
        if (text.trim().equals("acknowledged")) {
            return ACKNOWLEDGED;
        }
        Matcher replicated = REPLICATED.matcher(text.trim());
        if (!replicated.matches() || replicated.group(1).matches("0+")) {
            throw new IllegalArgumentException("writes: '" + text + "' (expected: " + EXPECTED + ")");
        }
        String count = replicated.group(1);
        return new Durability(count.equals("all") ? ALL : Integer.parseInt(count), NO_LIMIT);
    }

    /** Both rules together: the stricter of each part. */
    public Durability and(Durability other) {
        return new Durability(Math.max(replicas, other.replicas), Math.min(lossNanosMax, other.lossNanosMax));
    }

    public Durability withLossMax(long nanosMax) {
        return new Durability(replicas, nanosMax);
    }

    /** Whether it asks for any replica at all. */
    public boolean asksReplicas() {
        return replicas > 0 || lossNanosMax != NO_LIMIT;
    }

    /** Whether every replica that may be promoted has a say. */
    private boolean asksAll() {
        return replicas == ALL || lossNanosMax != NO_LIMIT;
    }

    /** Of how many replicas an acknowledgement speaks: those that are known to be promotable, or the number it names. */
    public int needed(RoutingTable table) {
        return asksAll() ? table.promotable() : replicas;
    }

    /** What keeps back a reply of the primary. */
    public enum Missing {
        /** Nothing: it may go. */
        NOTHING,
        /**
         * It is not proven that {@code process} was the primary then, or still is what the replicas follow; nor that what it
         * replied is part of what its successor took over.
         */
        CLAIM,
        /** Too few replicas hold it. */
        REPLICAS
    }

    /**
     * The one question before a reply goes out: whether the evidence reaches it. It must be of the very process that
     * replied, or have been taken over from it, since another process at its address may have forgotten the write.
     *
     * @param claimEpoch under which the connection was opened
     * @param process at its other end
     * @param readNanos an instant after the reply was read
     */
    public Missing missing(RoutingTable table, long claimEpoch, Node process, long readNanos) {
        boolean proven = table.proves(claimEpoch, process, readNanos)
                || table.fork().keeps(claimEpoch, process.runId(), readNanos);
        if (!proven) {
            return Missing.CLAIM;
        }
        return !asksReplicas() || held(table.lineup(), readNanos) ? Missing.NOTHING : Missing.REPLICAS;
    }

    /**
     * Of a reply that the claim in use has taken over from the one before, the replicas are those of the claim in use. Their
     * as-ofs are within its history, whose samples are all taken from the successor as a primary, at or beyond the fork; the
     * write lies below, so whoever has any as-of there at all holds it, and surely whoever has one that reaches the reply.
     */
    private boolean held(Lineup lineup, long readNanos) {
        boolean byEnough =
                replicas == 0 || (replicas == ALL ? lineup.heldByAllNanos() : lineup.heldNanos(replicas)) >= readNanos;
        return byEnough && (lossNanosMax == NO_LIMIT || lineup.heldByAllNanos() >= readNanos - lossNanosMax);
    }

    @Override
    public String toString() {
        String rule = switch (replicas) {
            case 0 -> "acknowledged";
            case ALL -> "replicated(all)";
            default -> "replicated(" + replicas + ")";
        };
        return lossNanosMax == NO_LIMIT ? rule : rule + " max-loss " + lossNanosMax / 1_000_000 + "ms";
    }
}
