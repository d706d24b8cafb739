package io.tidegate.routing.engine;

import io.tidegate.routing.NodeAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that said primary while another one had, or may have, a claim. Such a word stands until the node itself says
 * replica, or it was decided for one of them: that it is out of reach takes nothing back, since it may go on as primary
 * where others reach it.
 */
final class Contenders {
    private final Map<NodeAddress, ReplicationInfo> words = new LinkedHashMap<>();

    /** Takes in what the nodes say now; {@code claimed} is none of them. At most one entry per node that is watched. */
    void look(Iterable<NodeView> nodes, @Nullable NodeAddress claimed) {
        for (NodeView node : nodes) {
            ReplicationInfo word = node.infoAsPrimary();
            if (node.saysReplica() || node.address().equals(claimed)) {
                words.remove(node.address());
            } else if (word != null) {
                words.put(node.address(), word);
            }
        }
    }

    /** What each of them said last as primary, in the order in which they began to. */
    Map<NodeAddress, ReplicationInfo> words() {
        return words;
    }

    List<NodeAddress> nodes() {
        return new ArrayList<>(words.keySet());
    }

    /** It was decided between them. */
    void clear() {
        words.clear();
    }
}
