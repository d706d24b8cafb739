package io.tidegate.proxy.cli;

import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidegate check}. */
@Command(
        name = "check",
        description = "Reads a configuration and tells everything that is wrong with it; exit code 2 if anything is.",
        mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, in YAML.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path config;

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws ConfigException {
        ConfigLoader.Loaded loaded = ConfigLoader.load(config, console.variables());
        loaded.warnings().forEach(warning -> console.err().println("warning: " + warning));
        console.out().println(config + ": ok");
        return Main.OK;
    }
}
