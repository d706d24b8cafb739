package io.tidegate.proxy.dispatch;

import io.tidegate.proxy.upstream.Run;
import io.tidegate.proxy.upstream.UpstreamConnection;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a session whose client does not keep up with its replies: the server has to wait, if nobody else waits
 * for what it sends; if somebody does, or the replies are there already, the client is dropped when they become too many.
 */
final class SlowReader {
    private final Session session;
    /** What is not read until the client has caught up. */
    private @Nullable UpstreamConnection paused;
    /** The client is being dropped, which may take the transport a while. */
    private boolean dropped;

    SlowReader(Session session) {
        this.session = session;
    }

    /** More of the replies to {@code run} went out than its client has room for. Whether it is dropped. */
    boolean dropped(Run run) {
        UpstreamConnection connection = run.connection();
        if (connection != null && connection.pause(session)) {
            paused = connection;
            return false;
        }
        return dropIfTooSlow();
    }

    boolean dropIfTooSlow() {
        DataLoop loop = session.loop;
        if (session.out.pendingBytes() <= session.settings.outputBytesMax()) {
            return false;
        }
        if (!dropped) {
            dropped = true;
            loop.stats().slowClientClosed();
            session.close();
        }
        return true;
    }

    /** The client has caught up, or is gone. */
    void readOn() {
        UpstreamConnection connection = paused;
        if (connection != null) {
            paused = null;
            connection.resume();
        }
    }
}
