package io.tidegate.proxy.cli;

import io.tidegate.protocol.RespValue;
import io.tidegate.proxy.local.RedisCommandClient;
import io.tidegate.proxy.local.RedisErrorException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code tidegate switchover}: has a running proxy change the primary, and shows the steps while they are taken. One
 * connection waits for the answer, another asks how far it is.
 */
final class SwitchoverCommand implements Command {
    private static final Option TO =
            Option.value("--to", "HOST:PORT", "Who is to be primary; default: any that is fit.");
    private static final Option DRY_RUN = Option.flag("--dry-run", "Tell only what would speak against it.");
    private static final long LOOK_MILLIS = 100;

    private final Console console;

    SwitchoverCommand(Console console) {
        this.console = console;
    }

    @Override
    public String name() {
        return "switchover";
    }

    @Override
    public List<String> description() {
        return List.of(
                "Has a running proxy make another node primary, without an error to any client.",
                "Shows each step as it is taken; exit code 1 unless it was done. The proxy refuses it unless its"
                        + " commands.allow has proxy|switchover.");
    }

    @Override
    public List<Option> options() {
        return ProxyConnection.options(TO, DRY_RUN);
    }

    @Override
    public int run(Arguments arguments) throws Misuse, IOException, InterruptedException {
        ProxyConnection proxy = ProxyConnection.of(arguments, console.variables());
        List<String> words = new ArrayList<>(List.of("PROXY", "SWITCHOVER"));
        String to = arguments.value(TO);
        if (to != null) {
            words.addAll(List.of("TO", ProxyConnection.address(TO, to).toString()));
        }
        if (arguments.has(DRY_RUN)) {
            words.addAll(List.of("DRY", "RUN"));
        }
        try (RedisCommandClient asking = proxy.open();
                RedisCommandClient looking = proxy.open()) {
            return switched(asking, looking, words.toArray(String[]::new));
        } catch (RedisErrorException e) { // because commands of the name are not known there
            throw proxy.failed(e);
        }
    }

    private int switched(RedisCommandClient asking, RedisCommandClient looking, String... words)
            throws IOException, InterruptedException {
        List<String> before = ProxyConnection.lines(looking.command("PROXY", "SWITCHOVER", "STATUS"));
        CompletableFuture<RespValue> answer = new CompletableFuture<>();
        Thread waiting = new Thread(() -> answer(asking, words, answer), "switchover");
        waiting.setDaemon(true);
        waiting.start();
        int shown = 0;
        while (!answered(answer)) {
            List<String> steps = ProxyConnection.lines(looking.command("PROXY", "SWITCHOVER", "STATUS"));
            if (!steps.equals(before)) {
                before = List.of();
                shown = show(steps, shown);
            }
        }
        try {
            show(ProxyConnection.lines(answer.get()), shown);
            return Main.OK;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisErrorException error) {
                console.err().println(error.getMessage());
                return Main.FAILED;
            }
            throw new IOException("the proxy's answer was not heard (PROXY SWITCHOVER STATUS): " + e.getCause(), e);
        }
    }

    private static void answer(RedisCommandClient asking, String[] words, CompletableFuture<RespValue> answer) {
        try {
            answer.complete(asking.command(words));
        } catch (IOException | RuntimeException e) {
            answer.completeExceptionally(e);
        }
    }

    private static boolean answered(CompletableFuture<RespValue> answer) throws InterruptedException {
        try {
            answer.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            return true; // told where it is asked for
        }
    }

    private int show(List<String> steps, int shown) {
        for (String step : steps.subList(Math.min(shown, steps.size()), steps.size())) {
            console.out().println(step);
        }
        return Math.max(shown, steps.size());
    }
}
