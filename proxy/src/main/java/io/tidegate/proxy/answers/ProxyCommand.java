package io.tidegate.proxy.answers;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.RespWriter;
import io.tidegate.proxy.dispatch.Asker;
import io.tidegate.proxy.dispatch.DataLoop;
import io.tidegate.proxy.dispatch.ShownInstants;
import io.tidegate.proxy.request.RequestArgs;
import io.tidegate.proxy.signals.Facts;
import io.tidegate.routing.Durability;
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
    private final ReloadCommand reload;

    ProxyCommand(DataLoop loop) {
        this.loop = loop;
        this.fence = new FenceCommand(loop);
        this.switchover = new SwitchoverCommand(loop);
        this.slowLog = new SlowLogCommand(loop);
        this.reload = new ReloadCommand(loop);
    }

    boolean answer(Asker asker) {
        RequestArgs args = asker.args();
        String subcommand = args.count() < 2 ? "HELP" : args.text(1).toUpperCase(Locale.ROOT);
        return switch (subcommand) {
            case "HELP" -> lines(asker, HELP);
            case "INFO" -> lines(asker, info(asker));
            case "TOPOLOGY" -> lines(asker, topology());
            case "FAILOVERS" -> maps(asker, loop.plane().failovers());
            case "EXPLAIN" -> explain(asker);
            case "CONSISTENCY" -> consistency(asker);
            case "FENCE" -> fence.answer(asker);
            case "SWITCHOVER" -> switchover.answer(asker);
            case "RELOAD" -> reload.answer(asker);
            case "SLOWLOG", "HOTKEYS", "BIGREPLIES" -> keys(asker, subcommand);
            case "DURABILITY" -> durability(asker);
            default -> asker.error("ERR unknown subcommand '" + args.text(1) + "'. Try PROXY HELP.");
        };
    }

    static boolean lines(Asker asker, List<String> lines) {
        ByteBuf reply = asker.reply();
        RespWriter.arrayHeader(reply, lines.size());
        for (String line : lines) {
            RespWriter.bulk(reply, line);
        }
        return asker.told(reply);
    }

    static boolean maps(Asker asker, List<Facts> all) {
        ByteBuf reply = asker.reply();
        RespWriter.arrayHeader(reply, all.size());
        all.forEach(facts -> facts.write(reply, asker.protocol()));
        return asker.told(reply);
    }

    /**
     * What shows keys that others use, to whoever may ask the servers the same. Where clients are users of theirs, they are
     * asked, by a SLOWLOG LEN of the user's, which changes nothing.
     */
    private boolean keys(Asker asker, String subcommand) {
        if (loop.settings().passthroughAuth() && !asker.permitted("SLOWLOG", "LEN")) {
            return asker.answeredByWait();
        }
        return switch (subcommand) {
            case "HOTKEYS" -> maps(asker, loop.plane().hotKeys(true));
            case "BIGREPLIES" -> maps(asker, loop.plane().bigReplies(true));
            default -> slowLog.answer(asker);
        };
    }

    private List<String> info(Asker asker) {
        RoutingTable table = loop.table();
        long nowNanos = loop.nowNanos();
        RoutingTable.Node primary = table.primary();
        return List.of(
                "client_id:" + asker.client().id(),
                "consistency:" + asker.level(),
                "durability:" + asker.durability(),
                "database:" + asker.key().database(),
                "clients:" + loop.plane().clientCount(),
                "epoch:" + table.epoch(),
                "primary:" + (primary == null ? "none" : primary.address()),
                "writes:" + table.writes().name().toLowerCase(Locale.ROOT),
                "evidence_ms:" + ShownInstants.fromNow(table.evidenceNanos(), nowNanos),
                "upstream_connections_of_this_loop:" + loop.upstreams().size(),
                "waiting_sessions_of_this_loop:" + loop.waitingSessions(),
                "parked_sessions_of_this_loop:" + loop.parkedSessions(),
                "parked_bytes_of_this_loop:" + loop.parkedBytes());
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
                    + replica.health().label() + " as-of " + ShownInstants.asOf(replica.asOfNanos(), nowNanos));
        }
        for (Notice.Warning warning : loop.plane().warnings()) {
            lines.add("warning " + warning.kind().label() + ": " + warning.text());
        }
        return lines;
    }

    private static boolean consistency(Asker asker) {
        RequestArgs args = asker.args();
        if (args.count() != 3) {
            return lines(asker, List.of(asker.level().toString()));
        }
        if (asker.busy()) {
            // What is before it may be sent once more, and asks for what was wanted then.
            return false;
        }
        try {
            asker.reads(ReadLevel.parse(args.text(2).toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            return asker.error("ERR " + e.getMessage());
        }
        return asker.ok();
    }

    /** A connection can ask for more than its listener, not for less: what was promised there is the operator's to say. */
    private static boolean durability(Asker asker) {
        RequestArgs args = asker.args();
        if (args.count() != 3) {
            return lines(asker, List.of(asker.durability().toString()));
        }
        if (asker.busy()) {
            // What is before it may be sent once more, and asks for what was wanted then.
            return false;
        }
        try {
            asker.writes(Durability.parse(args.text(2).toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            return asker.error("ERR " + e.getMessage());
        }
        return asker.ok();
    }

    private static boolean explain(Asker asker) {
        RequestArgs args = asker.args();
        return args.count() < 3
                ? asker.error("ERR wrong number of arguments for 'proxy|explain' command")
                : lines(asker, asker.explained(new ShiftedArgs(args, 2)));
    }
}
