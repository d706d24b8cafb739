package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.Clock;
import io.tidegate.proxy.control.Errands.Told;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Completes a switchover that another proxy has begun and does not go on with, by sentinels: those have promoted another
 * node, and the primary that it has paused is still no replica. When that pause ends it would execute what it keeps back,
 * which would be lost; as a replica it refuses it. It is made one here, as whoever began it would, and the sentinels do it some
 * 10 s later; but only while this proxy's clients wait for that, and the mark of a switchover is there ({@link MarkedPrimary}).
 *
 * <p>The order goes over a connection on which the node has just said that it is primary, while the sentinels name another
 * one. Were the node promoted again in between, they would close the connection, and the order would not be executed. On the
 * control loop.
 */
final class Completion {
    private static final Logger log = LoggerFactory.getLogger(Completion.class);

    private static final long ANSWER_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_000);

    /** From the look to the order. A process that was stopped in between looks again, if still asked to. */
    private static final long FRESH_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(500);

    private final Connector connector;
    private final Clock clock;
    private final ControlLoop loop;
    private boolean busy;

    Completion(Connector connector, Clock clock, ControlLoop loop) {
        this.connector = connector;
        this.clock = clock;
        this.loop = loop;
    }

    /** Somebody waits for a refusal of that node. What is under way already is not begun anew. */
    void wanted(NodeAddress replaced) {
        NodeAddress primary = primary();
        if (busy || primary == null || primary.equals(replaced)) {
            return;
        }
        busy = true;
        Errands errands = new Errands(connector, Runnable::run);
        long askedNanos = clock.nowNanos();
        List<Query> look = List.of(Query.of(CommandType.CLIENT, "LIST"), Query.of(CommandType.INFO, "replication"));
        errands.askNode(replaced, look, ANSWER_NANOS_MAX, told -> {
            errands.seal();
            boolean fresh = clock.nowNanos() - askedNanos <= FRESH_NANOS_MAX && primary.equals(primary());
            if (fresh && abandoned(told)) {
                errands.askNode(replaced, List.of(MarkedPrimary.replicaOf(primary)), ANSWER_NANOS_MAX, ordered -> {
                    end(errands);
                    tell(replaced, primary, ordered);
                });
            } else {
                end(errands);
                log.debug("{} is not made a replica of {}: {}", replaced, primary, told.trouble());
            }
        });
    }

    private void end(Errands errands) {
        busy = false;
        errands.close();
    }

    /** Whom enough sentinels name; null while that is open. */
    private @Nullable NodeAddress primary() {
        RoutingTable table = loop.table();
        RoutingTable.Node primary = table.primary();
        return primary != null && table.writes().open() ? primary.address() : null;
    }

    /** Whether it is in a switchover, and still primary. */
    private static boolean abandoned(Told told) {
        return told.trouble() == null
                && MarkedPrimary.other(told.replies().get(0).text(), "") != null
                && InfoReply.of(told.replies().subList(1, 2)).is("role", "master");
    }

    private static void tell(NodeAddress replaced, NodeAddress primary, Told ordered) {
        String trouble = ordered.trouble();
        log.atInfo()
                .addKeyValue("event", "switchover")
                .log(
                        "switchover: begun elsewhere and not gone on with: {} {}",
                        replaced,
                        trouble == null
                                ? "now follows " + primary
                                : "could not be made to follow " + primary + ": " + trouble);
    }
}
