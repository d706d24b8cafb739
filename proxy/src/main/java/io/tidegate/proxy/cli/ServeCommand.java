package io.tidegate.proxy.cli;

import io.tidegate.proxy.Tidegate;
import io.tidegate.proxy.config.ConfigException;
import io.tidegate.proxy.config.ConfigLoader;
import io.tidegate.proxy.config.ConfigSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code tidegate serve}. */
final class ServeCommand implements Command {
    static final Option CONFIG = Option.needed("--config", "FILE", "The configuration, in YAML.");

    private static final Option JSON = Option.flag(
            "--json", "Print one line of JSON on standard output once a primary is found, and nothing else there.");

    private final Console console;

    ServeCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "serve";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Runs the proxy until it gets SIGTERM or Ctrl-C; then it lets its clients go.",
                "Upon SIGHUP it reads its configuration again, and applies what can be changed without a restart.");
    }

    @Override
    public List<Option> options() {
        return List.of(CONFIG, JSON);
    }

    @Override
    public int run(Arguments arguments) throws ConfigException, IOException, InterruptedException {
        boolean json = arguments.has(JSON);
        serve(Path.of(arguments.needed(CONFIG)), json, tidegate -> {
            Map<String, Long> pids = Map.of("tidegate", ProcessHandle.current().pid());
            console.out().println(json ? ReadyLine.json(tidegate, pids) : ReadyLine.text(tidegate));
            console.lifetime().await();
        });
        return Main.OK;
    }

    /** What is done with a proxy that has found a primary, before it is drained. */
    interface Use {
        void of(Tidegate tidegate) throws IOException, InterruptedException;
    }

    /**
     * A proxy from its configuration to its end.
     *
     * @param json whether standard output is left to the use of it
     */
    void serve(Path config, boolean json, Use use) throws ConfigException, IOException, InterruptedException {
        HangUp hangUp = HangUp.watched();
        ConfigSource source = ConfigLoader.source(config, console.variables());
        ConfigLoader.Loaded loaded = source.load();
        LogSetUp.apply(loaded.config().log());
        loaded.warnings().forEach(warning -> console.err().println("warning: " + warning));
        try (Tidegate tidegate = Tidegate.start(loaded, source)) {
            console.lifetime().endTakes(tidegate::drainMax);
            tidegate.logsBy(LogSetUp::apply);
            tidegate.whenToldToEnd(console.lifetime()::stop);
            hangUp.tell(tidegate::hangUp);
            if (!json) {
                console.out().println(ReadyLine.listening(tidegate));
            }
            if (ReadyLine.awaitPrimary(tidegate, console.lifetime())) {
                use.of(tidegate);
                tidegate.drain();
            }
        }
    }
}
