package io.tidegate.proxy.control;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.routing.NodeAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The primary as a switchover has it: one connection, whose name tells every other switcher that one is at work, and by
 * which alone the primary is paused, let go on and made a replica. A server has one pause for all that ask for it, and
 * {@code CLIENT UNPAUSE} ends everybody's: so who does not hold the mark does neither.
 *
 * <p>A switcher names its connection and looks who else has, in one write, which a server works off in one go: of two the
 * second sees the first, and the first nobody. (Were the write cut in two, both may see one another, and both refuse.) The
 * mark goes with the connection, so with the process that had it; a lost connection is not opened again. A sentinel that
 * makes the node a replica, or primary, closes it ({@code CLIENT KILL TYPE normal}): what is sent by it after that, from a
 * process that was stopped for however long, is not executed.
 */
final class MarkedPrimary {
    /** A switchover's connection in {@code CLIENT LIST}. */
    static final String NAME = "tidegate-switchover";

    /** The damage if this process dies: writes wait for so long, and then the old primary goes on. */
    static final long PAUSE_MILLIS = 3_000;

    /** So long it waits for the replica that it is to hand over to, if nobody calls that off. */
    static final long HAND_OVER_MILLIS = 2_000;

    /** Lettuce has no word for it. */
    static final ProtocolKeyword FAILOVER = new Word("FAILOVER");

    private record Word(String text) implements ProtocolKeyword {
        @Override
        public byte[] getBytes() {
            return text.getBytes(US_ASCII);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final Logger log = LoggerFactory.getLogger(MarkedPrimary.class);

    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);
    private static final long MARGIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long RENEWAL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Query ID = Query.of(CommandType.CLIENT, "ID");
    private static final Query MARK = Query.of(CommandType.CLIENT, "SETNAME", NAME);
    private static final Query LIST = Query.of(CommandType.CLIENT, "LIST");
    private static final Query REPLICATION = Query.of(CommandType.INFO, "replication");
    private static final Query PAUSE = Query.of(CommandType.CLIENT, "PAUSE", Long.toString(PAUSE_MILLIS), "WRITE");
    private static final Query UNPAUSE = Query.of(CommandType.CLIENT, "UNPAUSE");

    private final Errands errands;
    private final Clock clock;
    private final NodeAddress address;
    private final PauseProof proof = new PauseProof(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS), MARGIN_NANOS);
    private long pausedNanos;
    private boolean warned;

    /** @param errands for this node only; closed by who made them */
    MarkedPrimary(Errands errands, Clock clock, NodeAddress address) {
        this.errands = errands;
        this.clock = clock;
        this.address = address;
    }

    /** Sees who else is at work, changing nothing; told what speaks against beginning, or null. */
    void look(Consumer<@Nullable String> then) {
        errands.askNode(address, List.of(ID, LIST, REPLICATION), ANSWER_NANOS_MAX, told -> then.accept(against(told)));
    }

    /** Names the connection and sees who else is at work; told what speaks against going on, or null if the mark is ours. */
    void mark(Consumer<@Nullable String> then) {
        errands.askNode(address, List.of(ID, MARK, LIST, REPLICATION), ANSWER_NANOS_MAX, told -> {
            errands.seal();
            then.accept(against(told));
        });
    }

    private @Nullable String against(Told told) {
        String trouble = told.trouble();
        if (trouble != null) {
            return "whether another switchover is under way cannot be seen at " + address + ": " + trouble;
        }
        List<Reply> replies = told.replies();
        String own = String.valueOf(replies.get(0).value());
        String other = other(replies.get(replies.size() - 2).text(), own);
        if (other != null) {
            return "another switchover of " + address + " is under way: " + other;
        }
        InfoReply info = InfoReply.of(replies.subList(replies.size() - 1, replies.size()));
        return info.is("role", "master") ? null : address + " is no primary any more";
    }

    /** Of the lines of {@code CLIENT LIST} one that is marked and not {@code own}, in words. */
    static @Nullable String other(String list, String own) {
        return list.lines()
                .map(MarkedPrimary::fields)
                .filter(client -> NAME.equals(client.get("name")) && !own.equals(client.get("id")))
                .findFirst()
                .map(client -> "the connection from " + client.get("addr") + " (if nobody is behind it: CLIENT KILL ID "
                        + client.get("id") + " there)")
                .orElse(null);
    }

    private static Map<String, String> fields(String line) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : line.split(" ", -1)) {
            int equals = field.indexOf('=');
            if (equals > 0) {
                fields.put(field.substring(0, equals), field.substring(equals + 1));
            }
        }
        return fields;
    }

    /** Has it execute no writes. */
    void pause(Consumer<Told> then) {
        long sentNanos = clock.nowNanos();
        pausedNanos = sentNanos;
        errands.askNode(address, List.of(PAUSE), ANSWER_NANOS_MAX, told -> {
            if (told.trouble() == null) {
                proof.paused(sentNanos, clock.nowNanos());
            }
            then.accept(told);
        });
    }

    /** Goes on doing so, where that was not asked for lately. */
    void keepPaused() {
        if (clock.nowNanos() - pausedNanos >= RENEWAL_NANOS) {
            pause(told -> {
                if (told.trouble() != null && !warned) {
                    warned = true;
                    log.warn("switchover: {} cannot be paused any longer: {}", address, told.trouble());
                }
            });
        }
    }

    /** Whether it provably has executed no writes since {@link #pause} was first answered. */
    boolean provablyPaused() {
        return proof.holds(clock.nowNanos());
    }

    void unpause(Consumer<Told> then) {
        errands.askNode(
                address,
                List.of(UNPAUSE),
                ANSWER_NANOS_MAX,
                told -> then.accept(
                        told.failure() == null
                                ? told
                                : new Told(
                                        List.of(),
                                        told.failure() + "; the pause ends by itself within " + PAUSE_MILLIS + " ms")));
    }

    /** Makes it a replica. */
    void follow(NodeAddress primary, Consumer<Told> then) {
        errands.askNode(address, List.of(replicaOf(primary)), ANSWER_NANOS_MAX, then);
    }

    static Query replicaOf(NodeAddress primary) {
        return Query.of(CommandType.REPLICAOF, primary.host(), Integer.toString(primary.port()));
    }

    /** Has it hand over to that replica, by the address by which it knows it. */
    void failOver(NodeAddress replica, Consumer<Told> then) {
        Query order = Query.of(
                FAILOVER,
                "TO",
                replica.host(),
                Integer.toString(replica.port()),
                "TIMEOUT",
                Long.toString(HAND_OVER_MILLIS));
        errands.askNode(address, List.of(order), ANSWER_NANOS_MAX, then);
    }

    /**
     * Has it not hand over, and go on keeping writes back, in one write: up to Redis 6.2 the end of the one is the end of the
     * other. The replies are to these two and to {@code INFO replication}.
     */
    void callOff(Consumer<Told> then) {
        pausedNanos = clock.nowNanos();
        errands.askNode(address, List.of(Query.of(FAILOVER, "ABORT"), PAUSE, REPLICATION), ANSWER_NANOS_MAX, then);
    }
}
