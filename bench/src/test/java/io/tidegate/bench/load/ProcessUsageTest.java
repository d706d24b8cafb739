package io.tidegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcessUsageTest {
    private static final String STAT = "4711 (%s) S 1 4711 4711 0 -1 4194560 9 0 0 0 123 45 7 8 20 0 5 0 100 1 2";
    private static final String STATUS =
            "Name:\tredis-server\nVmPeak:\t   99999 kB\nVmRSS:\t   20480 kB\nThreads:\t5\n";

    @ParameterizedTest
    @ValueSource(strings = {"redis-server", "a b", ") R 9 9 (", "12 34"})
    void readsTimesAndMemoryWhateverTheProcessIsCalled(String name) throws IOException {
        ProcessUsage usage = ProcessUsage.parse(String.format(STAT, name), STATUS);
        assertThat(usage).isEqualTo(new ProcessUsage(1_680_000_000L, 20L << 20));
    }

    @Test
    void refusesWhatADeadProcessLeaves() {
        assertThatThrownBy(() -> ProcessUsage.parse(STAT, "Name:\tredis-server\nState:\tZ (zombie)\n"))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> ProcessUsage.parse("", STATUS)).isInstanceOf(IOException.class);
    }

    @Test
    void countsTimeSinceThenAndMemoryOfNow() {
        assertThat(new ProcessUsage(50, 7).since(new ProcessUsage(20, 9))).isEqualTo(new ProcessUsage(30, 7));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void seesThisProcessWork() throws IOException {
        long self = ProcessHandle.current().pid();
        ProcessUsage before = ProcessUsage.of(self);
        long sum = 0;
        while (ProcessUsage.of(self).since(before).cpuNanos() == 0) {
            sum++;
        }
        assertThat(sum).isPositive();
        assertThat(before.residentBytes()).isGreaterThan(1 << 20);
    }
}
