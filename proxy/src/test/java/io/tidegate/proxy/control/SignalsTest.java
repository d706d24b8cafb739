package io.tidegate.proxy.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event.DataPlaneSuspicion;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SignalsTest {
    private static final NodeAddress ONE = new NodeAddress("127.0.0.1", 1);
    private static final NodeAddress TWO = new NodeAddress("127.0.0.1", 2);

    private final Deque<Runnable> loop = new ArrayDeque<>();
    private final List<Object> heard = new ArrayList<>();
    private final Signals signals = new Signals(loop::add, new Signals.Receiver() {
        @Override
        public void evidenceWanted(long readNanos) {
            heard.add("evidence " + readNanos);
        }

        @Override
        public void freshnessWanted(long asOfNanos) {
            heard.add("freshness " + asOfNanos);
        }

        @Override
        public void replicationWanted(long readNanos) {
            heard.add("replication " + readNanos);
        }

        @Override
        public void inheritanceWanted(long readNanos) {
            heard.add("inheritance " + readNanos);
        }

        @Override
        public void refusalWanted(NodeAddress replaced) {
            heard.add("refusal " + replaced);
        }

        @Override
        public void suspected(DataPlaneSuspicion suspicion) {
            heard.add(suspicion);
        }

        @Override
        public void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer) {
            heard.add("fence " + release);
        }
    });

    @Test
    void manySignalsBecomeOneOfEachKind() {
        for (int i = 0; i < 1_000; i++) {
            signals.evidenceWanted(i == 500 ? 9_999 : i);
            signals.freshnessWanted(2_000 - i);
            signals.replicationWanted(i);
            signals.inheritanceWanted(i == 500 ? 8_888 : i);
            signals.refusalWanted(i == 999 ? TWO : ONE);
            signals.suspect(ONE, 3, "seen " + i);
        }
        assertThat(loop).hasSize(1);
        loop.remove().run();
        assertThat(heard)
                .containsExactly(
                        new DataPlaneSuspicion(ONE, 3, "seen 0"),
                        "evidence 9999",
                        "freshness 2000",
                        "replication 999",
                        "inheritance 8888",
                        "refusal " + TWO);
        assertThat(loop).isEmpty();
    }

    @Test
    void aSignalAfterTheDrainIsHeardToo() {
        signals.evidenceWanted(7);
        loop.remove().run();
        signals.evidenceWanted(5); // lower than one that was heard; it may be the only one left waiting
        loop.remove().run();
        assertThat(heard).containsExactly("evidence 7", "evidence 5");
    }

    @Test
    void aSuspicionUnderALaterEpochTakesThePlaceOfAnEarlierOne() {
        signals.suspect(ONE, 3, "closed");
        signals.suspect(TWO, 4, "READONLY");
        signals.suspect(ONE, 3, "closed again");
        loop.remove().run();
        assertThat(heard).containsExactly(new DataPlaneSuspicion(TWO, 4, "READONLY"));
    }

    @Test
    void aClosedControlPlaneIsToldInVain() {
        Signals closed = new Signals(
                task -> {
                    throw new RejectedExecutionException("closed");
                },
                new Signals.Receiver() {
                    @Override
                    public void evidenceWanted(long readNanos) {
                        throw new AssertionError();
                    }

                    @Override
                    public void freshnessWanted(long asOfNanos) {
                        throw new AssertionError();
                    }

                    @Override
                    public void replicationWanted(long readNanos) {
                        throw new AssertionError();
                    }

                    @Override
                    public void inheritanceWanted(long readNanos) {
                        throw new AssertionError();
                    }

                    @Override
                    public void refusalWanted(NodeAddress replaced) {
                        throw new AssertionError();
                    }

                    @Override
                    public void suspected(DataPlaneSuspicion suspicion) {
                        throw new AssertionError();
                    }

                    @Override
                    public void fenceAsked(@Nullable NodeAddress release, Consumer<OperatorAnswer> answer) {
                        throw new AssertionError();
                    }
                });
        closed.evidenceWanted(1);
        closed.freshnessWanted(1);
        closed.replicationWanted(1);
        closed.inheritanceWanted(1);
        closed.refusalWanted(ONE);
        closed.suspect(ONE, 1, "closed");
        List<OperatorAnswer> answers = new ArrayList<>();
        closed.fenceAsked(ONE, answers::add);
        assertThat(answers).singleElement().matches(answer -> !answer.done());
        assertThat(heard).isEmpty();
    }
}
