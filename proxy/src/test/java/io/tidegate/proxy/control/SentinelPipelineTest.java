package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.proxy.control.SentinelPipeline.Target;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.SentinelState;
import io.tidegate.routing.engine.SentinelState.Vote;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The replies are those of sentinels of Redis 7.0.15 before, during and after a failover. */
class SentinelPipelineTest {
    private static final String MY_ID = "b36943558a8c467955f751717031a5d8a0f9b240";
    private static final String LEADER = "fb39c576dc1487ee6b87d1e47fd99fd0188c74c7";
    private static final String RUN_ID = "dd47a361fb87e6e7418a5f3841cf8aa6ce0f266b";
    private static final Target TARGET = new Target("127.0.0.1", "21000");
    private static final NodeAddress PRIMARY = new NodeAddress("127.0.0.1", 21000);

    private final SentinelPipeline pipeline = new SentinelPipeline("mymaster", TARGET, false);

    @Test
    void asksInTheOrderThatTheEngineReliesOn() {
        assertThat(pipeline.queries())
                .extracting(Query::toString)
                .containsExactly(
                        "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster",
                        "SENTINEL IS-MASTER-DOWN-BY-ADDR 127.0.0.1 21000 0 tidegate",
                        "SENTINEL MASTER mymaster",
                        "INFO sentinel",
                        "SENTINEL MYID");
        assertThat(new SentinelPipeline("mymaster", null, true).queries())
                .extracting(Query::toString)
                .containsExactly(
                        "SENTINEL GET-MASTER-ADDR-BY-NAME mymaster",
                        "SENTINEL MASTER mymaster",
                        "INFO sentinel",
                        "SENTINEL MYID",
                        "SENTINEL REPLICAS mymaster",
                        "SENTINEL SENTINELS mymaster");
    }

    @Test
    void readsASentinelAtRest() {
        List<Reply> replies = replies("21000", fields("master"), vote("*", 0));
        assertThat(pipeline.shardKnown(replies)).isTrue();
        assertThat(pipeline.targetSeen(replies)).isEqualTo(TARGET);
        assertThat(pipeline.state(replies))
                .isEqualTo(new SentinelState(
                        PRIMARY,
                        0,
                        Set.of("master"),
                        "master",
                        RUN_ID,
                        2,
                        2,
                        TimeUnit.SECONDS.toNanos(1),
                        TimeUnit.SECONDS.toNanos(10),
                        TimeUnit.MILLISECONDS.toNanos(39),
                        null,
                        null,
                        false,
                        MY_ID,
                        null,
                        null));
    }

    @Test
    void readsALeaderWhileItReconfigures() {
        List<Object> fields = fields("s_down,o_down,master,disconnected,failover_in_progress");
        fields.addAll(List.of("failover-state", "reconf_slaves"));
        List<Reply> replies = replies("21001", fields, vote(LEADER, 1));
        SentinelState state = pipeline.state(replies);
        assertThat(state.primary()).isEqualTo(new NodeAddress("127.0.0.1", 21001));
        assertThat(pipeline.targetSeen(replies)).as("MASTER lags behind").isEqualTo(TARGET);
        assertThat(state.flags())
                .containsExactlyInAnyOrder("s_down", "o_down", "master", "disconnected", "failover_in_progress");
        assertThat(state.failoverState()).isEqualTo("reconf_slaves");
        assertThat(state.vote()).isEqualTo(new Vote(LEADER, 1));
    }

    @Test
    void aVoteWhoseLeaderIsForgottenIsStillAVote() {
        assertThat(pipeline.state(replies("21000", fields("master"), vote("*", 7)))
                        .vote())
                .as("after a restart, a reset or a switch")
                .isEqualTo(new Vote("*", 7));
        assertThat(pipeline.state(replies("21000", fields("master"), vote("*", 0)))
                        .vote())
                .as("it never voted")
                .isNull();
    }

    @Test
    void seesThatTheVoteWasAskedForUnderAnotherAddress() {
        List<Reply> replies = replies("21000", fields("master"), vote("*", 0));
        assertThat(new SentinelPipeline("mymaster", new Target("127.0.0.1", "21001"), false).targetSeen(replies))
                .isEqualTo(TARGET);
    }

    @Test
    void takesTheCensusWhereItWasAskedFor() {
        List<Reply> replies = replies("21000", fields("master"), vote("*", 0));
        replies.add(Texts.list(
                List.of("name", "127.0.0.1:21002", "ip", "127.0.0.1", "port", "21002", "flags", "slave"),
                List.of("name", "?:0", "ip", "?", "port", "0", "flags", "slave"),
                List.of("name", "[fe80::1]:21001", "ip", "fe80::1", "port", "21001", "flags", "slave")));
        replies.add(Texts.list(List.of("name", LEADER, "ip", "127.0.0.1", "port", "22001", "flags", "sentinel")));
        SentinelState state = new SentinelPipeline("mymaster", TARGET, true).state(replies);
        assertThat(state.replicas())
                .containsExactly(new NodeAddress("127.0.0.1", 21002), new NodeAddress("fe80::1", 21001));
        assertThat(state.sentinels()).containsExactly(new NodeAddress("127.0.0.1", 22001));
    }

    @Test
    void seesTilt() {
        List<Reply> replies = replies("21000", fields("master"), vote("*", 0));
        replies.set(3, Texts.reply("# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:1\r\n"));
        assertThat(pipeline.state(replies).tilt()).isTrue();
    }

    @Test
    void aSentinelThatDoesNotKnowTheNameNamesNobody() {
        List<Reply> replies = new ArrayList<>(
                List.of(Texts.nothing(), Texts.error("ERR No such master with that name"), info(), Texts.reply(MY_ID)));
        SentinelPipeline first = new SentinelPipeline("nosuch", null, false);
        assertThat(first.shardKnown(replies)).isFalse();
        assertThat(first.unknownShard(replies)).isEqualTo(SentinelState.ofNoShard(MY_ID, false));
        assertThat(first.unknownShard(replies).knowsShard()).isFalse();
    }

    @Test
    void refusesWhatItCannotRead() {
        List<Object> broken = fields("master");
        broken.set(broken.indexOf("config-epoch") + 1, "many");
        assertUnreadable(replies("21000", broken, vote("*", 0)), "config-epoch: many");
        List<Object> short1 = fields("master");
        short1.set(short1.indexOf("quorum"), "left-out");
        assertUnreadable(replies("21000", short1, vote("*", 0)), "without quorum");
        assertUnreadable(replies("21000", fields("master"), Texts.error("NOPERM")), "NOPERM");
        assertUnreadable(replies("0", fields("master"), vote("*", 0)), "127.0.0.1 0 (expected: host and port)");
        for (String absurd : List.of("99999999999", "2147483647", "-1")) {
            for (String name : List.of("quorum", "num-other-sentinels")) {
                List<Object> fields = fields("master");
                fields.set(fields.indexOf(name) + 1, absurd);
                assertUnreadable(replies("21000", fields, vote("*", 0)), name + ": " + absurd);
            }
        }
    }

    private void assertUnreadable(List<Reply> replies, String message) {
        assertThatThrownBy(() -> pipeline.state(replies))
                .isInstanceOf(Reply.UnreadableException.class)
                .hasMessageContaining(message);
    }

    private static List<Reply> replies(String port, List<Object> fields, Reply vote) {
        return new ArrayList<>(
                List.of(Texts.list("127.0.0.1", port), vote, Texts.reply(fields), info(), Texts.reply(MY_ID)));
    }

    private static Reply vote(String leader, long epoch) {
        return Texts.list(0L, leader, epoch);
    }

    private static Reply info() {
        return Texts.reply("# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\nsentinel_tilt_since_seconds:-1\r\n");
    }

    private static List<Object> fields(String flags) {
        return new ArrayList<>(List.of(("name mymaster ip 127.0.0.1 port 21000 runid " + RUN_ID + " flags " + flags
                        + " link-pending-commands 0 link-refcount 1 last-ping-sent 0 last-ok-ping-reply 39"
                        + " last-ping-reply 39 down-after-milliseconds 1000 info-refresh 4135"
                        + " role-reported master role-reported-time 4175 config-epoch 0 num-slaves 2"
                        + " num-other-sentinels 2 quorum 2 failover-timeout 10000 parallel-syncs 1")
                .split(" ", -1)));
    }
}
