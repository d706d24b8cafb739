package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.engine.Event;
import io.tidegate.routing.engine.ReplicationInfo;
import io.tidegate.routing.engine.Role;

/** A proxy's watch over a node: INFO first and now and then, ROLE otherwise. */
final class NodeWatch extends Watch {
    private static final int ROLES_PER_INFO = 10;
    private static final int NONE = -1;

    private int asked;

    /** Of which data the node spoke last over this connection; unknown before it spoke. */
    private int heardDataSet = NONE;

    private boolean heardAsPrimary;

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
        heardDataSet = NONE;
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
            SimNode node = (SimNode) over.server();
            ReplicationInfo info = node.info();
            int dataSet = node.dataSet();
            over.toClient(() -> {
                heard(info.primary(), dataSet);
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
            SimNode node = (SimNode) over.server();
            Role role = node.role();
            int dataSet = node.dataSet();
            over.toClient(() -> {
                heard(role instanceof Role.Primary, dataSet);
                proxy.feed(new Event.NodeRole(to, ofLink, writtenNanos, read(), role));
                proxy.sampled(this);
            });
        });
    }

    private void heard(boolean asPrimary, int dataSet) {
        heardAsPrimary = asPrimary;
        heardDataSet = dataSet;
    }

    /** Whether the node had other data when it said what was heard last, and was given these since. */
    boolean isToHearOf(int dataSet) {
        return heardDataSet != NONE && heardDataSet < dataSet;
    }

    /** Whether it said last that it is primary. */
    boolean heardAsPrimary() {
        return heardDataSet != NONE && heardAsPrimary;
    }

    @Override
    void tellLost(String reason) {
        proxy.feed(new Event.NodeLost(to, link(), reason));
    }
}
