package io.tidegate.proxy.control;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.SwitchoverSignals;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One switchover at a time, on the control loop; asked for and asked about from any thread. */
final class Switchovers implements SwitchoverSignals {
    private static final OperatorAnswer ENDED =
            new OperatorAnswer(false, List.of("not switched: the control plane has ended"));

    private final Connector connector;
    private final Clock clock;
    private final ControlLoop loop;
    private final FailoverTimeline timeline;
    private final Topology topology;
    private Consumer<String> ended = outcome -> {};

    /** What is under way; null if nothing is. */
    private @Nullable Switchover current;

    private boolean closed;

    /** Of the current or the last one; written on the control loop. */
    private volatile List<String> steps = List.of();

    Switchovers(Connector connector, Clock clock, ControlLoop loop, FailoverTimeline timeline, Topology topology) {
        this.connector = connector;
        this.clock = clock;
        this.loop = loop;
        this.timeline = timeline;
        this.topology = topology;
    }

    void onEnd(Consumer<String> consumer) {
        ended = consumer;
    }

    @Override
    public void ask(@Nullable NodeAddress to, boolean dryRun, Consumer<OperatorAnswer> answer) {
        try {
            connector.loop().execute(() -> begin(to, dryRun, answer));
        } catch (RejectedExecutionException e) {
            answer.accept(ENDED);
        }
    }

    @Override
    public List<String> steps() {
        return steps;
    }

    /** What is under way is given up as it stands: pauses run out by themselves. On the control loop. */
    void close() {
        closed = true;
        if (current != null) {
            current.close();
        }
    }

    private void begin(@Nullable NodeAddress to, boolean dryRun, Consumer<OperatorAnswer> answer) {
        if (closed) {
            answer.accept(ENDED);
        } else if (current != null) {
            answer.accept(new OperatorAnswer(false, List.of("not switched: another switchover is under way")));
        } else {
            steps = List.of();
            current = new Switchover(
                    connector,
                    clock,
                    loop,
                    timeline,
                    topology instanceof Topology.Sentinel sentinel ? sentinel.shardName() : null,
                    to,
                    lines -> steps = lines,
                    (told, outcome) -> {
                        current = null;
                        if (!dryRun) {
                            ended.accept(outcome);
                        }
                        answer.accept(told);
                    });
            current.begin(dryRun);
        }
    }
}
