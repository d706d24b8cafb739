package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.RoutingTable.Node;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.command.CommandTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandsReaderTest {
    private static final List<Object> MODULE = List.of("my.module.get", 2L, List.of("readonly"), 1L, 1L, 1L);

    private final List<String> asked = new ArrayList<>();
    private final List<Consumer<List<Reply>>> waiting = new ArrayList<>();
    private final List<CommandTable> tables = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();
    private boolean connected = true;

    private final CommandsReader reader = new CommandsReader(
            (primary, consumer) -> {
                if (connected) {
                    asked.add(primary.runId());
                    waiting.add(consumer);
                }
                return connected;
            },
            tables::add,
            complaints::add);

    @Test
    void asksTheFirstPrimaryAtOnceAndALaterOneWhenItIsCalm() {
        reader.tick(RoutingTable.EMPTY, 1);
        reader.tick(table("one", WriteGate.FENCED), 2);
        assertThat(asked).isEmpty();
        reader.tick(table("one", WriteGate.OPEN), 3);
        reader.tick(table("one", WriteGate.OPEN), 4);
        assertThat(asked).containsExactly("one");

        reader.tick(table("two", WriteGate.OPEN), 10);
        reader.tick(table("two", WriteGate.OPEN), 9 + CommandsReader.CALM_NANOS);
        assertThat(asked).containsExactly("one");
        reader.tick(table("two", WriteGate.OPEN), 10 + CommandsReader.CALM_NANOS);
        assertThat(asked).containsExactly("one", "two");
    }

    @Test
    void asksAgainWhileThereIsNoConnection() {
        connected = false;
        reader.tick(table("one", WriteGate.OPEN), 1);
        connected = true;
        reader.tick(table("one", WriteGate.OPEN), 2);
        assertThat(asked).containsExactly("one");
    }

    @Test
    void whatTheServerSaysIsAddedAndWhatCannotBeReadIsComplainedOf() {
        reader.tick(table("one", WriteGate.OPEN), 1);
        waiting.get(0).accept(List.of(Texts.list(MODULE), Texts.error("NOPERM no COMMAND INFO for you")));
        assertThat(tables).hasSize(1);
        assertThat(tables.get(0).find("my.module.get")).isNotNull();
        assertThat(tables.get(0).find("get")).isNotNull();
        assertThat(tables.get(0).namesKept()).isFalse();

        waiting.get(0).accept(List.of(Texts.error("NOPERM no COMMAND for you"), Texts.nothing()));
        assertThat(tables).hasSize(1);
        assertThat(complaints).containsExactly("QUERY: NOPERM no COMMAND for you; the commands known before are used");
    }

    @Test
    void whatIsListedAndNotKnownByItsNameIsRenamed() {
        reader.tick(table("one", WriteGate.OPEN), 1);
        List<String> names = CommandsReader.names().arguments();
        assertThat(names).contains("INFO", "multi", "subscribe", "blpop", "client", "select", "xread", "wait");
        assertThat(names).doesNotContain("get", "config", "publish", "client|id", "script");
        List<@Nullable Object> known = new ArrayList<>(names.subList(1, names.size()));
        int multi = known.indexOf("multi");
        known.set(multi, null);
        waiting.get(0).accept(List.of(Texts.list(MODULE), Texts.reply(known)));
        assertThat(tables.get(0).namesKept()).as("it is not there at all").isTrue();
        assertThat(complaints).isEmpty();

        List<Object> renamed = List.of("multi", 1L, List.of("noscript"), 0L, 0L, 0L);
        waiting.get(0).accept(List.of(Texts.list(renamed), Texts.reply(known)));
        assertThat(tables.get(1).namesKept()).isFalse();
        assertThat(complaints).hasSize(1).first().asString().contains("renamed multi;");
    }

    private static RoutingTable table(String runId, WriteGate gate) {
        Node primary = new Node(0, new NodeAddress("127.0.0.1", 1), runId, true);
        return new RoutingTable(1, 1, primary, gate, 0, List.of(), false);
    }
}
