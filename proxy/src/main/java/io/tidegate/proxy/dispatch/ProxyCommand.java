package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
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
import io.tidegate.routing.engine.Notice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code PROXY}: what Tidegate tells of itself on a client's connection. Answers are arrays of lines, but for those of
 * {@code PROXY FAILOVERS}, {@code SLOWLOG}, {@code HOTKEYS} and {@code BIGREPLIES}: arrays of maps, which in RESP2 are
 * arrays of names and values in turn.
 */
final class ProxyCommand {
    private static final List<String> HELP = List.of(
            "PROXY <subcommand> [<arg> ...]. Subcommands are:",
            "INFO",
            "    What this proxy is doing: epoch, gate for writes, evidence, waiting and parked requests.",
            "TOPOLOGY",
            "    The shard as this proxy knows it: primary, replicas, how fresh each is proven to be; what is odd.",
            "FAILOVERS",
            "    The last pauses for writes, oldest first: what happened when, what clients felt, what is at risk.",
            "SLOWLOG GET [<count>]",
            "    The latest commands that were slow, the newest first (10; -1 for all): in the queue, upstream, parked.",
            "SLOWLOG LEN",
            "    How many there are.",
            "SLOWLOG RESET",
            "    Forgets them.",
            "HOTKEYS",
            "    The keys that were used most of late, by a sample of commands, with their shares.",
            "BIGREPLIES",
            "    The keys that brought the most bytes in replies of 64 KiB and more.",
            "EXPLAIN <command> [<arg> ...]",
            "    Where this connection's next command would go now, and why every other node would not serve it.",
            "CONSISTENCY [" + ReadLevel.EXPECTED + "]",
            "    The read level of this connection, or sets it.",
            "FENCE",
            "    Why writes are let through or not, and which nodes say that they are primary.",
            "FENCE RELEASE <node>",
            "    Says that this node is primary, where nobody votes, the sentinels are split, or one that may",
            "    lead a failover cannot be asked.",
            "SWITCHOVER [TO <node>] [DRY RUN]",
            "    Has the sentinels make another node primary, without an error to anybody, and tells how that went when it is",
            "    over; DRY RUN tells only what would speak against it.",
            "SWITCHOVER STATUS",
            "    The steps of the one that is under way, or of the last.",
            "DURABILITY [" + Durability.EXPECTED + "]",
            "    Who must hold this connection's writes before they are acknowledged, or asks for more than its listener does.",
            "HELP",
            "    Prints this help.");

    private final DataLoop loop;
    private final FenceCommand fence;
    private final SwitchoverCommand switchover;
    private final SlowLogCommand slowLog;
    private final KeysRight keysRight;

    ProxyCommand(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.fence = new FenceCommand(loop);
        this.switchover = new SwitchoverCommand(loop);
        this.slowLog = new SlowLogCommand(loop);
        this.keysRight = new KeysRight(loop, inquiries);
    }

    boolean answer(Session session, long end) {
        RequestArgs args = session.args;
        String subcommand = args.count() < 2 ? "HELP" : args.text(1).toUpperCase(Locale.ROOT);
        switch (subcommand) {
            case "HELP" -> lines(session, HELP, end);
            case "INFO" -> lines(session, info(session), end);
            case "TOPOLOGY" -> lines(session, topology(), end);
            case "FAILOVERS" -> maps(session, loop.plane().failovers(), end);
            case "EXPLAIN" -> explain(session, end);
            case "CONSISTENCY" -> consistency(session, end);
            case "FENCE" -> {
                return fence.answer(session, end);
            }
            case "SWITCHOVER" -> {
                return switchover.answer(session, end);
            }
            case "SLOWLOG", "HOTKEYS", "BIGREPLIES" -> {
                return keys(session, subcommand, end);
            }
            case "DURABILITY" -> durability(session, end);
            default -> session.answerError("ERR unknown subcommand '" + args.text(1) + "'. Try PROXY HELP.", end);
        }
        return true;
    }

    static void lines(Session session, List<String> lines, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.arrayHeader(reply, lines.size());
        for (String line : lines) {
            RespWriter.bulk(reply, line);
        }
        session.answered(reply, end);
    }

    static void maps(Session session, List<Facts> all, long end) {
        ByteBuf reply = session.answerBuffer();
        RespWriter.arrayHeader(reply, all.size());
        all.forEach(facts -> facts.write(reply, session.key.protocol()));
        session.answered(reply, end);
    }

    /** What shows keys. */
    private boolean keys(Session session, String subcommand, long end) {
        if (!keysRight.granted(session, end)) {
            return session.answeredByWait;
        }
        switch (subcommand) {
            case "HOTKEYS" -> maps(session, loop.plane().hotKeys(true), end);
            case "BIGREPLIES" -> maps(session, loop.plane().bigReplies(true), end);
            default -> slowLog.answer(session, end);
        }
        return true;
    }

    private List<String> info(Session session) {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        RoutingTable.Node primary = table.primary();
        return List.of(
                "client_id:" + session.client.id,
                "consistency:" + session.level,
                "durability:" + session.durability,
                "database:" + session.key.database(),
                "clients:" + loop.plane().clients().size(),
                "epoch:" + table.epoch(),
                "primary:" + (primary == null ? "none" : primary.address()),
                "writes:" + table.writes().name().toLowerCase(Locale.ROOT),
                "evidence_ms:" + fromNow(table.evidenceNanos(), nowNanos),
                "upstream_connections_of_this_loop:" + loop.upstreams().size(),
                "waiting_sessions_of_this_loop:" + loop.waiting().size(),
                "parked_sessions_of_this_loop:" + loop.parking().size(),
                "parked_bytes_of_this_loop:" + loop.parking().bytes());
    }

    private List<String> topology() {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        List<String> lines = new ArrayList<>();
        RoutingTable.Node primary = table.primary();
        lines.add("primary " + (primary == null ? "none" : primary.address()) + " epoch " + table.epoch() + " writes "
                + table.writes().name().toLowerCase(Locale.ROOT));
        RoutingTable.Successor successor = table.successor();
        if (successor != null) {
            lines.add("successor " + successor.node().address() + " epoch " + successor.epoch());
        }
        for (RoutingTable.Replica replica : table.replicas()) {
            lines.add("replica " + replica.node().address() + " "
                    + replica.health().label() + " as-of " + asOf(replica.asOfNanos(), nowNanos));
        }
        for (Notice.Warning warning : loop.plane().warnings()) {
            lines.add("warning " + warning.kind().label() + ": " + warning.text());
        }
        return lines;
    }

    private void consistency(Session session, long end) {
        RequestArgs args = session.args;
        if (args.count() == 3) {
            try {
                session.level = ReadLevel.parse(args.text(2).toLowerCase(Locale.ROOT));
                session.checked.forgetBatch();
                LocalCommands.ok(session, end);
            } catch (IllegalArgumentException e) {
                session.answerError("ERR " + e.getMessage(), end);
            }
            return;
        }
        lines(session, List.of(session.level.toString()), end);
    }

    /** A connection can ask for more than its listener, not for less: what was promised there is the operator's to say. */
    private void durability(Session session, long end) {
        RequestArgs args = session.args;
        if (args.count() == 3) {
            try {
                Durability asked = Durability.parse(args.text(2).toLowerCase(Locale.ROOT));
                LocalCommands.ok(session, end);
                session.durability = session.client.profile.durability().and(asked);
            } catch (IllegalArgumentException e) {
                session.answerError("ERR " + e.getMessage(), end);
            }
            return;
        }
        lines(session, List.of(session.durability.toString()), end);
    }

    private void explain(Session session, long end) {
        RequestArgs args = session.args;
        if (args.count() < 3) {
            session.answerError("ERR wrong number of arguments for 'proxy|explain' command", end);
            return;
        }
        CommandArgs inner = new ShiftedArgs(args, 2);
        CommandSpec spec = loop.commands().find(inner);
        CommandSpec subcommand = spec != null && spec.container() && inner.count() > 1 ? spec.subcommand(inner) : null;
        CommandSpec asked = subcommand == null ? spec : subcommand;
        List<String> lines = new ArrayList<>();
        if (asked == null) {
            lines.add("'" + args.text(2)
                    + "' is not a command that Tidegate or the server knows: the primary will say so");
        } else {
            lines.add("'" + asked.name().replace('|', ' ') + "' is " + kind(asked) + ": " + asked.reason());
        }
        if (asked == null || asked.effect() != Effect.LOCAL) {
            route(session, asked, inner, lines);
        }
        lines(session, lines, end);
    }

    private static String kind(CommandSpec spec) {
        String data = spec.write() ? "a write" : spec.read() ? "a read" : "neither flagged read nor write";
        return data + ", handled as " + spec.effect().name().toLowerCase(Locale.ROOT);
    }

    private void route(Session session, @Nullable CommandSpec spec, CommandArgs args, List<String> lines) {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        boolean anyNode = !session.transaction.active() && loop.dispatcher().anyNode(args, spec);
        Explanation explanation = loop.router()
                .explain(table, session.level, session.causality, anyNode, false, session.arrivalNanos, nowNanos);
        RoutingTable.Node target = explanation.target() < 0 ? null : table.node(explanation.target());
        String where = target == null
                ? (explanation.target() == Router.SETTLE ? "waits a moment" : "is held")
                : "goes to " + target.address();
        lines.add("level " + session.level + ": " + where + " ("
                + explanation.reason().label() + ": " + explanation.reason().explanation() + ")");
        if (target != null && table.servesAsPrimary(target.id())) {
            acknowledgement(session, spec, target, lines);
        }
        for (Verdict verdict : explanation.verdicts()) {
            lines.add(describe(table, verdict, nowNanos));
        }
    }

    /** What the reply waits for. */
    private void acknowledgement(
            Session session, @Nullable CommandSpec spec, RoutingTable.Node target, List<String> lines) {
        boolean write = !Fate.onlyReads(spec);
        if (!write && !Dispatcher.needsProof(session.level)) {
            return;
        }
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        StringBuilder line = new StringBuilder("its reply waits until the claim of epoch " + table.epochOf(target.id())
                + " is proven to the instant of the reply (now: to " + fromNow(table.evidenceNanos(), nowNanos)
                + " ms from now)");
        if (Dispatcher.tellsOfHeldData(session, write)) {
            line.append(", and for ")
                    .append(session.durability)
                    .append(": ")
                    .append(session.durability.needed(table))
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
            line.append("; as-of ").append(asOf(verdict.asOfNanos(), nowNanos));
            if (verdict.requiredNanos() != Instants.FOREVER) {
                line.append(", required ").append(asOf(verdict.requiredNanos(), nowNanos));
            }
        }
        return line.toString();
    }

    private static String asOf(long instantNanos, long nowNanos) {
        return instantNanos <= 0 ? "unknown" : millis(nowNanos - instantNanos) + " ms ago";
    }

    private static String fromNow(long instantNanos, long nowNanos) {
        if (instantNanos == Instants.FOREVER) {
            return "forever";
        }
        return instantNanos == Instants.UNKNOWN ? "unknown" : millis(instantNanos - nowNanos);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
    }
}
