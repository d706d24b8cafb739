package io.tidegate.routing.engine;

import static io.tidegate.routing.engine.Story.P;
import static io.tidegate.routing.engine.Story.Q;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.SentinelMessage.Effect;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SentinelMessageTest {
    private static final String MASTER = "master mymaster 10.0.0.1 6379";
    private static final String REPLICA = "slave 10.0.0.2:6379 10.0.0.2 6379 @ mymaster 10.0.0.1 6379";
    private static final String SENTINEL = "sentinel abc 10.0.0.9 26379 @ mymaster 10.0.0.1 6379";

    @Test
    void readsWhatItIsAbout() {
        expect("+sdown", MASTER, "mymaster", P);
        expect("+odown", MASTER + " #quorum 2/2", "mymaster", P);
        expect("+promoted-slave", REPLICA, "mymaster", Q);
        expect("-role-change", REPLICA + " new reported role is master", "mymaster", Q);
        expect("+config-update-from", SENTINEL, "mymaster", null);
        expect("+switch-master", "mymaster 10.0.0.1 6379 10.0.0.2 6379", "mymaster", Q);
        expect("+new-epoch", "5", null, null);
        expect("+vote-for-leader", "abc 5", null, null);
        expect("+tilt", "#tilt mode entered", null, null);
    }

    private static void expect(String channel, String payload, @Nullable String shard, @Nullable NodeAddress node) {
        SentinelMessage message = SentinelMessage.parse(channel, payload);
        assertThat(message.shard()).as("shard of %s %s", channel, payload).isEqualTo(shard);
        assertThat(message.node()).as("node of %s %s", channel, payload).isEqualTo(node);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "+sdown                            | TELL ASK VOID BREAK_CHAIN",
                "-sdown                            | TELL ASK",
                "+odown                            | TELL ASK VOID BREAK_CHAIN",
                "+try-failover                     | TELL ASK VOID DOUBT LEADS",
                "+elected-leader                   | TELL ASK VOID DOUBT LEADS",
                "+failover-state-reconf-slaves     | TELL ASK",
                "+failover-end                     | TELL ASK",
                "-failover-abort-not-elected       | TELL ASK",
                "+reset-master                     | TELL ASK VOID BREAK_CHAIN",
                "+set                              | TELL ASK VOID BREAK_CHAIN RECONFIGURED",
                "-monitor                          | TELL ASK VOID BREAK_CHAIN RECONFIGURED FORGETS_VOTES",
                "+tilt                             | TELL ASK VOID BREAK_CHAIN TILT",
                "-tilt                             | TELL ASK TILT",
                "+reboot                           | TELL ASK VOID BREAK_CHAIN ASK_NODE",
                "+something-new                    | ''"
            })
    void aboutThePrimary(String channel, String effects) {
        assertThat(SentinelMessage.parse(channel, MASTER).effects()).isEqualTo(effects(effects));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "+sdown                              | TELL",
                "+reboot                             | TELL ASK_NODE",
                "+selected-slave                     | TELL ASK VOID DOUBT LEADS",
                "+failover-state-send-slaveof-noone  | TELL ASK VOID DOUBT LEADS",
                "+failover-state-wait-promotion      | TELL ASK VOID DOUBT LEADS",
                "+promoted-slave                     | TELL ASK VOID SUCCESSOR",
                "+slave-reconf-done                  | TELL ASK_NODE",
                "+convert-to-slave                   | TELL ASK ASK_NODE"
            })
    void aboutAReplica(String channel, String effects) {
        assertThat(SentinelMessage.parse(channel, REPLICA).effects()).isEqualTo(effects(effects));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "mymaster", "mymaster 10.0.0.1 6379 10.0.0.2", "a b c d e", "m 1 2 h 99999", "m 1 2 h x"
            })
    void aMalformedPayloadNamesNoNode(String payload) {
        assertThat(SentinelMessage.parse("+switch-master", payload).node()).isNull();
    }

    @Test
    void readsVotes() {
        assertThat(SentinelMessage.vote("abc 5")).isEqualTo(new SentinelState.Vote("abc", 5));
        assertThat(SentinelMessage.vote("abc")).isNull();
        assertThat(SentinelMessage.vote("abc five")).isNull();
        assertThat(SentinelMessage.vote("abc -5")).isNull();
        assertThat(SentinelMessage.vote("abc 99999999999999999999")).isNull();
    }

    private static Set<Effect> effects(String words) {
        return Arrays.stream(words.trim().split(" ", -1))
                .filter(word -> !word.isEmpty())
                .map(Effect::valueOf)
                .collect(Collectors.toSet());
    }
}
