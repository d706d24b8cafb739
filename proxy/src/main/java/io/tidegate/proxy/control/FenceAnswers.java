package io.tidegate.proxy.control;

import io.tidegate.proxy.dispatch.ControlSignals.FenceAnswer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Who waits for the engine's answer about the fence; each is told, if only that there will be none. On the control loop. */
final class FenceAnswers {
    private static final FenceAnswer ENDED = new FenceAnswer(false, List.of("the control plane has ended"));

    private final Map<Long, Consumer<FenceAnswer>> waiting = new HashMap<>();
    private long requests;
    private boolean closed;

    /** The number under which the answer is to be given. */
    long expect(Consumer<FenceAnswer> answer) {
        requests++;
        if (closed) {
            answer.accept(ENDED);
        } else {
            waiting.put(requests, answer);
        }
        return requests;
    }

    void give(long request, FenceAnswer answer) {
        Consumer<FenceAnswer> asker = waiting.remove(request);
        if (asker != null) {
            asker.accept(answer);
        }
    }

    void close() {
        closed = true;
        List<Consumer<FenceAnswer>> left = List.copyOf(waiting.values());
        waiting.clear();
        left.forEach(asker -> asker.accept(ENDED));
    }
}
