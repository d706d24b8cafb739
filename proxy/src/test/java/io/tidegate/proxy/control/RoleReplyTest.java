package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The replies are Redis 7.0.15's. */
class RoleReplyTest {
    @Test
    void readsAPrimary() {
        Reply reply = Texts.list("master", 8128L, List.of(List.of("127.0.0.1", "21002", "7860")));
        assertThat(RoleReply.role(reply)).isEqualTo(new Role.Primary(8128));
    }

    @Test
    void readsAReplica() {
        NodeAddress primary = new NodeAddress("127.0.0.1", 21001);
        assertThat(RoleReply.role(Texts.list("slave", "127.0.0.1", 21001L, "connected", 8128L)))
                .isEqualTo(new Role.Replica(primary, "connected", 8128));
        assertThat(RoleReply.role(Texts.list("slave", "127.0.0.1", 21001L, "connect", -1L)))
                .isEqualTo(new Role.Replica(primary, "connect", -1));
    }

    @Test
    void aReplicaWhosePrimaryHasNoUsableAddressFollowsNobody() {
        assertThat(RoleReply.role(Texts.list("slave", "", 0L, "connect", -1L)))
                .isEqualTo(new Role.Replica(null, "connect", -1));
    }

    @Test
    void refusesEverythingElse() {
        for (Reply reply : List.of(
                Texts.list("sentinel", List.of("mymaster")),
                Texts.list("master", "8128"),
                Texts.list("slave", "127.0.0.1"),
                Texts.list(),
                Texts.reply("master"),
                Texts.nothing(),
                Texts.error("NOPERM"))) {
            assertThatThrownBy(() -> RoleReply.role(reply))
                    .as("%s", reply)
                    .isInstanceOf(Reply.UnreadableException.class);
        }
    }
}
