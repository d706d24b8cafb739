package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.ReplicationInfo;
import java.util.List;
import org.junit.jupiter.api.Test;

class InfoReplyTest {
    private static final String RUN_ID = "dd47a361fb87e6e7418a5f3841cf8aa6ce0f266b";
    private static final String OLD_HISTORY = "570d31cb26f45396e5f90caae2d727e7f8d6031e";
    private static final String NEW_HISTORY = "5d1b36953efc2cb1de6be94942401a5fca8fa861";

    @Test
    void readsAPrimaryWithItsReplicas() {
        assertThat(of("primary"))
                .isEqualTo(new ReplicationInfo(
                        RUN_ID,
                        true,
                        OLD_HISTORY,
                        null,
                        -1,
                        7301,
                        null,
                        false,
                        false,
                        false,
                        true,
                        List.of(local(21001), local(21002))));
    }

    @Test
    void readsAReplica() {
        assertThat(of("replica"))
                .isEqualTo(new ReplicationInfo(
                        RUN_ID, false, OLD_HISTORY, null, -1, 7301, local(21000), true, false, false, true, List.of()));
    }

    @Test
    void aReplicaKeepsItsAppliedOffsetWhenItsLinkIsDown() {
        ReplicationInfo info = of("replica-link-down");
        assertThat(info.linkUp()).isFalse();
        assertThat(info.offset()).isEqualTo(7301);
        assertThat(info.history()).isEqualTo(OLD_HISTORY);
    }

    @Test
    void aSyncingReplicaIsOfAnotherHistory() {
        ReplicationInfo info = of("replica-syncing");
        assertThat(info.syncing()).isTrue();
        assertThat(info.linkUp()).isFalse();
        assertThat(info.history()).isEqualTo("fc7cec3e880c7bf3163dc1e3b6c2d25a412ff7a0");
        assertThat(of("primary-with-syncing-replica").history()).isNotEqualTo(info.history());
        assertThat(of("primary-with-syncing-replica").replicas()).containsExactly(local(21101));
    }

    @Test
    void aPromotedReplicaTiesItsHistoryToTheOldOne() {
        ReplicationInfo info = of("promoted");
        assertThat(info.primary()).isTrue();
        assertThat(info.history()).isEqualTo(NEW_HISTORY);
        assertThat(info.formerHistory()).isEqualTo(OLD_HISTORY);
        assertThat(info.formerHistoryEnd()).isEqualTo(7302);
        assertThat(of("replica-of-promoted").history()).isEqualTo(NEW_HISTORY);
        assertThat(of("replica-of-promoted").follows()).isEqualTo(local(21001));
    }

    @Test
    void tellsThatANodeIsLoading() {
        assertThat(of("loading").loading()).isTrue();
        assertThat(of("primary").loading()).isFalse();
        assertThat(read(Texts.info("primary").replace("async_loading:0", "async_loading:1"))
                        .loading())
                .isTrue();
    }

    @Test
    void aPriorityOfZeroForbidsPromotion() {
        String text = Texts.info("replica");
        assertThat(read(text).promotable()).isTrue();
        assertThat(read(text.replace("slave_priority:100", "slave_priority:0")).promotable())
                .isFalse();
    }

    @Test
    void readsAddressesOfIpVersion6AndLeavesOutUnfinishedOnes() {
        String replica = Texts.info("replica").replace("master_host:127.0.0.1", "master_host:fe80::1");
        assertThat(read(replica).follows()).isEqualTo(new NodeAddress("fe80::1", 21000));
        String primary = Texts.info("primary")
                .replace("ip=127.0.0.1,port=21001", "ip=fe80::2,port=21001")
                .replace("port=21002", "port=0");
        assertThat(read(primary).replicas()).containsExactly(new NodeAddress("fe80::2", 21001));
    }

    @Test
    void refusesWhatIsNoServersInfo() {
        assertUnreadable("run_id:", "INFO without run_id");
        assertUnreadable("master_repl_offset:7301", "master_repl_offset:x", "expected: a number");
        assertUnreadable("role:master", "role:sentinel", "role: sentinel");
        assertUnreadable("redis_mode:standalone", "redis_mode:sentinel", "this is a sentinel");
        assertThatThrownBy(() -> InfoReply.of(List.of(Texts.error("NOPERM this user has no permissions"))))
                .isInstanceOf(Reply.UnreadableException.class)
                .hasMessageContaining("NOPERM");
    }

    private static void assertUnreadable(String field, String message) {
        assertUnreadable(field, "left_out:", message);
    }

    private static void assertUnreadable(String text, String replacement, String message) {
        assertThat(Texts.info("primary")).contains(text);
        assertThatThrownBy(() -> read(Texts.info("primary").replace(text, replacement)))
                .isInstanceOf(Reply.UnreadableException.class)
                .hasMessageContaining(message);
    }

    private static ReplicationInfo of(String situation) {
        return read(Texts.info(situation));
    }

    /** Whole, or in three replies as a node is asked. */
    private static ReplicationInfo read(String text) {
        ReplicationInfo info = InfoReply.of(List.of(Texts.reply(text))).replication();
        List<Reply> sections = List.of(text.split("(?=# )", -1)).stream()
                .filter(section -> !section.isEmpty())
                .map(Texts::reply)
                .toList();
        assertThat(sections).hasSize(3);
        assertThat(InfoReply.of(sections).replication()).isEqualTo(info);
        return info;
    }

    private static NodeAddress local(int port) {
        return new NodeAddress("127.0.0.1", port);
    }
}
