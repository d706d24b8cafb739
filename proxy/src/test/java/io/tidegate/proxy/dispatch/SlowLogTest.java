package io.tidegate.proxy.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ReadLevel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many entries are kept, whatever a reload makes of their number. */
final class SlowLogTest {
    private final SlowLog log = new SlowLog(3);

    @Test
    void theLatestStayInARingOfAnotherSize() {
        add(5);
        assertThat(ids()).containsExactly(4L, 3L, 2L);
        log.resize(2);
        assertThat(ids()).containsExactly(4L, 3L);
        log.resize(10);
        assertThat(ids()).containsExactly(4L, 3L);
        add(9);
        assertThat(ids()).containsExactly(13L, 12L, 11L, 10L, 9L, 8L, 7L, 6L, 5L, 4L);
        assertThat(log.length()).isEqualTo(10);
        log.reset();
        assertThat(ids()).isEmpty();
    }

    /** An event loop that has not heard of it yet still adds what is slow. */
    @Test
    void noneIsKeptAndWhoeverAddsOneAllTheSameBreaksNothing() {
        add(2);
        log.resize(0);
        add(2);
        assertThat(ids()).isEmpty();
        assertThat(log.length()).isZero();
        log.resize(3);
        add(1);
        assertThat(ids()).containsExactly(4L);
    }

    private void add(int count) {
        for (int i = 0; i < count; i++) {
            log.add(new SlowLog.Entry(
                    log.nextId(), 0, 0, 0, 0, new NodeAddress("a", 1), ReadLevel.SESSION, 1, "get", 2, "k", "c", ""));
        }
    }

    private List<Long> ids() {
        return log.latest(Integer.MAX_VALUE).stream().map(SlowLog.Entry::id).toList();
    }
}
