package io.tidegate.proxy.cli;

import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.util.List;

/** {@code tidegate reload}: has a running proxy read its configuration again, and shows what that changes. */
final class ReloadCommand implements Command {
    private static final Option DRY_RUN = Option.flag("--dry-run", "Tell only what would change.");

    private final Console console;

    ReloadCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "reload";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Has a running proxy read its configuration again and apply what can be changed without a restart.",
                "Shows each change; exit code 1 if nothing was changed because of a mistake, which is told. The proxy refuses"
                        + " it unless its commands.allow has proxy|reload.");
    }

    @Override
    public List<Option> options() {
        return ProxyConnection.options(DRY_RUN);
    }

    @Override
    public int run(Arguments arguments) throws Misuse, IOException {
        ProxyConnection proxy = ProxyConnection.of(arguments, console.variables());
        String[] words = arguments.has(DRY_RUN)
                ? new String[] {"PROXY", "RELOAD", "DRY", "RUN"}
                : new String[] {"PROXY", "RELOAD"};
        try (RedisCommandClient client = proxy.open()) {
            ProxyConnection.lines(client.command(words)).forEach(console.out()::println);
            return Main.OK;
        } catch (RedisErrorException e) {
            console.err().println(e.getMessage());
            return Main.FAILED;
        }
    }
}
