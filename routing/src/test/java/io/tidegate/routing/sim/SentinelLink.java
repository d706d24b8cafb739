package io.tidegate.routing.sim;

import io.tidegate.routing.NodeAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A sentinel's link to one instance with the stamps that decide whether it is down: {@code instanceLink} of sentinel.c.
 * Milliseconds are the sentinel's own.
 */
final class SentinelLink {
    private static final long RECONNECT_MILLIS = 1000;
    private static final long MIN_LINK_RECONNECT_MILLIS = 15_000;

    private final SimSentinel owner;
    private final SimNetwork network;
    private final NodeAddress to;

    private @Nullable SimConnection connection;
    private boolean connecting;
    private boolean closed;

    /** When the first ping was sent that nobody has answered; 0 if every ping was. */
    private long actPingMillis;

    private long lastPingMillis;
    private long lastAvailMillis;
    private long lastPongMillis;
    private long lastReconnectMillis = -RECONNECT_MILLIS;
    private long connectedMillis;

    SentinelLink(SimSentinel owner, SimNetwork network, NodeAddress to) {
        this.owner = owner;
        this.network = network;
        this.to = to;
        actPingMillis = owner.millis();
        lastAvailMillis = owner.millis();
        lastPongMillis = owner.millis();
    }

    /** Of the same instance at another address: a lost connection is opened again once in a second. */
    void follow(SentinelLink before) {
        lastReconnectMillis = before.lastReconnectMillis;
    }

    boolean connected() {
        return connection != null;
    }

    long sinceAvailMillis() {
        return owner.millis() - lastAvailMillis;
    }

    /** For how long pings have gone unanswered. */
    long silentMillis() {
        if (actPingMillis != 0) {
            return owner.millis() - actPingMillis;
        }
        return connected() ? 0 : owner.millis() - lastAvailMillis;
    }

    void reconnectIfDue() {
        if (connected() || connecting || owner.millis() - lastReconnectMillis < RECONNECT_MILLIS) {
            return;
        }
        lastReconnectMillis = owner.millis();
        connecting = true;
        markPing(); // as Redis does: the ping is on its way as soon as the connection is tried
        network.connect(owner, to, established -> {
            connecting = false;
            if (established != null && closed) {
                established.close(owner);
            } else if (established != null) {
                connection = established;
                connectedMillis = owner.millis();
                established.onClosedAtClient(() -> {
                    if (connection == established) {
                        connection = null;
                    }
                });
                if (established.server() instanceof SimNode node) {
                    established.toServer(() -> node.accepted(established));
                }
                ping();
            }
        });
    }

    void killIfStuck(long downAfterMillis) {
        if (connection != null
                && owner.millis() - connectedMillis > MIN_LINK_RECONNECT_MILLIS
                && actPingMillis != 0
                && owner.millis() - actPingMillis > downAfterMillis / 2
                && owner.millis() - lastPongMillis > downAfterMillis / 2) {
            drop();
        }
    }

    void close() {
        closed = true;
        drop();
    }

    private void drop() {
        if (connection != null) {
            connection.close(owner);
            connection = null;
        }
    }

    void pingIfDue(long periodMillis) {
        if (connected()
                && owner.millis() - lastPongMillis > periodMillis
                && owner.millis() - lastPingMillis > periodMillis / 2) {
            ping();
        }
    }

    private void ping() {
        markPing();
        SimConnection over = connection;
        if (over != null) {
            over.toServer(() -> over.toClient(() -> {
                lastAvailMillis = owner.millis();
                lastPongMillis = owner.millis();
                actPingMillis = 0;
            }));
        }
    }

    private void markPing() {
        lastPingMillis = owner.millis();
        if (actPingMillis == 0) {
            actPingMillis = lastPingMillis;
        }
    }

    /** Runs {@code at} inside the instance, if there is a connection to it. */
    boolean send(Consumer<SimConnection> at) {
        SimConnection over = connection;
        if (over == null) {
            return false;
        }
        over.toServer(() -> at.accept(over));
        return true;
    }
}
