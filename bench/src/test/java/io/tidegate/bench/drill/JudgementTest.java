package io.tidegate.bench.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JudgementTest {
    private static final Survivor FIRST = new Survivor("127.0.0.1:1", 1_000, 1);
    private static final Survivor SECOND = new Survivor("127.0.0.1:2", 2_000, 2);

    private final Deque<Survivor> settled = new ArrayDeque<>();
    private final List<Survivor> read = new ArrayList<>();

    @Test
    void comparesWithTheSurvivor() throws Exception {
        settled.addAll(List.of(FIRST, FIRST));

        assertThat(judge()).isEqualTo(new Judgement(FIRST, verdicts(FIRST)));
    }

    @Test
    void comparesAgainIfTheSentinelsFailOverMeanwhile() throws Exception {
        settled.addAll(List.of(FIRST, SECOND, SECOND));

        assertThat(judge()).isEqualTo(new Judgement(SECOND, verdicts(SECOND)));
        assertThat(read).containsExactly(FIRST, SECOND);
    }

    @Test
    void comparesAgainIfTheSameServerTookOverTwice() throws Exception {
        Survivor again = new Survivor(FIRST.address(), 3_000, 3);
        settled.addAll(List.of(FIRST, again, again));

        assertThat(judge().survivor()).isEqualTo(again);
    }

    @Test
    void doesNotGoOnForEver() {
        for (int i = 0; i < 10; i++) {
            settled.addAll(List.of(FIRST, SECOND));
        }

        assertThatThrownBy(this::judge).isInstanceOf(IOException.class).hasMessageContaining("judged 5 times");
    }

    private Judgement judge() throws IOException, InterruptedException {
        return Judgement.of(settled::remove, survivor -> {
            read.add(survivor);
            return verdicts(survivor);
        });
    }

    /** Which shows whom it was compared with. */
    private static Map<String, Verdict> verdicts(Survivor survivor) {
        return Map.of(
                "subject",
                new Verdict(survivor.takeovers(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, survivor.takeoverMillis(), Map.of()));
    }
}
