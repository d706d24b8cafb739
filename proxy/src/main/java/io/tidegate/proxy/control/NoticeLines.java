package io.tidegate.proxy.control;

import io.tidegate.proxy.control.NoticeLog.Kind;
import io.tidegate.proxy.control.NoticeLog.Line;
import io.tidegate.proxy.loop.Reasons;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Notice;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** The one line that each kind of notice has in the log. */
final class NoticeLines implements Notice.Handler<Line> {
    @Override
    public Line on(Notice.ClaimAdopted it) {
        return once(
                Level.INFO,
                it,
                "writes go to " + it.primary() + ", primary of epoch " + it.epoch() + " (run id " + it.runId() + ")",
                it.primary(),
                "");
    }

    @Override
    public Line on(Notice.WritesSentAhead it) {
        return once(
                Level.INFO,
                it,
                "writes go to " + it.successor() + " already, about to be primary of epoch " + it.epoch()
                        + "; none is acknowledged before it is",
                it.successor(),
                "");
    }

    @Override
    public Line on(Notice.GateChanged it) {
        String evidence = Reasons.printable(it.evidence());
        return new Line(
                level(it.to()),
                new Kind("gate", it.to()),
                "writes: " + it.from() + " -> " + it.to() + " (" + evidence + ")",
                null,
                it.from() + " -> " + it.to() + ": " + evidence);
    }

    @Override
    public Line on(Notice.SentinelSaid it) {
        String said = it.channel() + " " + Reasons.printable(it.payload());
        return new Line(
                Level.INFO,
                new Kind(it.channel(), it.sentinel()),
                "sentinel " + it.sentinel() + ": " + said,
                it.sentinel(),
                said);
    }

    @Override
    public Line on(Notice.SentinelLinkChanged it) {
        return link("sentinel ", it.sentinel(), it.up(), it.reason());
    }

    @Override
    public Line on(Notice.NodeLinkChanged it) {
        return link("node ", it.node(), it.up(), it.reason());
    }

    @Override
    public Line on(Notice.ReplicaHealthChanged it) {
        boolean well = it.to() == RouteReason.ELIGIBLE;
        return new Line(
                Level.INFO,
                new Kind("health", it.node()),
                "replica " + it.node()
                        + (well
                                ? " serves reads (was "
                                : " serves no reads: " + it.to().explanation() + " (was ")
                        + it.from().label() + ")",
                it.node(),
                it.to().label());
    }

    @Override
    public Line on(Notice.SecondPrimary it) {
        return new Line(
                Level.ERROR,
                new Kind("second", it.node()),
                "split brain: " + it.node() + " says that it is primary, but " + it.claimed() + " is, of epoch "
                        + it.epoch() + "; it is not used",
                it.node(),
                it.claimed() + " is primary");
    }

    @Override
    public Line on(Notice.PrimaryRestarted it) {
        return once(
                Level.WARN,
                it,
                "primary " + it.primary() + " was restarted (run id " + it.oldRunId() + " -> " + it.newRunId() + "): "
                        + (it.lossKnown()
                                ? it.bytesKnownLost() + " bytes known lost"
                                : "its history is another one, so what it lost is not known")
                        + (it.fenced() ? "; no writes until PROXY FENCE RELEASE " + it.primary() : ""),
                it.primary(),
                "run id " + it.oldRunId() + " -> " + it.newRunId());
    }

    @Override
    public Line on(Notice.FenceReleased it) {
        return once(
                Level.WARN,
                it,
                "an operator released the fence for " + it.primary() + ", primary of epoch " + it.epoch()
                        + "; it was shut because " + Reasons.printable(it.fencedBy()),
                it.primary(),
                "an operator; it was shut because " + Reasons.printable(it.fencedBy()));
    }

    @Override
    public Line on(Notice.ReplacedFenced it) {
        return new Line(
                Level.WARN,
                new Kind("fenced", it.node()),
                "active fence: " + it.node()
                        + (it.demoted() ? " is made a replica of " : " has its writes paused, as it is replaced by ")
                        + it.primary() + " of epoch " + it.epoch(),
                it.node(),
                (it.demoted() ? "made a replica of " : "replaced by ") + it.primary());
    }

    @Override
    public Line on(Notice.StreamAtRisk it) {
        return once(
                it.bytesKnownLost() > 0 ? Level.WARN : Level.INFO,
                it,
                "acknowledged writes at risk: " + it.newPrimary() + " left the history of " + it.oldPrimary()
                        + " at offset " + it.branchOffset() + ", last seen at " + it.lastSeenOffset() + ": "
                        + it.bytesKnownLost() + " bytes known lost",
                it.oldPrimary(),
                it.bytesKnownLost() + " bytes known lost");
    }

    @Override
    public Line on(Notice.Warning it) {
        return once(
                Level.WARN, it, Reasons.printable(it.text()), null, it.kind().label());
    }

    @Override
    public Line on(Notice.WarningEnded it) {
        return once(
                Level.INFO,
                it,
                "no longer so: " + Reasons.printable(it.text()),
                null,
                it.kind().label());
    }

    /** What only a person can end is an alarm. */
    private static Level level(WriteGate gate) {
        return switch (gate) {
            case OPEN -> Level.INFO;
            case SPLIT -> Level.ERROR;
            default -> Level.WARN;
        };
    }

    /** Only a notice that says the very same is of the same kind. */
    private static Line once(Level level, Notice notice, String text, @Nullable NodeAddress node, String reason) {
        return new Line(level, notice, text, node, reason);
    }

    private static Line link(String what, NodeAddress node, boolean up, String reason) {
        return new Line(
                up ? Level.INFO : Level.WARN,
                new Kind(what, node),
                what + node + (up ? " answers" : " cannot be used: " + Reasons.printable(reason)),
                node,
                up ? "answers" : Reasons.printable(reason));
    }
}
