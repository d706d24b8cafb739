package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the engine is told; once, but for what {@link Event.PatienceChanged} tells anew.
 *
 * @param topology how nodes and claims are found
 * @param fence what must be proven before a reply of the primary is released
 * @param activeFence whether a replaced primary that says primary again is to be paused and demoted
 * @param lagNanosMax {@code max-lag} of level eventual
 * @param silenceNanosMax a node that has not answered for so long serves nothing
 * @param probationNanos how long a replica that was excluded must be well before it serves again
 * @param leaseMarginNanos taken off every lease for the drift between clocks
 * @param tickNanos the time between two ticks; twice that is how far ahead evidence is used, and the longest that may pass
 * @param zone this proxy's own zone; null if none is configured
 * @param zones zone by node, as configured
 * @param nodesMax how many nodes may be known at once; a further one is refused with a {@link Notice.Warning}
 */
public record EngineSettings(
        Topology topology,
        Fence fence,
        boolean activeFence,
        long lagNanosMax,
        long silenceNanosMax,
        long probationNanos,
        long leaseMarginNanos,
        long tickNanos,
        @Nullable String zone,
        Map<NodeAddress, String> zones,
        int nodesMax) {

    public EngineSettings {
        zones = Map.copyOf(zones);
    }

    /** The same, but for how long a node may be silent, and how long a replica must be well again. */
    EngineSettings patience(long newSilenceNanosMax, long newProbationNanos) {
        return new EngineSettings(
                topology,
                fence,
                activeFence,
                lagNanosMax,
                newSilenceNanosMax,
                newProbationNanos,
                leaseMarginNanos,
                tickNanos,
                zone,
                zones,
                nodesMax);
    }

    /** How nodes are found and who says which one is primary. */
    public sealed interface Topology {
        /** Sentinels vote; claims carry their {@code config-epoch}. */
        record Sentinel(String shardName, List<NodeAddress> sentinels) implements Topology {
            public Sentinel {
                sentinels = List.copyOf(sentinels);
            }
        }

        /** A fixed list of nodes; roles by ROLE, succession by history; epochs are numbers local to this proxy. */
        record Static(List<NodeAddress> nodes, Restart restart) implements Topology {
            public Static {
                nodes = List.copyOf(nodes);
            }
        }
    }

    /** What a primary whose process was replaced under the same address is, where nobody votes. */
    public enum Restart {
        /** The primary of the next epoch, whatever it lost: stopping writes brings nothing back. */
        ACCEPT,
        /** Not to be written to before an operator says so. */
        FENCE
    }

    /** Levels of trust, dearest first. */
    public enum Fence {
        /** Confirmation by the sentinels alone: no clock enters, and a reply waits a round trip to them. */
        CONFIRM,
        /** Confirmation by the sentinels, with a lease in between so that a write costs no round trip to them. */
        LEASE,
        /** The node's own word: its role as our own connection sees it. */
        ROLE,
        /** None: whoever answers is believed. */
        OFF
    }
}
