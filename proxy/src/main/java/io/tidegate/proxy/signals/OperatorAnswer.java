package io.tidegate.proxy.signals;

import java.util.List;

/**
 * What came of what an operator asked for.
 *
 * @param lines what was done, or how things stand; why, and how they stand then, if it was not
 */
public record OperatorAnswer(boolean done, List<String> lines) {
    public OperatorAnswer {
        lines = List.copyOf(lines);
    }
}
