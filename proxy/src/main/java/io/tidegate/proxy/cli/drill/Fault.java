package io.tidegate.proxy.cli.drill;

import java.io.IOException;
import java.util.List;

/** Something that breaks the primary, or has it replaced. */
interface Fault {
    /**
     * What came of it.
     *
     * @param done whether it was made, as far as whoever made it says
     * @param text in one line
     * @param output what was printed, its last lines
     */
    record Result(boolean done, String text, List<String> output) {
        public Result {
            output = List.copyOf(output);
        }
    }

    /**
     * Makes it, once.
     *
     * @throws IOException if nobody could be told to
     */
    Result make() throws IOException, InterruptedException;
}
