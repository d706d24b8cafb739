package io.tidegate.routing.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One TCP connection: what is sent arrives in order, or the connection ends. A partition holds everything back, as
 * retransmission does; the end of a process reaches its peer behind what the process had sent. Messages are closures that
 * run inside the receiving process.
 */
final class SimConnection {
    private final SimNetwork network;
    private final End client;
    private final End server;

    /** Something that arrives, not before its time and not before what was sent before it. */
    private record Arrival(long atNanos, Runnable what) {}

    /** One end, with what is on its way to it. */
    private static final class End {
        private final SimProcess process;
        private final int life;
        private final Deque<Arrival> underWay = new ArrayDeque<>();
        private Runnable onClosed = () -> {};

        /** Looks what is due; the same for all that is on its way. */
        private Runnable arrivals = () -> {};

        private boolean open = true;
        private boolean clogged;
        private long lastArrivalNanos;

        End(SimProcess process) {
            this.process = process;
            this.life = process.life();
        }
    }

    SimConnection(SimNetwork network, SimProcess client, SimProcess server) {
        this.network = network;
        this.client = new End(client);
        this.server = new End(server);
        this.client.arrivals = () -> arrive(this.server, this.client);
        this.server.arrivals = () -> arrive(this.client, this.server);
    }

    SimProcess client() {
        return client.process;
    }

    SimProcess server() {
        return server.process;
    }

    boolean isBetween(SimProcess a, SimProcess b) {
        return (client.process == a && server.process == b) || (client.process == b && server.process == a);
    }

    boolean over() {
        return !client.open && !server.open;
    }

    /** Whether the server has ended it, and the client does not know yet. */
    boolean endIsUnderWay() {
        return client.open && !server.open;
    }

    /** What the client does when the connection has ended on it. */
    void onClosedAtClient(Runnable action) {
        client.onClosed = action;
    }

    void onClosedAtServer(Runnable action) {
        server.onClosed = action;
    }

    /** From here on what is sent to this end is taken, and does not arrive. */
    void clog(boolean atClient) {
        (atClient ? client : server).clogged = true;
    }

    /** All of it arrives at once. */
    void unclog() {
        client.clogged = false;
        server.clogged = false;
        resume();
    }

    void toServer(Runnable message) {
        send(client, server, 0, message);
    }

    void toClient(Runnable message) {
        send(server, client, 0, message);
    }

    /** As {@link #toClient}, over a link that takes this much longer. */
    void toClient(long extraNanos, Runnable message) {
        send(server, client, extraNanos, message);
    }

    private void send(End from, End to, long extraNanos, Runnable message) {
        if (from.open) {
            transmit(
                    from,
                    to,
                    extraNanos,
                    () -> to.process.inside(to.life, () -> {
                        if (to.open) {
                            message.run();
                        }
                    }));
        }
    }

    private void transmit(End from, End to, long extraNanos, Runnable arrival) {
        long earliest = network.queue().nowNanos() + network.delayNanos(from.process, to.process) + extraNanos;
        to.lastArrivalNanos = Math.max(to.lastArrivalNanos + 1, earliest);
        to.underWay.add(new Arrival(to.lastArrivalNanos, arrival));
        network.queue().at(to.lastArrivalNanos, to.arrivals);
    }

    /** Whatever is due arrives, in order, unless the network is cut. */
    private void arrive(End from, End to) {
        while (!to.clogged
                && !to.underWay.isEmpty()
                && to.underWay.element().atNanos() <= network.queue().nowNanos()
                && !network.cut(from.process, to.process)) {
            Arrival next = to.underWay.remove();
            if (to.process.life() == to.life) {
                next.what().run();
            } else {
                reset(from);
            }
        }
    }

    /** The network between the two carries again. */
    void resume() {
        long delayNanos = network.delayNanos(client.process, server.process);
        network.queue().after(delayNanos, server.arrivals);
        network.queue().after(delayNanos, client.arrivals);
    }

    /** The process at one end closes: its peer hears of it after all that was sent before. */
    void close(SimProcess by) {
        End here = by == client.process ? client : server;
        End there = here == client ? server : client;
        if (here.open) {
            here.open = false;
            transmit(here, there, 0, () -> reset(there));
        }
    }

    /**
     * The process at one end resets it: what has been held up on its way to the peer is not sent again, and never arrives; the
     * rest does before the end.
     */
    void abort(SimProcess by) {
        End there = by == client.process ? server : client;
        there.underWay.removeIf(arrival -> arrival.atNanos() <= network.queue().nowNanos());
        close(by);
    }

    /** Something between the two, or the kernel of a process that is gone, ends the connection. */
    void reset() {
        transmit(server, client, 0, () -> reset(client));
        transmit(client, server, 0, () -> reset(server));
    }

    private void reset(End end) {
        end.process.inside(end.life, () -> {
            if (end.open) {
                end.open = false;
                end.onClosed.run();
            }
        });
        if (end.process.life() != end.life) {
            end.open = false;
        }
    }
}
