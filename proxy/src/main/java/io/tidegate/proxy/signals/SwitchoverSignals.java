package io.tidegate.proxy.signals;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How clients have the control plane change the primary. Called from event loops, so it returns at once. */
public interface SwitchoverSignals {

    /** Where nobody can. */
    SwitchoverSignals NONE = new SwitchoverSignals() {
        @Override
        public void ask(@Nullable NodeAddress to, boolean dryRun, Consumer<OperatorAnswer> answer) {
            answer.accept(new OperatorAnswer(false, List.of("not switched: there is no control plane")));
        }

        @Override
        public List<String> steps() {
            return List.of();
        }
    };

    /**
     * An operator wants another node to be primary.
     *
     * @param to which; null if any that is fit will do
     * @param dryRun whether to find out only what speaks against it
     * @param answer told once, when it is over, whatever happens; on the control plane's thread or at once
     */
    void ask(@Nullable NodeAddress to, boolean dryRun, Consumer<OperatorAnswer> answer);

    /** The steps of the one that is under way, or of the last; none if there was none. */
    List<String> steps();
}
