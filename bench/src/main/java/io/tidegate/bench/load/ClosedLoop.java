package io.tidegate.bench.load;

import java.util.List;

/** Sends a connection's next batch when its last one is answered as a whole. */
final class ClosedLoop implements Pacing {
    private final List<Connection> connections;
    private boolean ended;

    /** @param connections of this traffic, complete when it begins */
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
    public void giveUp() {
        // Only replies are counted here.
    }
}
