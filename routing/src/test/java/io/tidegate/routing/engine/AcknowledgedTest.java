package io.tidegate.routing.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.routing.Instants;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Acknowledged.Loss;
import io.tidegate.routing.engine.Acknowledged.Writes;
import io.tidegate.routing.engine.Notice.StreamAtRisk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcknowledgedTest {
    private static final NodeAddress OLD = new NodeAddress("h", 1);
    private static final NodeAddress NEW = new NodeAddress("h", 2);

    private final Acknowledged acknowledged = new Acknowledged();

    @Test
    void withoutASampleUpToTheBranchOnlyTheLowerBoundIsKnown() {
        count(100, 10, 10);
        Loss loss = loss(Instants.UNKNOWN, Instants.FOREVER, writes(200, 20, 20));
        assertThat(loss).isEqualTo(new Loss(0, Instants.FOREVER, Instants.UNKNOWN, 201));
        assertThat(loss.bounded()).isFalse();
    }

    @Test
    void allThatWasNotCountedByTheLastSharedSampleMayBeLost() {
        count(100, 10, 10);
        count(200, 25, 20);
        count(300, 36, 36);
        Writes end = writes(400, 36, 36);
        assertThat(loss(99, Instants.FOREVER, end)).as("before any count").isEqualTo(new Loss(0, 36, 99, 301));
        assertThat(loss(201, Instants.FOREVER, end)).isEqualTo(new Loss(0, 16, 201, 301));
        assertThat(loss(200, Instants.FOREVER, end))
                .as("the count had not ended by then")
                .isEqualTo(new Loss(0, 26, 200, 301));
        assertThat(loss(301, Instants.FOREVER, end)).as("nothing since").isEqualTo(new Loss(0, 0, 301, 301));
    }

    @Test
    void allThatWasSentAfterTheFirstSampleBeyondTheBranchIsLost() {
        count(100, 10, 10);
        count(200, 25, 20);
        count(300, 36, 30);
        Writes end = writes(400, 50, 50);
        assertThat(loss(50, 100, end).least()).as("ten were sent by then").isEqualTo(40);
        assertThat(loss(50, 101, end).least())
                .as("no count for that instant but the next")
                .isEqualTo(25);
        assertThat(loss(50, 300, end).least()).isEqualTo(14);
        assertThat(loss(50, 301, end).least())
                .as("what was sent since is not known")
                .isZero();
    }

    @Test
    void repliesThatMayHaveBeenPassedOnWidenTheInterval() {
        acknowledged.counted(new Writes(100, 10, 4, 7, 101));
        Loss loss = loss(101, 100, new Writes(200, 20, 12, 15, 201));
        assertThat(loss.least()).as("certainly told, and not yet sent").isEqualTo(2);
        assertThat(loss.most()).as("perhaps told, and not certainly before").isEqualTo(11);
    }

    @Test
    void aRestKeepsItsBeginningAndItsEnd() {
        count(100, 10, 10);
        for (int i = 0; i < 5 * Limits.SAMPLES_MAX; i++) {
            count(200 + i, 20, 20);
        }
        Writes end = writes(100_000, 20, 20);
        assertThat(loss(150, Instants.FOREVER, end)).isEqualTo(new Loss(0, 10, 150, 201));
        assertThat(loss(50, 99, end).least()).isEqualTo(10);
        assertThat(loss(201, 99, end)).as("sent in vain, they changed nothing").isEqualTo(new Loss(0, 0, 201, 201));
    }

    /** Against every write on its own, with more of them than are kept as counts. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theTruthIsAlwaysInTheInterval(long seed) {
        Random random = new Random(seed);
        List<long[]> writes = new ArrayList<>(); // sent, executed, told
        long nowNanos = 10;
        for (int i = 0; i < 3 * Limits.SAMPLES_MAX; i++) {
            long sent = nowNanos + random.nextInt(20);
            long executed = sent + 1 + random.nextInt(30);
            writes.add(new long[] {sent, executed, executed + 1 + random.nextInt(30)});
            nowNanos += 10;
            count(nowNanos, told(writes, 0, nowNanos), told(writes, 2, nowNanos));
        }
        Writes end = writes(nowNanos + 100, writes.size(), writes.size());
        for (int i = 0; i < 500; i++) {
            long branch = random.nextLong(nowNanos + 100); // the last instant whose executions survive
            long survived = branch - random.nextInt(50);
            long passed = branch + random.nextInt(50);
            long lost = writes.stream().filter(write -> write[1] > branch).count();
            Loss loss = loss(survived, passed, end);
            assertThat(lost).as("seed %d, branch %d", seed, branch).isBetween(loss.least(), loss.most());
            if (branch > nowNanos - 1_000 && branch < nowNanos - 100) {
                assertThat(loss.most() - loss.least())
                        .as("seed %d, recent", seed)
                        .isLessThan(30);
            }
        }
    }

    @Test
    void aCountThatContradictsItselfIsRefused() {
        assertThatThrownBy(() -> new Writes(1, 5, 5, 4, 2)).hasMessageContaining("told: 5..4");
        assertThatThrownBy(() -> new Writes(2, 5, 4, 4, 1)).hasMessageContaining("between 2 and 1");
    }

    private static long told(List<long[]> writes, int which, long nowNanos) {
        return writes.stream().filter(write -> write[which] <= nowNanos).count();
    }

    private void count(long beforeNanos, long sent, long told) {
        acknowledged.counted(writes(beforeNanos, sent, told));
    }

    private static Writes writes(long beforeNanos, long sent, long told) {
        return new Writes(beforeNanos, sent, told, told, beforeNanos + 1);
    }

    private Loss loss(long survivedNanos, long passedNanos, Writes end) {
        return acknowledged.lossOf(new StreamAtRisk(OLD, NEW, 1, 100, 100, survivedNanos, passedNanos), end);
    }
}
