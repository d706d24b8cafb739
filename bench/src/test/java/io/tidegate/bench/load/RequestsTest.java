package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.tidegate.protocol.Limits;
import io.tidegate.protocol.RequestScanner;
import io.tidegate.protocol.RequestScanner.Status;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestsTest {
    @ParameterizedTest
    @CsvSource({"1, 16, 0", "16, 16, 20", "64, 64, 100", "7, 65536, 50", "1, 0, 50", "2000, 16, 50"})
    void everyBatchIsAPipelineAndEveryKeyHasItsTurn(int pipeline, int valueBytes, int setPercent) {
        Traffic traffic = new Traffic(3, pipeline, valueBytes, setPercent);
        List<String> names = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        try (Requests requests = new Requests(traffic, false)) {
            for (int i = 0; i < requests.size(); i++) {
                ByteBuf batch = requests.batch(i);
                assertThat(read(batch, valueBytes, names, keys)).isEqualTo(pipeline);
                batch.release();
            }
            assertThat(keys).hasSize(traffic.keys()).allMatch(key -> key.length() == 16);
            double share = 100.0 * names.stream().filter("SET"::equals).count() / names.size();
            assertThat(share).isBetween(setPercent * 0.8, setPercent * 1.2);
        }
    }

    @Test
    void batchesComeRoundAndBelongToWhoGotThem() {
        Requests requests = new Requests(new Traffic(1, 10, 16, 50), false);
        ByteBuf first = requests.batch(0);
        ByteBuf again = requests.batch(requests.size());
        assertThat(again).isEqualTo(first);
        first.release();
        again.release();
        requests.close();
        assertThat(again.refCnt()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0, 1, 16, 0", "1, 0, 16, 0", "1, 1, -1, 0", "1, 1, 16, 101", "1, 10000, 65536, 0"})
    void refusesImpossibleTraffic(int connections, int pipeline, int valueBytes, int setPercent) {
        assertThatThrownBy(() -> new Traffic(connections, pipeline, valueBytes, setPercent))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ");
    }

    private static int read(ByteBuf batch, int valueBytes, List<String> names, Set<String> keys) {
        RequestScanner scanner = new RequestScanner(Limits.redisDefaults());
        int count = 0;
        int at = batch.readerIndex();
        for (; scanner.next(batch, at, batch.writerIndex()) == Status.COMMAND; at = scanner.end()) {
            String name = batch.toString(scanner.argOffset(0), scanner.argLength(0), US_ASCII);
            names.add(name);
            keys.add(batch.toString(scanner.argOffset(1), scanner.argLength(1), US_ASCII));
            assertThat(scanner.argCount()).isEqualTo(name.equals("SET") ? 3 : 2);
            if (name.equals("SET")) {
                assertThat(scanner.argLength(2)).isEqualTo(valueBytes);
            }
            count++;
        }
        assertThat(at).isEqualTo(batch.writerIndex());
        return count;
    }
}
