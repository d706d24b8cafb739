package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.RouteReason;
import io.tidegate.routing.RoutingTable.WriteGate;
import io.tidegate.routing.engine.Notice;
import io.tidegate.routing.engine.WarningKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NoticeLogTest {
    private static final NodeAddress ONE = new NodeAddress("127.0.0.1", 1);
    private static final NodeAddress TWO = new NodeAddress("127.0.0.1", 2);

    private final List<String> lines = new ArrayList<>();
    private final List<Map<String, Object>> fields = new ArrayList<>();
    private final NoticeLog log = new NoticeLog((level, line, told, cause) -> {
        lines.add(level + " " + line);
        fields.add(told);
    });

    @Test
    void everyNoticeHasOneLineWithTheEpochAndTheReason() {
        List<Notice> notices = List.of(
                new Notice.ClaimAdopted(ONE, 4, "run"),
                new Notice.GateChanged(WriteGate.OPEN, WriteGate.FENCED, "a vote"),
                new Notice.GateChanged(WriteGate.FENCED, WriteGate.OPEN, "no leader"),
                new Notice.SentinelSaid(ONE, "+odown", "master m 127.0.0.1 2"),
                new Notice.SentinelLinkChanged(ONE, false, "Connection reset"),
                new Notice.NodeLinkChanged(TWO, true, "answers"),
                new Notice.ReplicaHealthChanged(TWO, RouteReason.ELIGIBLE, RouteReason.LINK_DOWN),
                new Notice.ReplicaHealthChanged(TWO, RouteReason.LINK_DOWN, RouteReason.ELIGIBLE),
                new Notice.SecondPrimary(ONE, TWO, 4),
                new Notice.PrimaryRestarted(ONE, "old", "new", 30, 10, false),
                new Notice.PrimaryRestarted(ONE, "old", "new", 30, -1, false),
                new Notice.PrimaryRestarted(ONE, "old", "new", 30, -1, true),
                new Notice.FenceReleased(ONE, 4, "two say so"),
                new Notice.ReplacedFenced(ONE, TWO, 4, false),
                new Notice.ReplacedFenced(ONE, TWO, 4, true),
                new Notice.GateChanged(WriteGate.OPEN, WriteGate.SPLIT, "two"),
                new Notice.StreamAtRisk(ONE, TWO, 1, 10, 30, 5, 6),
                new Notice.StreamAtRisk(ONE, TWO, 1, 30, 30, 5, 6),
                new Notice.Warning(WarningKind.QUORUM_ONE, "quorum: 1"),
                new Notice.WarningEnded(WarningKind.QUORUM_ONE, "quorum: 1"));
        notices.forEach(notice -> log.notice(notice, 3, 1));
        assertThat(lines)
                .containsExactly(
                        "INFO epoch 3: writes go to 127.0.0.1:1, primary of epoch 4 (run id run)",
                        "WARN epoch 3: writes: OPEN -> FENCED (a vote)",
                        "INFO epoch 3: writes: FENCED -> OPEN (no leader)",
                        "INFO epoch 3: sentinel 127.0.0.1:1: +odown master m 127.0.0.1 2",
                        "WARN epoch 3: sentinel 127.0.0.1:1 cannot be used: Connection reset",
                        "INFO epoch 3: node 127.0.0.1:2 answers",
                        "INFO epoch 3: replica 127.0.0.1:2 serves no reads: its replication link is down (was eligible)",
                        "INFO epoch 3: replica 127.0.0.1:2 serves reads (was link_down)",
                        "ERROR epoch 3: split brain: 127.0.0.1:1 says that it is primary, but 127.0.0.1:2 is, of epoch 4;"
                                + " it is not used",
                        "WARN epoch 3: primary 127.0.0.1:1 was restarted (run id old -> new): 20 bytes known lost",
                        "WARN epoch 3: primary 127.0.0.1:1 was restarted (run id old -> new): its history is another"
                                + " one, so what it lost is not known",
                        "WARN epoch 3: primary 127.0.0.1:1 was restarted (run id old -> new): its history is another"
                                + " one, so what it lost is not known; no writes until PROXY FENCE RELEASE 127.0.0.1:1",
                        "WARN epoch 3: an operator released the fence for 127.0.0.1:1, primary of epoch 4; it was shut"
                                + " because two say so",
                        "WARN epoch 3: active fence: 127.0.0.1:1 has its writes paused, as it is replaced by"
                                + " 127.0.0.1:2 of epoch 4",
                        "WARN epoch 3: active fence: 127.0.0.1:1 is made a replica of 127.0.0.1:2 of epoch 4",
                        "ERROR epoch 3: writes: OPEN -> SPLIT (two)",
                        "WARN epoch 3: acknowledged writes at risk: 127.0.0.1:2 left the history of 127.0.0.1:1 at"
                                + " offset 10, last seen at 30: 20 bytes known lost",
                        "INFO epoch 3: acknowledged writes at risk: 127.0.0.1:2 left the history of 127.0.0.1:1 at"
                                + " offset 30, last seen at 30: 0 bytes known lost",
                        "WARN epoch 3: quorum: 1",
                        "INFO epoch 3: no longer so: quorum: 1");
    }

    @Test
    void aMachineIsToldEventEpochNodeAndReasonByName() {
        log.notice(new Notice.ClaimAdopted(ONE, 4, "run"), 4, 1);
        log.notice(new Notice.GateChanged(WriteGate.OPEN, WriteGate.FENCED, "a\nvote"), 4, 1);
        log.notice(new Notice.ReplicaHealthChanged(TWO, RouteReason.ELIGIBLE, RouteReason.LINK_DOWN), -1, 1);
        log.notice(new Notice.Warning(WarningKind.QUORUM_ONE, "quorum: 1"), 4, 1);
        log.complaint("sentinel " + ONE, "WRONGPASS", 4, 1);
        assertThat(fields)
                .containsExactly(
                        Map.of("event", "claim_adopted", "epoch", 4L, "node", ONE),
                        Map.of("event", "gate_changed", "epoch", 4L, "reason", "OPEN -> FENCED: a vote"),
                        Map.of("event", "replica_health_changed", "node", TWO, "reason", "link_down"),
                        Map.of("event", "warning", "epoch", 4L, "reason", WarningKind.QUORUM_ONE.label()),
                        Map.of(
                                "event",
                                "complaint",
                                "epoch",
                                4L,
                                "about",
                                "sentinel 127.0.0.1:1",
                                "reason",
                                "WRONGPASS"));
    }

    @Test
    void aFlappingNodeDoesNotFloodTheLog() {
        for (int i = 0; i < 1_000; i++) {
            log.notice(new Notice.NodeLinkChanged(ONE, i % 2 == 0, "reset"), -1, 1);
        }
        assertThat(lines).hasSize(5);
        log.notice(new Notice.NodeLinkChanged(TWO, false, "reset"), -1, 2);
        assertThat(lines).hasSize(6).last().isEqualTo("WARN epoch none: node 127.0.0.1:2 cannot be used: reset");
        log.notice(new Notice.NodeLinkChanged(ONE, true, ""), 3, 1 + RateLimit.WINDOW_NANOS);
        assertThat(lines).last().isEqualTo("INFO epoch 3: node 127.0.0.1:1 answers (995 such lines left out before)");
        assertThat(fields.get(fields.size() - 1)).containsEntry("left_out_before", 995L);
    }

    @Test
    void aNodeThatIsGoneHasOneLineThoughThatIsAWarningToo() {
        String text = "node " + ONE + " cannot be used: reset";
        log.notice(new Notice.NodeLinkChanged(ONE, false, "reset"), -1, 1);
        log.notice(new Notice.Warning(WarningKind.NODE_UNREACHABLE, text), -1, 2);
        log.notice(new Notice.WarningEnded(WarningKind.NODE_UNREACHABLE, text), -1, 3);
        assertThat(lines).containsExactly("WARN epoch none: " + text);
    }

    @Test
    void aComplaintIsRepeatedNowAndThenOnly() {
        for (int i = 0; i < 100; i++) {
            log.complaint("sentinel " + ONE, "cannot be used: WRONGPASS", -1, 1);
        }
        log.complaint("sentinel " + ONE, "cannot be used: Connection refused", -1, 1);
        assertThat(lines)
                .containsExactly(
                        "WARN epoch none: sentinel 127.0.0.1:1: cannot be used: WRONGPASS",
                        "WARN epoch none: sentinel 127.0.0.1:1: cannot be used: Connection refused");
    }

    @Test
    void aPeersTextCannotForgeALine() {
        log.notice(new Notice.SentinelSaid(ONE, "+odown", "a\r\nINFO epoch 3: forged"), 3, 1);
        assertThat(lines.get(0)).doesNotContain("\n").doesNotContain("\r");
    }
}
