package io.tidegate.proxy.admin;

import io.tidegate.proxy.config.Secret;
import io.tidegate.proxy.signals.OperatorAnswer;
import io.tidegate.proxy.signals.SwitchoverSignals;
import io.tidegate.routing.NodeAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What can be done from the admin port, and by whom.
 *
 * @param token whoever brings it may, of those who come from then on; null = nobody
 * @param drain has the process let its clients go and end; returns at once
 */
public record Operations(Token token, SwitchoverSignals switchover, Fence fence, Runnable drain) {
    /** What has to be brought. */
    @FunctionalInterface
    public interface Token {
        /** The one that is good now; null if there is none. */
        @Nullable Secret now();
    }

    /** Says who is primary. */
    @FunctionalInterface
    public interface Fence {
        /** Returns at once; {@code answer} is told once, on any thread. */
        void release(NodeAddress node, Consumer<OperatorAnswer> answer);
    }

    /** Nothing, by nobody. */
    public static Operations none() {
        return new Operations(() -> null, SwitchoverSignals.NONE, (node, answer) -> {}, () -> {});
    }
}
