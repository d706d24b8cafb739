package io.tidegate.proxy.dispatch;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.routing.Durability;
import io.tidegate.routing.Instants;
import io.tidegate.routing.ReadLevel;
import io.tidegate.routing.RoutingTable;
import io.tidegate.routing.engine.Notice;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
            "RELOAD [DRY RUN]",
            "    Reads the configuration again, applies what can be changed without a restart, and tells what changed; after a",
            "    mistake nothing has. DRY RUN only tells.",
            "DURABILITY [" + Durability.EXPECTED + "]",
            "    Who must hold this connection's writes before they are acknowledged, or asks for more than its listener does.",
            "HELP",
            "    Prints this help.");

    private final DataLoop loop;
    private final FenceCommand fence;
    private final SwitchoverCommand switchover;
    private final SlowLogCommand slowLog;
    private final KeysRight keysRight;
    private final ReloadCommand reload;

    ProxyCommand(DataLoop loop, Inquiries inquiries) {
        this.loop = loop;
        this.fence = new FenceCommand(loop);
        this.switchover = new SwitchoverCommand(loop);
        this.slowLog = new SlowLogCommand(loop);
        this.keysRight = new KeysRight(loop, inquiries);
        this.reload = new ReloadCommand(loop);
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
            case "RELOAD" -> {
                return reload.answer(session, end);
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
        Explain.Asker asker = new Explain.Asker(
                session.level,
                session.durability,
                session.causality,
                session.transaction.active(),
                session.arrivalNanos);
        ShiftedArgs command = new ShiftedArgs(args, 2);
        List<String> lines = loop.explain().lines(asker, command);
        String refusal = session.rights == null ? null : loop.explain().refusal(session.rights, command);
        lines(session, refusal == null ? lines : List.of(lines.get(0), "not let through here: " + refusal), end);
    }

    static String asOf(long instantNanos, long nowNanos) {
        return instantNanos <= 0 ? "unknown" : millis(nowNanos - instantNanos) + " ms ago";
    }

    static String fromNow(long instantNanos, long nowNanos) {
        if (instantNanos == Instants.FOREVER) {
            return "forever";
        }
        return instantNanos == Instants.UNKNOWN ? "unknown" : millis(instantNanos - nowNanos);
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1e6);
    }
}
