package io.tidegate.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisProcess;
import io.tidegate.routing.ReadLevel.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that have not said who they are, to servers that serve whoever connects: for them, too, a failover is a pause. */
@Timeout(120)
class StrangersFailoverIT {
    @Test
    void whoWasThereAndWhoComesMeanwhileAreServed() throws Exception {
        try (Stack stack = Stack.start("clients: {auth: passthrough}");
                RedisCommandClient before = stack.connect(Kind.SESSION);
                RedisCommandClient meanwhile = stack.connect(Kind.STRONG)) {
            before.command("SET", "k", "before");
            RedisProcess old = stack.primary();
            assertThat(old).isNotNull();
            old.kill();
            meanwhile.write("GET", "k");
            assertThat(before.command("SET", "k", "after").text()).isEqualTo("OK");
            assertThat(meanwhile.read().text()).isIn("before", "after");
            assertThat(stack.primary()).isNotNull().isNotEqualTo(old);
            assertThat(before.command("ACL", "WHOAMI").text()).isEqualTo("default");
        }
    }
}
