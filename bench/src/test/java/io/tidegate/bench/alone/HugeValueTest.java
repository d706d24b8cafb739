package io.tidegate.bench.alone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.proxy.local.LocalRedis;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(120)
class HugeValueTest {
    private static final int MOMENT_BYTES = 64 << 20;

    @Test
    void setsAndGetsWhateverTheLength() throws Exception {
        try (LocalRedis redis = LocalRedis.builder().replicas(0).sentinels(0).start();
                HugeValue client = new HugeValue(redis.primary().address())) {
            for (long bytes : new long[] {0, 1, 1 << 20, (3 << 20) + 7}) {
                client.set(bytes);
                client.get(bytes);
            }
            assertThatThrownBy(() -> client.get(8))
                    .isInstanceOf(IOException.class)
                    .hasMessage("GET of 8 bytes: $" + ((3 << 20) + 7));
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void seesMemoryThatWasTakenForAMomentOnly() throws Exception {
        try (PeakMemory memory = new PeakMemory(ProcessHandle.current().pid())) {
            long taken = memory.before() + MOMENT_BYTES / 2;
            ByteBuf moment = Unpooled.directBuffer(MOMENT_BYTES);
            try {
                // Touched, or the kernel gives no memory for it; looked for until it was seen.
                while (memory.peak() < taken) {
                    moment.setZero(0, MOMENT_BYTES);
                }
            } finally {
                moment.release();
            }
            assertThat(memory.peak()).isGreaterThanOrEqualTo(taken);
        }
    }
}
