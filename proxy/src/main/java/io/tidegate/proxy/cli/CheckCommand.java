package io.tidegate.proxy.cli;

import io.tidegate.proxy.Clock;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.metrics.TlsStats;
import io.tidegate.proxy.tls.TlsStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code tidegate check}. */
final class CheckCommand implements Command {
    private static final Option LIVE = Option.flag("--live", "Connect to the sentinels and nodes, too.");

    private final Console console;

    CheckCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "check";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Reads a configuration and tells everything that is wrong with it; exit code 2 if anything is.",
                "With --live it then looks at the sentinels and nodes for a few seconds, changing nothing, and tells what"
                        + " is odd about them; exit code 1 if anything is.");
    }

    @Override
    public List<Option> options() {
        return List.of(ServeCommand.CONFIG, LIVE);
    }

    @Override
    public int run(Arguments arguments) throws ConfigException, InterruptedException {
        Path config = Path.of(arguments.needed(ServeCommand.CONFIG));
        ConfigLoader.Loaded loaded = ConfigLoader.load(config, console.variables());
        loaded.warnings().forEach(warning -> console.err().println("warning: " + warning));
        try (TlsStore tls = TlsStore.open(loaded.config(), new TlsStats(), Clock.start())) {
            console.out().println(config + ": ok");
            boolean well = !arguments.has(LIVE) || new LiveCheck(loaded.config(), tls.upstream(), console).run();
            return well ? Main.OK : Main.FAILED;
        } catch (IOException e) {
            console.err().println(config + ": " + e.getMessage());
            return Main.MISUSED;
        }
    }
}
