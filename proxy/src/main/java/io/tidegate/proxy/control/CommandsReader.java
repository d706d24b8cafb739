package io.tidegate.proxy.control;

import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandTable;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the primary for its commands, once per process. The first primary is asked at once; a later one when it has been
 * in use for a while, since the nodes of a shard nearly always know the same commands, and the reply is long: during a
 * failover the control loop has better things to read.
 */
final class CommandsReader {
    static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Asks a node for {@code COMMAND}. */
    interface Asker {
        /** False if that process cannot be asked now. */
        boolean ask(Node primary, Consumer<Reply> consumer);
    }

    private final Asker asker;
    private final Consumer<CommandTable> tables;
    private final Consumer<String> complaints;

    private @Nullable String askedRunId;
    private @Nullable String primaryRunId;
    private long primarySinceNanos;

    CommandsReader(Asker asker, Consumer<CommandTable> tables, Consumer<String> complaints) {
        this.asker = asker;
        this.tables = tables;
        this.complaints = complaints;
    }

    /** Time has passed. */
    void tick(RoutingTable table, long nowNanos) {
        Node primary = table.primary();
        if (primary == null
                || primary.runId().equals(askedRunId)
                || !table.writes().open()) {
            return;
        }
        if (!primary.runId().equals(primaryRunId)) {
            primaryRunId = primary.runId();
            primarySinceNanos = nowNanos;
        }
        boolean calm = askedRunId == null || nowNanos - primarySinceNanos >= CALM_NANOS;
        if (calm && asker.ask(primary, this::told)) {
            askedRunId = primary.runId();
        }
    }

    private void told(Reply reply) {
        CommandTable table;
        try {
            table = CommandTable.builtin().withServerFacts(CommandReply.facts(reply));
        } catch (Reply.UnreadableException e) {
            complaints.accept(e.getMessage() + "; the commands known before are used");
            return;
        }
        tables.accept(table);
    }
}
