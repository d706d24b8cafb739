package io.tidegate.proxy.control;

import io.tidegate.proxy.signals.OperatorAnswer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Who waits for the engine's answer about the fence; each is told, if only that there will be none. On the control loop. */
final class FenceAnswers {
    private static final OperatorAnswer ENDED = new OperatorAnswer(false, List.of("the control plane has ended"));

    private final Map<Long, Consumer<OperatorAnswer>> waiting = new HashMap<>();
    private long requests;
    private boolean closed;

    /** The number under which the answer is to be given. */
    long expect(Consumer<OperatorAnswer> answer) {
        requests++;
        if (closed) {
            answer.accept(ENDED);
        } else {
            waiting.put(requests, answer);
        }
        return requests;
    }

    void give(long request, OperatorAnswer answer) {
        Consumer<OperatorAnswer> asker = waiting.remove(request);
        if (asker != null) {
            asker.accept(answer);
        }
    }

    void close() {
        closed = true;
        List<Consumer<OperatorAnswer>> left = List.copyOf(waiting.values());
        waiting.clear();
        left.forEach(asker -> asker.accept(ENDED));
    }
}
