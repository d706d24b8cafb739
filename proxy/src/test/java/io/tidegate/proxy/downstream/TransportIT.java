package io.tidegate.proxy.downstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.proxy.local.LocalRedis;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.loop.Transport;
import io.tidegate.routing.ReadLevel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each way to do I/O has its own way to read; whatever the sizes, every byte is in its place. */
class TransportIT {
    private static final int VALUES = 60;

    @ParameterizedTest
    @EnumSource(Transport.class)
    void valuesOfAllSizesGoThroughWhole(Transport transport) throws IOException {
        assumeTrue(transport.unavailabilityCause() == null, () -> transport + " is not to be had here");
        try (LocalRedis redis = HandFedProxy.servers(0);
                HandFedProxy proxy =
                        new HandFedProxy(HandFedProxy.Options.with(options -> options.transport = transport))) {
            proxy.primary(1, redis.primary());
            try (RedisCommandClient writer = proxy.connect(ReadLevel.SESSION);
                    RedisCommandClient reader = proxy.connect(ReadLevel.SESSION)) {
                List<String> values = values(new Random(1));
                for (int i = 0; i < VALUES; i++) {
                    writer.write("SET", "k" + i, values.get(i));
                }
                for (int i = 0; i < VALUES; i++) {
                    assertThat(writer.read().text()).isEqualTo("OK");
                }
                for (int i = 0; i < VALUES; i++) {
                    reader.write("GET", "k" + i);
                }
                for (int i = 0; i < VALUES; i++) {
                    // Not isEqualTo, which would print megabytes.
                    assertThat(reader.read().text().equals(values.get(i)))
                            .as("value %d of %d bytes", i, values.get(i).length())
                            .isTrue();
                }
            }
        }
    }

    /** From empty to 2 MiB, around the sizes at which reading and writing change their ways. */
    private static List<String> values(Random random) {
        int[] about = {0, 1, 500, 4_096, 16_384, 32_768, 65_536, 131_072, 1 << 21};
        List<String> values = new ArrayList<>();
        for (int i = 0; i < VALUES; i++) {
            int length = Math.max(0, about[i % about.length] + random.nextInt(64) - 48);
            StringBuilder value = new StringBuilder(length);
            while (value.length() < length) {
                value.append((char) ('!' + random.nextInt(90)));
            }
            values.add(value.toString());
        }
        return values;
    }
}
