package io.tidegate.proxy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tidegate.proxy.local.SplitNetwork.Side;
import java.io.IOException;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class SplitNetworkIT {
    private static final Duration SHORTLY = Duration.ofMillis(300);

    @Test
    void aCutSideIsReachedByNobodyUntilItIsHealed() throws Exception {
        assumeThat(SplitNetwork.obstacle()).as("network namespaces").isEmpty();
        try (SplitNetwork network = SplitNetwork.create();
                LocalRedis redis = LocalRedis.builder()
                        .replicas(1)
                        .sentinels(0)
                        .places(index -> network.place(index == 0 ? Side.A : Side.B))
                        .start()) {
            RedisProcess far = redis.replicas().get(0);
            network.cut(Side.B);
            assertThatThrownBy(() -> RedisCommandClient.connect(far.address(), SHORTLY))
                    .isInstanceOf(IOException.class);
            assertThat(redis.primary().command("PING").text()).isEqualTo("PONG");
            network.heal(Side.B);
            redis.awaitAgreement();
            assertThat(far.command("PING").text()).isEqualTo("PONG");
        }
    }

    @Test
    void nothingIsLeft() throws Exception {
        assumeThat(SplitNetwork.obstacle()).as("network namespaces").isEmpty();
        Place place;
        try (SplitNetwork network = SplitNetwork.create()) {
            place = network.place(Side.A);
            assertThat(NetworkInterface.getByName(place.launcher().get(3))).isNotNull();
            assertThat(inside(place, "true")).isZero();
        }
        assertThat(NetworkInterface.getByName(place.launcher().get(3))).isNull();
        assertThat(inside(place, "true")).isNotZero();
    }

    private static int inside(Place place, String command) throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(place.launcher());
        line.add(command);
        return new ProcessBuilder(line).start().waitFor();
    }
}
