package io.tidegate.proxy.control;

import io.lettuce.core.protocol.CommandType;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.command.CommandFacts;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Asks the primary for its commands, once per process. The first primary is asked at once; a later one when it has been
 * in use for a while, since the nodes of a shard nearly always know the same commands, and the reply is long: during a
 * failover the control loop has better things to read.
 *
 * <p>COMMAND says a command's own name, be it renamed ({@code rename-command}) or not; COMMAND INFO knows it by the name that
 * clients have to use. So what the one lists and the other does not know is renamed.
 */
final class CommandsReader {
    static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** Those that nobody can pass on who does not know them by their name. */
    private static final List<String> TO_BE_KNOWN = CommandTable.builtin().all().stream()
            .filter(CommandSpec::concernsConnection)
            .map(CommandSpec::name)
            .filter(name -> name.indexOf('|') < 0)
            .toList();

    /** Asks a node for {@code COMMAND}, and {@link #names}. */
    interface Asker {
        /** False if that process cannot be asked now. */
        boolean ask(Node primary, Consumer<List<Reply>> consumer);
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

    /** Which of the commands that concern a connection the server knows by their names. */
    static Query names() {
        List<String> words = new ArrayList<>(List.of("INFO"));
        words.addAll(TO_BE_KNOWN);
        return Query.of(CommandType.COMMAND, words.toArray(new String[0]));
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

    private void told(List<Reply> replies) {
        CommandTable table;
        try {
            List<CommandFacts> facts = CommandReply.facts(replies.get(0));
            table = CommandTable.builtin().withServerFacts(facts, namesKept(facts, replies.get(1)));
        } catch (Reply.UnreadableException e) {
            complaints.accept(e.getMessage() + "; the commands known before are used");
            return;
        }
        tables.accept(table);
    }

    /** {@code known} has an element for each that is {@link #TO_BE_KNOWN}, null if the server does not go by that name. */
    private boolean namesKept(List<CommandFacts> all, Reply known) {
        if (known.error() != null || known.list().size() != TO_BE_KNOWN.size()) {
            return false;
        }
        Set<String> listed = all.stream().map(CommandFacts::name).collect(Collectors.toSet());
        List<String> renamed = IntStream.range(0, TO_BE_KNOWN.size())
                .filter(i -> known.list().get(i) == null)
                .mapToObj(TO_BE_KNOWN::get)
                .filter(listed::contains)
                .toList();
        if (!renamed.isEmpty()) {
            complaints.accept("the primary has renamed " + String.join(", ", renamed)
                    + "; what concerns a connection is refused under another name");
        }
        return renamed.isEmpty();
    }
}
