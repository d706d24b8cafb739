package io.tidegate.proxy.dispatch;

import io.tidegate.routing.NodeAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How clients have the control plane change the primary. Called from event loops, so it returns at once. */
public interface SwitchoverSignals {

    /** Where nobody can. */
    SwitchoverSignals NONE = new SwitchoverSignals() {
        @Override
        public void ask(@Nullable NodeAddress to, boolean dryRun, Consumer<Answer> answer) {
            answer.accept(new Answer(false, List.of("not switched: there is no control plane")));
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
    void ask(@Nullable NodeAddress to, boolean dryRun, Consumer<Answer> answer);

    /** The steps of the one that is under way, or of the last; none if there was none. */
    List<String> steps();

    /**
     * What came of it.
     *
     * @param lines its steps and what clients felt; if it was not done as asked, one line that says why and how things stand
     */
    record Answer(boolean done, List<String> lines) {
        public Answer {
            lines = List.copyOf(lines);
        }
    }
}
