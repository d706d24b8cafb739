package io.tidegate.proxy.cli;

import io.tidegate.proxy.config.ConfigException;
import java.io.IOException;
import java.util.List;

/** Something that the program can be asked to do by name. */
interface Command {
    String name();

    /** What it does, in paragraphs. */
    List<String> description();

    /** What may follow its name, besides {@link Option#HELP} and {@link Option#VERSION}. */
    List<Option> options();

    /**
     * Does it and returns the exit code.
     *
     * @throws Misuse if arguments contradict one another or have values that nobody can use
     */
    int run(Arguments arguments) throws Misuse, ConfigException, IOException, InterruptedException;
}
