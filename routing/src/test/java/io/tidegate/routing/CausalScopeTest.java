package io.tidegate.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CausalScopeTest {
    @Test
    void keepsTheLatestWriteWhoeverNotesItLast() {
        CausalScope scope = new CausalScope();
        assertThat(scope.lastWriteNanos()).isEqualTo(Instants.UNKNOWN);

        CompletableFuture<?>[] loops = IntStream.range(0, 4)
                .mapToObj(loop -> CompletableFuture.runAsync(() -> noteRising(scope, loop)))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(loops).join();

        assertThat(scope.lastWriteNanos()).isEqualTo(4 * 9_999 + 3);
    }

    /** What a loop has noted it must find, whatever the others note. */
    private static void noteRising(CausalScope scope, int loop) {
        for (long i = 0; i < 10_000; i++) {
            scope.acknowledged(4 * i + loop);
            assertThat(scope.lastWriteNanos()).isGreaterThanOrEqualTo(4 * i + loop);
        }
    }
}
