package io.tidegate.proxy.control;

import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.protocol.CommandType;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.proxy.metrics.BackendView;
import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.Role;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The watch over one Redis node: {@code INFO} once a second or so and when the engine asks, {@code ROLE} when the {@link
 * Prober} wants it (or INFO, which says all that ROLE says, where it is nearly due: at rest one exchange a second is all), {@code COMMAND} when this is the primary and its commands are not known, and all of
 * INFO now and then for {@link BackendView}. Wishes that come while an
 * exchange is outstanding are remembered, as one of each kind, since what is outstanding was written before them.
 */
final class NodeLink extends Link<StatefulRedisConnection<String, String>> implements Prober.Node {
    private static final long INFO_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** When INFO is old enough to take the place of a ROLE; less than the time between two rounds at rest. */
    private static final long INFO_NANOS_OLD = INFO_NANOS * 3 / 4;

    /** When it is asked for by itself; more than the time between two rounds at rest. */
    private static final long INFO_NANOS_MAX = INFO_NANOS * 5 / 4;

    /** Who is busy with a script is asked again after so long: less than makes a node silent. */
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** INFO costs the server much more than ROLE, so however often it is asked for, not more often than this. */
    private static final long INFO_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);

    /** One section each: servers before 7.0 take no more. */
    private static final List<Query> INFO = List.of(
            Query.of(CommandType.INFO, "server"),
            Query.of(CommandType.INFO, "replication"),
            Query.of(CommandType.INFO, "persistence"));

    /** All that is not costly: for meters, and only while somebody scrapes them. */
    private static final List<Query> BACKEND = List.of(Query.of(CommandType.INFO));

    private static final List<Query> ROLE = List.of(Query.of(CommandType.ROLE));
    /** All commands, and which of those that {@link CommandsReader} asks about go by that name. */
    private static final List<Query> COMMAND = List.of(Query.of(CommandType.COMMAND), CommandsReader.names());

    private final Prober prober;

    private boolean roleWanted;
    private long roundTripNanos;
    private long answeredNanos = Instants.UNKNOWN;

    // Of the current connection.
    private @Nullable String runId;
    private @Nullable Consumer<List<Reply>> commandsWanted;
    private long infoWrittenNanos = Instants.UNKNOWN;
    private long infoDueNanos = Instants.UNKNOWN;
    private long backendDueNanos = Instants.UNKNOWN;
    /** Before that nothing is asked. */
    private long againNanos = Instants.UNKNOWN;

    NodeLink(Context context, NodeAddress address, Prober prober) {
        super(context, address);
        this.prober = prober;
    }

    /** Asks for INFO ahead of its turn. */
    void askInfo() {
        infoDueNanos = infoWrittenNanos + INFO_NANOS_MIN;
        if (isReady()) {
            ready();
        }
    }

    @Override
    public boolean askRole() {
        if (!usable()) {
            return false;
        }
        roleWanted = true;
        if (isReady()) {
            ready();
        }
        return true;
    }

    /**
     * Has the node do something over the connection of this number, now or not at all: the engine's word is about what the
     * node has just said over it, and an order that had to wait would be about the past.
     */
    void order(long number, Query order) {
        if (isReady() && isCurrent(number)) {
            ask(List.of(order), answer -> {
                String refusal = answer.replies().get(0).error();
                if (refusal != null) {
                    context.complaints().accept(toString(), order + ": " + Reasons.printable(refusal));
                }
            });
        }
    }

    /** Asks {@link #COMMAND} of this process; false if that process is not (known to be) at the other end. */
    boolean askCommands(String expectedRunId, Consumer<List<Reply>> consumer) {
        if (!usable() || !expectedRunId.equals(runId)) {
            return false;
        }
        commandsWanted = consumer;
        if (isReady()) {
            ready();
        }
        return true;
    }

    @Override
    public long answeredNanos() {
        return answeredNanos;
    }

    @Override
    public long roundTripNanos() {
        return roundTripNanos;
    }

    @Override
    CompletionStage<? extends StatefulRedisConnection<String, String>> dial(NodeAddress node) {
        return context.connector().node(node);
    }

    @Override
    void connected(StatefulRedisConnection<String, String> fresh, long link) {
        runId = null;
        commandsWanted = null;
        infoWrittenNanos = Instants.UNKNOWN;
        infoDueNanos = Instants.UNKNOWN;
        backendDueNanos = Instants.UNKNOWN;
        againNanos = Instants.UNKNOWN;
    }

    @Override
    void ready() {
        long nowNanos = context.clock().nowNanos();
        if (nowNanos < againNanos) {
            readyIn(againNanos - nowNanos);
            return;
        }
        boolean infoOld = nowNanos >= infoWrittenNanos + INFO_NANOS_OLD;
        if (nowNanos >= infoDueNanos || (roleWanted && infoOld)) {
            roleWanted = false;
            infoWrittenNanos = nowNanos;
            infoDueNanos = nowNanos + INFO_NANOS_MAX - context.random().nextLong(INFO_NANOS / 8);
            ask(INFO, this::informed);
        } else if (commandsWanted != null) {
            Consumer<List<Reply>> consumer = commandsWanted;
            commandsWanted = null;
            ask(COMMAND, answer -> consumer.accept(answer.replies()));
        } else if (roleWanted) {
            roleWanted = false;
            ask(ROLE, this::roleTold);
        } else if (nowNanos >= backendDueNanos && context.backend().wanted(nowNanos)) {
            backendDueNanos = nowNanos + BackendView.INTERVAL_NANOS;
            ask(
                    BACKEND,
                    answer -> context.backend()
                            .told(address, InfoReply.of(answer.replies()).fields()));
        } else {
            readyIn(infoDueNanos - nowNanos);
        }
    }

    @Override
    Event lost(long link, String reason) {
        context.backend().lost(address);
        return new Event.NodeLost(address, link, Faults.of(reason), reason);
    }

    private void informed(Answer answer) {
        if (busy(answer)) {
            return;
        }
        ReplicationInfo info = InfoReply.of(answer.replies()).replication();
        runId = info.runId();
        tell(new Event.NodeInfo(address, answer.link(), answer.writtenNanos(), answer.readNanos(), info));
        sampled(answer);
    }

    private void roleTold(Answer answer) {
        if (busy(answer)) {
            return;
        }
        Role role = RoleReply.role(answer.replies().get(0));
        tell(new Event.NodeRole(address, answer.link(), answer.writtenNanos(), answer.readNanos(), role));
        sampled(answer);
    }

    /**
     * Whether it is busy with a script, and says nothing else until that ends or is killed. It is no less there for that, and
     * nothing of it has changed: it is asked again, and meanwhile proves nothing.
     */
    private boolean busy(Answer answer) {
        boolean busy = answer.replies().stream()
                .anyMatch(reply -> reply.error() != null && reply.error().startsWith("BUSY "));
        if (busy) {
            tell(new Event.NodeBusy(address, answer.link(), answer.readNanos()));
            prober.lost(address);
            roleWanted = true;
            againNanos = answer.readNanos() + BUSY_NANOS;
        }
        return busy;
    }

    private void sampled(Answer answer) {
        roundTripNanos = answer.readNanos() - answer.writtenNanos();
        answeredNanos = answer.writtenNanos();
        prober.sampled(address, answer.writtenNanos());
    }

    @Override
    public String toString() {
        return "node " + address;
    }
}
