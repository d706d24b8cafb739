package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.request.KeyText;
import io.tidegate.routing.Causality;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Explanation;
import io.tidegate.routing.Explanation.Verdict;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.Router;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.command.CommandArgs;
import io.tidegate.routing.command.CommandSpec;
import io.tidegate.routing.command.Effect;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says where a command would go now and why every other node would not serve it. Nothing is sent, nothing remembered. */
final class Explain {
    private final DataLoop loop;

    Explain(DataLoop loop) {
        this.loop = loop;
    }

    /**
     * For whom it is said.
     *
     * @param transaction whether it is in the middle of one
     * @param arrivalNanos when the command came
     */
    record Standpoint(
            ReadLevel level, Durability durability, Causality causality, boolean transaction, long arrivalNanos) {}

    /** Words that are no part of a client's input. */
    record Words(List<String> words) implements CommandArgs {
        @Override
        public int count() {
            return words.size();
        }

        @Override
        public int length(int arg) {
            return words.get(arg).getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public byte byteAt(int arg, int index) {
            return words.get(arg).getBytes(StandardCharsets.UTF_8)[index];
        }
    }

    /** Of this session's next command; or that its listener would not let that through. */
    List<String> lines(Session session, CommandArgs command) {
        Standpoint standpoint = new Standpoint(
                session.level,
                session.durability,
                session.causality,
                session.transaction.active(),
                session.arrivalNanos);
        List<String> lines = lines(standpoint, command);
        String refusal = session.rights == null ? null : session.rights.refusal(find(command), command, loop.scripts());
        return refusal == null ? lines : List.of(lines.get(0), "not let through here: " + refusal);
    }

    /** Called on the loop. */
    List<String> lines(Standpoint standpoint, CommandArgs command) {
        CommandSpec asked = find(command);
        List<String> lines = new ArrayList<>();
        if (asked == null) {
            lines.add("'" + KeyText.of(command, 0)
                    + "' is not a command that Tidegate or the server knows: the primary will say so");
        } else {
            lines.add("'" + asked.name().replace('|', ' ') + "' is " + kind(asked) + ": " + asked.reason());
        }
        if (asked == null || asked.effect() != Effect.LOCAL) {
            route(standpoint, asked, command, lines);
        }
        return lines;
    }

    private @Nullable CommandSpec find(CommandArgs command) {
        CommandSpec spec = loop.commands().find(command);
        CommandSpec subcommand =
                spec != null && spec.container() && command.count() > 1 ? spec.subcommand(command) : null;
        return subcommand == null ? spec : subcommand;
    }

    private static String kind(CommandSpec spec) {
        String data = spec.write() ? "a write" : spec.read() ? "a read" : "neither flagged read nor write";
        return data + ", handled as " + spec.effect().name().toLowerCase(Locale.ROOT);
    }

    private void route(Standpoint standpoint, @Nullable CommandSpec spec, CommandArgs args, List<String> lines) {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        boolean anyNode = !standpoint.transaction && loop.dispatcher().anyNode(args, spec);
        if (spec != null && spec.scans()) {
            long cursor = ScanCursor.read(args, spec.cursorArgument());
            anyNode &= !Scans.primaryOnly(table, cursor);
            lines.add(Scans.explained(table, cursor));
        }
        Explanation explanation = loop.router()
                .explain(
                        table,
                        standpoint.level,
                        standpoint.causality,
                        anyNode,
                        false,
                        standpoint.arrivalNanos,
                        nowNanos);
        RoutingTable.Node target = explanation.target() < 0 ? null : table.node(explanation.target());
        String where = target == null
                ? (explanation.target() == Router.SETTLE ? "waits a moment" : "is held")
                : "goes to " + target.address();
        lines.add("level " + standpoint.level + ": " + where + " ("
                + explanation.reason().label() + ": " + explanation.reason().explanation() + ")");
        if (target != null && table.servesAsPrimary(target.id())) {
            acknowledgement(standpoint, spec, target, lines);
        }
        for (Verdict verdict : explanation.verdicts()) {
            lines.add(describe(table, verdict, nowNanos));
        }
    }

    /** What the reply waits for. */
    private void acknowledgement(
            Standpoint standpoint, @Nullable CommandSpec spec, RoutingTable.Node target, List<String> lines) {
        boolean write = !Fate.onlyReads(spec);
        if (!write && !Dispatcher.needsProof(standpoint.level)) {
            return;
        }
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        StringBuilder line = new StringBuilder("its reply waits until the claim of epoch " + table.epochOf(target.id())
                + " is proven to the instant of the reply (now: to "
                + ShownInstants.fromNow(table.evidenceNanos(), nowNanos)
                + " ms from now)");
        if (Dispatcher.tellsOfHeldData(standpoint.durability, standpoint.level, write)) {
            line.append(", and for ")
                    .append(standpoint.durability)
                    .append(": ")
                    .append(standpoint.durability.needed(table))
                    .append(" of ")
                    .append(table.promotable())
                    .append(" replicas that may be promoted must hold it");
        }
        lines.add(line.toString());
    }

    private static String describe(RoutingTable table, Verdict verdict, long nowNanos) {
        boolean primary = table.isPrimary(verdict.node().id());
        StringBuilder line = new StringBuilder(primary ? "primary " : "replica ")
                .append(verdict.node().address())
                .append(" ")
                .append(verdict.reason().label())
                .append(": ")
                .append(verdict.reason().explanation());
        if (!primary) {
            line.append("; as-of ").append(ShownInstants.asOf(verdict.asOfNanos(), nowNanos));
            if (verdict.requiredNanos() != Instants.FOREVER) {
                line.append(", required ").append(ShownInstants.asOf(verdict.requiredNanos(), nowNanos));
            }
        }
        return line.toString();
    }
}
