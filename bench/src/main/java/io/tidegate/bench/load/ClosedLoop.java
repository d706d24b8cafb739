package io.tidegate.bench.load;

import io.tidegate.bench.load.LoadResult.Latencies;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sends a connection's next batch when its last one is answered as a whole. */
final class ClosedLoop implements Pacing {
    private final List<Connection> connections;
    private boolean ended;

    /** @param connections of the run, complete when it begins */
    ClosedLoop(List<Connection> connections) {
        this.connections = connections;
    }

    @Override
    public void begin() {
        connections.forEach(Connection::send);
    }

    @Override
    public void replied(Connection connection, int replies) {
        if (connection.unanswered() == 0 && !ended) {
            connection.send();
        }
    }

    @Override
    public void end(Runnable finished) {
        ended = true;
        finished.run();
    }

    @Override
    public @Nullable Latencies latencies() {
        return null;
    }
}
