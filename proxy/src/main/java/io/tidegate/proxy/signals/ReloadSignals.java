package io.tidegate.proxy.signals;

import java.util.List;
import java.util.function.Consumer;

/** How clients have the configuration read again. Called from event loops, so it returns at once. */
public interface ReloadSignals {

    /** Where there is nothing to read. */
    ReloadSignals NONE = (dryRun, answer) ->
            answer.accept(new OperatorAnswer(false, List.of("not reloaded: this proxy was not given a file")));

    /**
     * An operator has changed the configuration.
     *
     * @param dryRun whether to tell only what would change
     * @param answer told once, whatever happens; on a thread of its own or at once
     */
    void ask(boolean dryRun, Consumer<OperatorAnswer> answer);
}
