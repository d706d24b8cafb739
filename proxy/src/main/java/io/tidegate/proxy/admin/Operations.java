package io.tidegate.proxy.admin;

import io.tidegate.proxy.config.Secret;
import io.tidegate.proxy.dispatch.ControlSignals.FenceAnswer;
import io.tidegate.proxy.dispatch.SwitchoverSignals;
import io.tidegate.routing.NodeAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What can be done from the admin port, and by whom.
 *
 * @param token whoever brings it may; null = nobody
 * @param drain has the process let its clients go and end; returns at once
 */
public record Operations(@Nullable Secret token, SwitchoverSignals switchover, Fence fence, Runnable drain) {
    /** Says who is primary. */
    @FunctionalInterface
    public interface Fence {
        /** Returns at once; {@code answer} is told once, on any thread. */
        void release(NodeAddress node, Consumer<FenceAnswer> answer);
    }

    /** Nothing, by nobody. */
    public static Operations none() {
        return new Operations(null, SwitchoverSignals.NONE, (node, answer) -> {}, () -> {});
    }
}
