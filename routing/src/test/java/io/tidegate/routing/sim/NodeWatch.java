package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.Role;

/** A proxy's watch over a node: INFO first and now and then, ROLE otherwise. */
final class NodeWatch extends Watch {
    private static final int ROLES_PER_INFO = 10;

    private int asked;

    NodeWatch(SimProxy proxy, NodeAddress to) {
        super(proxy, to);
    }

    @Override
    void opened() {
        SimConnection over = connection();
        if (over != null) {
            over.toServer(() -> ((SimNode) over.server()).accepted(over));
        }
        asked = 0;
        askInTurn();
    }

    void askInTurn() {
        if (!waiting()) {
            ask();
        }
    }

    /** Whatever else is on its way, unless it was asked since. */
    void askSince(long nanos) {
        if (askedNanos() < nanos) {
            ask();
        }
    }

    private void ask() {
        if (asked++ % ROLES_PER_INFO == 0) {
            askInfo();
        } else {
            askRole();
        }
    }

    void askInfo() {
        SimConnection over = connection();
        if (over == null) {
            return;
        }
        long ofLink = link();
        long writtenNanos = writing();
        over.toServer(() -> {
            ReplicationInfo info = ((SimNode) over.server()).info();
            over.toClient(() -> {
                proxy.feed(new Event.NodeInfo(to, ofLink, writtenNanos, read(), info));
                proxy.sampled(this);
            });
        });
    }

    private void askRole() {
        SimConnection over = connection();
        if (over == null) {
            return;
        }
        long ofLink = link();
        long writtenNanos = writing();
        over.toServer(() -> {
            Role role = ((SimNode) over.server()).role();
            over.toClient(() -> {
                proxy.feed(new Event.NodeRole(to, ofLink, writtenNanos, read(), role));
                proxy.sampled(this);
            });
        });
    }

    @Override
    void tellLost(String reason) {
        proxy.feed(new Event.NodeLost(to, link(), reason));
    }
}
