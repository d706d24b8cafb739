package io.tidegate.proxy.cli;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidegate serve}. */
@Command(
        name = "serve",
        description = "Runs the proxy until it gets SIGTERM or Ctrl-C.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, in YAML.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path config;

    @Option(
            names = "--json",
            description = "Print one line of JSON on standard output once a primary is found, and nothing else there.")
    private boolean json;

    ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws ConfigException, IOException, InterruptedException {
        ConfigLoader.Loaded loaded = ConfigLoader.load(config, console.variables());
        loaded.warnings().forEach(warning -> console.err().println("warning: " + warning));
        try (Tidegate tidegate = Tidegate.start(loaded.config())) {
            if (!json) {
                console.out().println(ReadyLine.listening(tidegate));
            }
            if (ReadyLine.awaitPrimary(tidegate, console.lifetime())) {
                Map<String, Long> pids =
                        Map.of("tidegate", ProcessHandle.current().pid());
                console.out().println(json ? ReadyLine.json(tidegate, pids) : ReadyLine.text(tidegate));
                console.lifetime().await();
            }
        }
        return Main.OK;
    }
}
