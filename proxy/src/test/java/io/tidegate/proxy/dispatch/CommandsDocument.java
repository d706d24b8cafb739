package io.tidegate.proxy.dispatch;

import io.tidegate.protocol.ReplyError;
import io.tidegate.proxy.pubsub.Kind;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.CommandTable;
import io.tidegate.routing.command.Effect;

/** {@code proxy/COMMANDS.md}: the command table as a reader wants it, with what {@link Fate} says of each command. */
final class CommandsDocument {
    private static final String HEAD = """
            # Commands

            What Tidegate does with each command, printed from its command table
            (`routing/src/main/resources/io/tidegate/routing/command`: `commands.facts` has what servers say of their commands,
            `commands.policy` our judgement and its reasons), as it is before a server was asked: a connected server's own
            `COMMAND` adds what only it knows (modules, later versions), judged by its flags: an administrative command is
            refused, and so is one that the server counts among those of connections or subscriptions; a read may be served by
            replicas, what claims neither is taken for a write. What the table knows to write stays a write, whatever a module
            says. A command that nobody knows, a renamed one included, is the primary's affair. `PROXY EXPLAIN <command>` tells
            the same of one command, and where it would go now.

            How the lines were come by:

            | lines of | checked against |
            | --- | --- |
            | Redis 7.0 | every build starts a Redis 7.0.15 and compares its `COMMAND`, and what it keeps back while writes are paused |
            | Redis 7.2 to 8.6, Valkey 8.0 to 9.1, vector sets | the lines are what Redis 8.6.3 and Valkey 9.1.2 said when they were asked; what these and Redis 8.0.2, 8.0.6, Valkey 8.0.1, 8.1.1 say otherwise is on record (`servers/*.facts` of the tests), and every build has that it changes no judgement. Which of them replicate without being flagged as writes was read in both sources, as was what HELLO and XREADGROUP take |
            | Redis 8.8 and 8.10; search, time series, JSON, filters and sketches | no such server was run. Names and flags were compared with a record of what Redis 8.10.0 with its modules says, and with what the modules' sources register; numbers of arguments are the documentation's |
            | valkey-search, valkey-bloom, valkey-json | flags by the source of valkey-search, the rest by documentation |

            A test keeps this page in step with the table. To print it anew:

            ```sh
            mvn -pl proxy -am test -Dtest=CommandsDocumentTest -Dsurefire.failIfNoSpecifiedTests=false -Dcommands.document=write
            ```

            | handled | what it means |
            | --- | --- |
            | shared | goes over a pipelined connection that all clients of an event loop share, to the node that the router names; within MULTI it is queued over the client's own connection |
            | shared or proxy | shared, but what is asked about Tidegate itself, Tidegate answers, and what the server says of its clients, Tidegate puts right |
            | proxy | Tidegate answers, since it speaks of the client's own connection; not passed on |
            | transaction | opens, guards or ends a transaction, on a connection of the client's own |
            | own while it waits | needs a connection for itself until its reply has come; always the primary's |
            | own if it waits | the same if it has the option BLOCK, else shared |
            | subscription | goes over a connection to the primary that all subscribers of an event loop and user share; each client gets its own confirmations and messages. To the server they are one subscriber; what PUBLISH, PUBSUB NUMSUB and SHARDNUMSUB count is put right |
            | own from then on | the client has a connection for itself from then on, on which the server speaks unasked; always the primary's |
            | refused | an error, unless `commands.allow` names it; then shared |

            | replica | may a replica serve it? |
            | --- | --- |
            | yes | if it is fresh enough for the client's level |
            | - | no: the primary, always |

            | refused, lost | what becomes of it if a server refused it before executing it (READONLY, LOADING, …), and if it was sent and no reply came |
            | --- | --- |
            | held, again | held until a node takes it; asked again elsewhere, since it only reads |
            | held, gone | held; sent again if the new primary provably lacks it, else `UNCERTAIN` |
            | held, uncertain | held; `UNCERTAIN` |
            | told, … | the server's error is passed on, since it may have come from within (a replica's has another node asked: its command only reads); then as above |

            """;

    private static final String COLUMNS = """
            | command | since | handled | replica | refused, lost | why |
            | --- | --- | --- | --- | --- | --- |
            """;

    private CommandsDocument() {}

    static String text(CommandTable table) {
        StringBuilder text = new StringBuilder(HEAD).append(COLUMNS);
        for (CommandSpec spec : table.all()) {
            if (!spec.container()) {
                row(text, spec);
            }
        }
        return text.toString();
    }

    private static void row(StringBuilder text, CommandSpec spec) {
        text.append("| ")
                .append(spec.name().replace('|', ' '))
                .append(" | ")
                .append(spec.since())
                .append(" | ")
                .append(handled(spec))
                .append(" | ")
                .append(spec.replicaMayServe() ? "yes" : "-")
                .append(" | ")
                .append(fate(spec))
                .append(" | ")
                .append(spec.reason())
                .append(" |\n");
    }

    private static String handled(CommandSpec spec) {
        return switch (spec.effect()) {
            case FORWARD -> spec.proxyMayAnswer() ? "shared or proxy" : "shared";
            case LOCAL -> "proxy";
            case TRANSACTION -> "transaction";
            case BLOCKING -> spec.blockingTimeout().onlyIfAsked() ? "own if it waits" : "own while it waits";
            case STREAM -> Kind.ofCommand(spec.name()) == null ? "own from then on" : "subscription";
            case REFUSED -> "refused";
        };
    }

    private static String fate(CommandSpec spec) {
        if (spec.effect() != Effect.FORWARD && spec.effect() != Effect.BLOCKING) {
            return "-";
        }
        String refused = Fate.ofError(ReplyError.READONLY, spec, false, true) == Fate.REFUSED ? "held" : "told";
        String lost = switch (Fate.ofLoss(spec, false, true)) {
            case REPEATABLE -> "again";
            case GONE -> "gone";
            default -> "uncertain";
        };
        return refused + ", " + lost;
    }
}
