package io.tidegate.proxy.dispatch;

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
    record Asker(ReadLevel level, Durability durability, Causality causality, boolean transaction, long arrivalNanos) {}

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

    /** Called on the loop. */
    List<String> lines(Asker asker, CommandArgs command) {
        CommandSpec asked = find(command);
        List<String> lines = new ArrayList<>();
        if (asked == null) {
            lines.add("'" + KeyText.of(command, 0)
                    + "' is not a command that Tidegate or the server knows: the primary will say so");
        } else {
            lines.add("'" + asked.name().replace('|', ' ') + "' is " + kind(asked) + ": " + asked.reason());
        }
        if (asked == null || asked.effect() != Effect.LOCAL) {
            route(asker, asked, command, lines);
        }
        return lines;
    }

    /** What a client with these rights is told instead; null if it is let through. */
    @Nullable String refusal(Rights rights, CommandArgs command) {
        return rights.refusal(find(command), command, loop.scripts());
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

    private void route(Asker asker, @Nullable CommandSpec spec, CommandArgs args, List<String> lines) {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        boolean anyNode = !asker.transaction && loop.dispatcher().anyNode(args, spec);
        if (spec != null && spec.scans()) {
            long cursor = ScanCursor.read(args, spec.cursorArgument());
            anyNode &= !Scans.primaryOnly(table, cursor);
            lines.add(Scans.explained(table, cursor));
        }
        Explanation explanation = loop.router()
                .explain(table, asker.level, asker.causality, anyNode, false, asker.arrivalNanos, nowNanos);
        RoutingTable.Node target = explanation.target() < 0 ? null : table.node(explanation.target());
        String where = target == null
                ? (explanation.target() == Router.SETTLE ? "waits a moment" : "is held")
                : "goes to " + target.address();
        lines.add("level " + asker.level + ": " + where + " ("
                + explanation.reason().label() + ": " + explanation.reason().explanation() + ")");
        if (target != null && table.servesAsPrimary(target.id())) {
            acknowledgement(asker, spec, target, lines);
        }
        for (Verdict verdict : explanation.verdicts()) {
            lines.add(describe(table, verdict, nowNanos));
        }
    }

    /** What the reply waits for. */
    private void acknowledgement(
            Asker asker, @Nullable CommandSpec spec, RoutingTable.Node target, List<String> lines) {
        boolean write = !Fate.onlyReads(spec);
        if (!write && !Dispatcher.needsProof(asker.level)) {
            return;
        }
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        StringBuilder line = new StringBuilder("its reply waits until the claim of epoch " + table.epochOf(target.id())
                + " is proven to the instant of the reply (now: to "
                + ProxyCommand.fromNow(table.evidenceNanos(), nowNanos)
                + " ms from now)");
        if (Dispatcher.tellsOfHeldData(asker.durability, asker.level, write)) {
            line.append(", and for ")
                    .append(asker.durability)
                    .append(": ")
                    .append(asker.durability.needed(table))
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
            line.append("; as-of ").append(ProxyCommand.asOf(verdict.asOfNanos(), nowNanos));
            if (verdict.requiredNanos() != Instants.FOREVER) {
                line.append(", required ").append(ProxyCommand.asOf(verdict.requiredNanos(), nowNanos));
            }
        }
        return line.toString();
    }
}
