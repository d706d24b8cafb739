package io.tidegate.proxy.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.management.ThreadMXBean;
import io.tidegate.routing.command.CommandArgs;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopKeysTest {
    /** One argument, the key. */
    private record Named(String key) implements CommandArgs {
        @Override
        public int count() {
            return 1;
        }

        @Override
        public int length(int arg) {
            return key.length();
        }

        @Override
        public byte byteAt(int arg, int index) {
            return (byte) key.charAt(index);
        }
    }

    private final TopKeys keys = new TopKeys();

    private void add(String key, long weight) {
        keys.add(new Named(key), 0, "get", weight);
    }

    /** The promise of space-saving, for any stream. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void noWeightIsTooLowAndWhatIsTooMuchIsKnown(long seed) {
        Random random = new Random(seed);
        Map<String, Long> real = new HashMap<>();
        long total = 0;
        for (int i = 0; i < 20_000; i++) {
            // Few keys often, many seldom.
            String key = "key" + (int) (1 / (random.nextDouble() + 0.0005));
            long weight = 1L + random.nextInt(3);
            real.merge(key, weight, Long::sum);
            total += weight;
            add(key, weight);
        }
        TopKeys.Snapshot snapshot = keys.snapshot();
        assertThat(snapshot.total()).isEqualTo(total);
        assertThat(snapshot.keys()).hasSize(TopKeys.PLACES);
        Map<String, TopKeys.Key> kept = new HashMap<>();
        for (TopKeys.Key key : snapshot.keys()) {
            String name = key.begin();
            kept.put(name, key);
            assertThat(real.get(name)).as(name).isBetween(key.weight() - key.excess(), key.weight());
            assertThat(key.largest()).isBetween(1L, 3L);
        }
        long mayBeMissing = total / TopKeys.PLACES;
        assertThat(snapshot.missing()).isLessThanOrEqualTo(mayBeMissing);
        real.forEach((name, weight) -> {
            if (!kept.containsKey(name)) {
                assertThat(weight).as(name).isLessThanOrEqualTo(snapshot.missing());
            }
        });
    }

    @Test
    void whatWasIsWorthLessThanWhatIs() {
        add("yesterday", 100);
        for (int i = 0; i < 5; i++) {
            keys.age();
        }
        add("today", 4);
        assertThat(keys.snapshot().keys().stream().map(TopKeys.Key::weight)).containsExactly(3L, 4L);
        assertThat(keys.snapshot().total()).isEqualTo(7);
    }

    @Test
    void longKeysAreToldApartByWhatIsNotKept() {
        String common = "x".repeat(200);
        add(common + "1", 1);
        add(common + "2", 2);
        add(common + "22", 4);
        assertThat(keys.snapshot().keys())
                .extracting(TopKeys.Key::weight, TopKeys.Key::length)
                .containsExactly(tuple(1L, 201), tuple(2L, 201), tuple(4L, 202));
        assertThat(keys.snapshot().keys().get(0).begin()).hasSize(TopKeys.BYTES_KEPT);
    }

    @Test
    void addingAllocatesNothing() {
        List<Named> names =
                IntStream.range(0, 500).mapToObj(i -> new Named("key" + i)).toList();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        addAll(names);
        addAll(names);
        long before = threads.getCurrentThreadAllocatedBytes();
        addAll(names);
        // What asking itself allocates.
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(500);
    }

    private void addAll(List<Named> names) {
        for (int i = 0; i < names.size(); i++) {
            keys.add(names.get(i), 0, "get", 1);
        }
    }
}
