package io.tidegate.proxy.control;

import io.tidegate.proxy.control.Link.Context;
import io.tidegate.routing.NodeAddress;
import io.tidegate.routing.ProbePacer;
import io.tidegate.routing.ProbePacer.Demand;
import io.tidegate.routing.engine.EngineSettings.Topology;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Everything that is watched. How many that are is the engine's limit. Lives on the control loop. */
final class Links {
    private final Context context;
    private final Topology topology;
    private final LeasePace leases;
    private final Map<NodeAddress, NodeLink> nodes = new LinkedHashMap<>();
    private final Map<NodeAddress, SentinelLink> sentinels = new LinkedHashMap<>();
    private final Prober prober;

    Links(Context context, Topology topology, LeasePace leases, ProbePacer pacer, Supplier<Demand> demand) {
        this.context = context;
        this.topology = topology;
        this.leases = leases;
        this.prober = new Prober(
                context.connector().loop(), context.turns(), context.clock(), context.random(), pacer, demand, nodes);
    }

    Prober prober() {
        return prober;
    }

    void watchNode(NodeAddress address) {
        if (!nodes.containsKey(address)) {
            NodeLink link = new NodeLink(context, address, prober);
            nodes.put(address, link);
            link.open();
        }
    }

    void forgetNode(NodeAddress address) {
        NodeLink link = nodes.remove(address);
        if (link != null) {
            link.close();
            context.backend().forgotten(address);
        }
    }

    void watchSentinel(NodeAddress address) {
        if (!(topology instanceof Topology.Sentinel sentinel)) {
            throw new IllegalStateException("sentinel " + address + " in a static topology");
        }
        if (!sentinels.containsKey(address)) {
            SentinelLink link = new SentinelLink(context, address, sentinel.shardName(), leases);
            sentinels.put(address, link);
            link.open();
        }
    }

    void forgetSentinel(NodeAddress address) {
        leases.forget(address);
        SentinelLink link = sentinels.remove(address);
        if (link != null) {
            link.close();
        }
    }

    void askNode(NodeAddress address) {
        NodeLink link = nodes.get(address);
        if (link != null) {
            link.askInfo();
        }
    }

    /** Has the node do something over this very connection, now or not at all. */
    void order(NodeAddress address, long number, Query order) {
        NodeLink link = nodes.get(address);
        if (link != null) {
            link.order(number, order);
        }
    }

    /** Whoever cannot be reached may be again: tries at once. */
    void hurry() {
        nodes.values().forEach(Link::hurry);
        sentinels.values().forEach(Link::hurry);
    }

    List<NodeAddress> sentinels() {
        return List.copyOf(sentinels.keySet());
    }

    void askSentinels() {
        sentinels.values().forEach(SentinelLink::askNow);
    }

    /** Asks this process for its commands; false if it is not, or not yet, known to be at that address. */
    boolean askCommands(NodeAddress address, String runId, Consumer<List<Reply>> consumer) {
        NodeLink link = nodes.get(address);
        return link != null && link.askCommands(runId, consumer);
    }

    void close() {
        prober.close();
        nodes.values().forEach(Link::close);
        sentinels.values().forEach(Link::close);
    }
}
